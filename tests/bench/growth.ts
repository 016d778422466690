/** How costs grow with the number of services: seconds, requests to the API server, memory of the engine. */
import path from "node:path";
import { engineCli, measure, table, type Measured } from "./measure.ts";

const project = path.join(import.meta.dirname, "services");

interface Document {
    readonly requests: { readonly reads: number; readonly writes: number; readonly watches: number };
    readonly counts: Readonly<Record<string, number>>;
}

interface Row extends Document, Measured {
    readonly kind: string;
    readonly services: number;
}

/** Prints the table; `env` names the cluster and where states go. */
export async function growth(sizes: readonly number[], env: Readonly<Record<string, string>>): Promise<void> {
    const rows: Row[] = [];
    const run = async (kind: string, services: number, command: string, ...config: string[]): Promise<void> => {
        const settings = [`services=${services}`, ...config].flatMap((setting) => ["--config", setting]);
        const common = [engineCli, command, "--cwd", project, "--stack", "bench", "--yes", "--json"];
        const args = command === "destroy" ? common : [...common, ...settings];
        const measured = await measure(process.execPath, args, { env });
        rows.push({ kind, services, ...measured, ...(JSON.parse(measured.stdout) as Document) });
    };
    for (const services of sizes) {
        process.stderr.write(`growth: ${services} services\n`);
        await run("first up", services, "up");
        await run("preview, unchanged", services, "preview");
        await run("up, unchanged", services, "up");
        await run("up, one change", services, "up", "version=v2");
        await run("destroy", services, "destroy");
    }
    const kinds = [...new Set(rows.map(({ kind }) => kind))];
    table(
        ["growth", "services", "seconds", "CPU s", "CPU per further service", "reads", "writes", "watches", "MiB"],
        kinds.flatMap((kind) => {
            const series = rows.filter((row) => row.kind === kind);
            return series.map((row, index) => [
                index === 0 ? kind : "",
                String(row.services),
                row.seconds.toFixed(2),
                row.cpu.toFixed(2),
                marginal(series[index - 1], row),
                ...[row.requests.reads, row.requests.writes, row.requests.watches].map(String),
                row.peakMemory.toFixed(0),
            ]);
        }),
    );
}

/** What each further service costs: it must not rise with their number. */
function marginal(before: Row | undefined, row: Row): string {
    if (before === undefined) return "";
    return `${(((row.cpu - before.cpu) / (row.services - before.services)) * 1000).toFixed(0)} ms`;
}
