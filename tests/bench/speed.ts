/** Production by the embedded engine, by helm, by kubectl and, where it is on the PATH, by the official CLI. */
import fs from "node:fs";
import path from "node:path";
import { createReport } from "../../local/report.ts";
import { ensureTools } from "../../local/tools/index.ts";
import { type Cost, engineCli, inTurns, measure, root, table } from "./measure.ts";
import { officialCli } from "./official.ts";
import { productionArguments } from "./production.ts";

type Environment = Readonly<Record<string, string>>;

/** Prints the tables. */
export async function speed(runs: number, scratch: string, env: Environment): Promise<void> {
    const { helm, kubectl } = await ensureTools(["helm", "kubectl"], createReport());
    const engine = (command: string, ...more: string[]): Promise<Cost> =>
        measure(
            process.execPath,
            [engineCli, command, "--stack", "production", "--yes", ...productionArguments(...more)],
            { env },
        );
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
    show("first", first, "helm: upgrade --install --wait");

    process.stderr.write("speed: nothing changed\n");
    const official = await officialCli(scratch, env);
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
    show("unchanged", unchanged, "helm: upgrade --wait");

    process.stderr.write("speed: one change\n");
    const change = await inTurns(runs, {
        "engine: up": (run) => engine("up", `agentDashboard.image.tag=v1.0.${1 + (run % 2)}`),
        "helm: upgrade --wait": (run) => upgrade(run % 2 === 0 ? changedChart : charted),
        "kubectl: apply": (run) => apply(run % 2 === 0 ? changed : plain),
    });
    show("one change", change, "helm: upgrade --wait");
}

function show(title: string, costs: Readonly<Record<string, Cost>>, reference: string): void {
    const base = costs[reference]!;
    table(
        [title, "seconds", `of ${reference}`, "CPU s"],
        Object.entries(costs).map(([name, { seconds, cpu }]) => [
            name,
            seconds.toFixed(2),
            `${((100 * seconds) / base.seconds).toFixed(0)} %`,
            cpu.toFixed(2),
        ]),
    );
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
