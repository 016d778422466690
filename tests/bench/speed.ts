/** Production by the embedded engine, by helm, by kubectl and, where it is on the PATH, by the official CLI. */
import fs from "node:fs";
import path from "node:path";
import { createReport } from "../../local/report.ts";
import { ensureTools } from "../../local/tools/index.ts";
import { type Cost, engineCli, inTurns, measure, root } from "./measure.ts";
import { officialCli } from "./official.ts";
import type { Aim, Section, Table } from "./page.ts";
import { productionArguments } from "./production.ts";
import { type Requests, requestAims } from "./requests.ts";

type Environment = Readonly<Record<string, string>>;

/** How much more production may cost the official CLI than a single ConfigMap, alone and with the policy pack. */
const bounds = { preview: 1.3, pack: 1.8 };

/** How long production takes. */
export async function speed(runs: number, scratch: string, env: Environment): Promise<Section> {
    const { helm, kubectl } = await ensureTools(["helm", "kubectl"], createReport());
    const engine = (command: string, ...more: string[]): Promise<Cost> =>
        measure(
            process.execPath,
            [engineCli, command, "--stack", "production", "--yes", ...productionArguments(...more)],
            { env },
        );
    const counted = async (setting: string): Promise<Requests> => {
        const args = [engineCli, "up", "--stack", "production", "--yes", "--json", ...productionArguments(setting)];
        return JSON.parse((await measure(process.execPath, args, { env })).stdout) as Requests;
    };
    const chart = (namespace: string): Promise<string> => renderedChart(scratch, namespace, env);
    const [charted, changedChart] = [await chart("bench-helm"), await chart("bench-helm-changed")];
    const objects = path.join(charted, "templates/objects.yaml");
    const upgrade = (directory: string, ...more: string[]): Promise<Cost> =>
        measure(
            helm,
            [
                "upgrade",
                "--install",
                "bench",
                directory,
                "--namespace",
                "bench-helm",
                "--create-namespace",
                "--wait",
                ...more,
            ],
            { env },
        );
    const applied = fs.readFileSync(objects, "utf8").replaceAll("namespace: bench-helm", "namespace: bench-kubectl");
    const [plain, changed] = ["plain.yaml", "changed.yaml"].map((name) => path.join(scratch, name)) as [string, string];
    fs.writeFileSync(plain, applied);
    fs.writeFileSync(changed, changeTag(applied));
    fs.writeFileSync(path.join(changedChart, "templates/objects.yaml"), changeTag(fs.readFileSync(objects, "utf8")));
    const apply = (file: string): Promise<Cost> => measure(kubectl, ["apply", "--server-side", "-f", file], { env });

    process.stderr.write("speed: first runs\n");
    await measure(kubectl, ["create", "namespace", "bench-kubectl"], { env });
    const first = await inTurns(1, {
        "engine: preview": () => engine("preview"),
        "engine: up": () => engine("up"),
        "helm: upgrade --install --wait": () => upgrade(charted),
        "kubectl: apply": () => apply(plain),
    });

    process.stderr.write("speed: nothing changed\n");
    const official = await officialCli(scratch, env, helm);
    const unchanged = await inTurns(runs, {
        "engine: preview": () => engine("preview"),
        "engine: up": () => engine("up", "gatewayApi.image.tag=v1.0.0"),
        "helm: template": () => measure(helm, ["template", "bench", charted], { env }),
        "helm: upgrade --dry-run=server": () => upgrade(charted, "--dry-run=server"),
        "helm: upgrade --wait": () => upgrade(charted),
        "kubectl: diff": () => measure(kubectl, ["diff", "--server-side", "-f", plain], { env, codes: [0, 1] }),
        "kubectl: apply": () => apply(plain),
        ...official,
    });

    process.stderr.write("speed: one change\n");
    const change = await inTurns(runs, {
        "engine: up": (run) => engine("up", `agentDashboard.image.tag=v1.0.${1 + (run % 2)}`),
        "helm: upgrade --wait": (run) => upgrade(run % 2 === 0 ? changedChart : charted),
        "kubectl: apply": (run) => apply(run % 2 === 0 ? changed : plain),
    });
    await counted("gatewayApi.image.tag=v1.0.0");
    const quiet = await counted("gatewayApi.image.tag=v1.0.0");
    const busy = await counted("gatewayApi.image.tag=v1.0.1");
    return {
        title: "Production",
        about:
            "The same objects by the embedded engine, by helm (a chart of the rendered objects), by kubectl and, where it " +
            "is on the PATH, by the official CLI, which also runs a program of a single ConfigMap as the floor.",
        tables: [
            ratios("first", first, "helm: upgrade --install --wait"),
            ratios("unchanged", unchanged, "helm: upgrade --wait"),
            ratios("one change", change, "helm: upgrade --wait"),
        ],
        aims: [
            ratio(
                "engine: up, unchanged",
                unchanged["engine: up"],
                "helm upgrade",
                unchanged["helm: upgrade --wait"],
                1,
            ),
            ...officialAims(unchanged),
            ...requestAims(quiet, busy),
        ],
    };
}

