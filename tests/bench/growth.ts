/** How costs grow with the number of services: seconds, memory of the CLI. */
import path from "node:path";
import { benchStack } from "./cli.ts";
import type { Measured } from "./measure.ts";
import type { Aim, Section } from "./page.ts";

const project = path.join(import.meta.dirname, "services");

interface Row extends Measured {
    readonly kind: string;
    readonly services: number;
}

/** How much more a further service may cost among many than among few. */
const bound = 1.2;

/** `fresh` gives an empty cluster, as the environment of the CLI. */
export async function growth(
    sizes: readonly number[],
    scratch: string,
    fresh: () => Promise<Readonly<Record<string, string>>>,
): Promise<Section> {
    const rows: Row[] = [];
    for (const services of sizes) {
        const env = await fresh();
        const stack = await benchStack(path.join(scratch, String(services)), {
            ...{ cwd: project, project: "bench-services", stack: "bench", env },
            config: { "bench-services:services": services },
        });
        const run = async (kind: string, args: readonly string[], config = {}): Promise<void> => {
            rows.push({ kind, services, ...(await stack.run(args, config)) });
        };
        process.stderr.write(`growth: ${services} services\n`);
        const update = ["up", "--yes", "--skip-preview"];
        await run("first up", update);
        await run("preview, unchanged", ["preview"]);
        await run("up, unchanged", update);
        await run("up, one change", update, { "bench-services:version": "v2" });
    }
    const series = [...Map.groupBy(rows, ({ kind }) => kind)];
    return {
        title: "Growth",
        about:
            "Programs of so many services, each a Deployment, Service, Ingress, HorizontalPodAutoscaler, NetworkPolicy and " +
            "PodDisruptionBudget. MiB is the most memory of the CLI's own process, which writes the whole state after each " +
            "object that it has made.",
        tables: [
            {
                head: ["run", "services", "seconds", "CPU s", "per further service", "MiB"],
                rows: series.flatMap(([kind, own]) =>
                    own.map((row, index) => [
                        kind,
                        String(row.services),
                        row.seconds.toFixed(2),
                        row.cpu.toFixed(2),
                        index === 0 ? "" : `${marginal(own[index - 1]!, row).toFixed(0)} ms`,
                        row.peakMemory.toFixed(0),
                    ]),
                ),
            },
        ],
        aims: series.flatMap(([kind, own]) => linear(kind, own)),
    };
}

/** Processor time of each further service, in milliseconds. */
function marginal(before: Row, row: Row): number {
    return ((row.cpu - before.cpu) / (row.services - before.services)) * 1000;
}

/** Whether further services cost no more among many than among few. */
function linear(kind: string, own: readonly Row[]): readonly Aim[] {
    const [first, second] = own;
    const [beforeLast, last] = own.slice(-2);
    if (own.length < 3 || !first || !second || !beforeLast || !last) return [];
    const ratio = marginal(beforeLast, last) / marginal(first, second);
    return [
        {
            what: `${kind}: CPU of a further service, from ${beforeLast.services} to ${last.services}, of that from ${first.services} to ${second.services}`,
            bound: `at most ${bound}`,
            measured: ratio.toFixed(2),
            isMet: ratio <= bound,
        },
    ];
}