function officialAims(costs: Readonly<Record<string, Cost>>): readonly Aim[] {
    const [floor, preview, pack] = [
        costs["pulumi: preview of one ConfigMap"],
        costs["pulumi: preview"],
        costs["pulumi: preview with the policy pack"],
    ];
    if (floor === undefined || preview === undefined || pack === undefined) return [];
    const reference = "preview of one ConfigMap";
    return [
        ratio("pulumi: preview", preview, reference, floor, bounds.preview),
        ratio("pulumi: preview with the policy pack", pack, reference, floor, bounds.pack),
    ];
}

function ratio(what: string, cost: Cost, of: string, reference: Cost, bound: number): Aim {
    const measured = cost.seconds / reference.seconds;
    return {
        what: `${what}, of ${of}`,
        bound: `${bound === 1 ? "less than" : "at most"} ${bound.toFixed(1)}`,
        measured: measured.toFixed(2),
        isMet: bound === 1 ? measured < bound : measured <= bound,
    };
}

function ratios(title: string, costs: Readonly<Record<string, Cost>>, reference: string): Table {
    const base = costs[reference]!;
    return {
        head: [title, "seconds", `of ${reference}`, "CPU s"],
        rows: Object.entries(costs).map(([name, { seconds, cpu }]) => [
            name,
            seconds.toFixed(2),
            `${((100 * seconds) / base.seconds).toFixed(0)} %`,
            cpu.toFixed(2),
        ]),
    };
}

/** A chart of the very objects that the program makes, each as it is. */
async function renderedChart(scratch: string, namespace: string, env: Environment): Promise<string> {
    const target = namespace.replace("-changed", "");
    const { stdout } = await measure(
        process.execPath,
        [engineCli, "render", "--stack", "production", ...productionArguments(`namespace=${target}`)],
        { env },
    );
    if (stdout.includes("{{")) throw new Error("the rendered objects contain what helm takes for templates");
    const objects = stdout.split(/^---$/m).filter((text) => text.trim() !== "" && !/^kind: Namespace$/m.test(text));
    const directory = path.join(scratch, namespace);
    fs.mkdirSync(path.join(directory, "templates"), { recursive: true });
    fs.writeFileSync(path.join(directory, "Chart.yaml"), "apiVersion: v2\nname: bench\nversion: 0.0.1\n");
    fs.writeFileSync(path.join(directory, "templates/objects.yaml"), objects.join("---"));
    return directory;
}

/** The dashboard with another image. */
function changeTag(objects: string): string {
    const changed = objects.replace(/(agent-dashboard):v1\.0\.0/, "$1:v1.0.1");
    if (changed === objects) throw new Error(`no image of agent-dashboard in the objects rendered from ${root}`);
    return changed;
}
