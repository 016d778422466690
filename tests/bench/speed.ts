/** Production by the CLI, by helm and by kubectl; and, as the floor, a program with a single ConfigMap by the CLI. */
import fs from "node:fs";
import path from "node:path";
import { createReport } from "../../local/report.ts";
import { ensureTools } from "../../local/tools/index.ts";
import { benchStack } from "./cli.ts";
import { type Cost, inTurns, measure, root } from "./measure.ts";
import type { Aim, Section, Table } from "./page.ts";
import { productionConfig } from "./production.ts";

type Environment = Readonly<Record<string, string>>;

/** How many times as long production may take as a single ConfigMap: a preview, with the policy pack, an unchanged up. */
const bounds = { preview: 1.2, pack: 1.8, up: 1.1 };

/** How long production takes. */
export async function speed(runs: number, scratch: string, env: Environment): Promise<Section> {
    const { helm, kubectl } = await ensureTools(["helm", "kubectl"], createReport());
    const production = await benchStack(scratch, {
        ...{ cwd: root, project: "tradestream", stack: "production", env: { ...env, HELM: helm } },
        config: productionConfig("bench-pulumi"),
    });
    const single = await benchStack(scratch, {
        ...{ cwd: path.join(root, "tests/bench/single"), project: "bench-single", stack: "bench", env },
    });
    const update = ["up", "--yes", "--skip-preview"];
    // Nothing is protected here, so that it can be taken down again: the rule about that must not end the preview.
    const packConfig = path.join(scratch, "policy-config.json");
    fs.writeFileSync(packConfig, JSON.stringify({ kubernetes: { ...ownPolicies(), environments: {} } }));
    const pack = ["preview", "--policy-pack", path.join(root, "policy-pack"), "--policy-pack-config", packConfig];
    const dashboard = (run: number): Readonly<Record<string, unknown>> =>
        productionConfig("bench-pulumi", { "agentDashboard.image.tag": `v1.0.${1 + (run % 2)}` });
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
    const applied = fs.readFileSync(objects, "utf8").replaceAll("bench-helm", "bench-kubectl");
    const [plain, changed] = ["plain.yaml", "changed.yaml"].map((name) => path.join(scratch, name)) as [string, string];
    fs.writeFileSync(plain, applied);
    fs.writeFileSync(changed, changeTag(applied));
    fs.writeFileSync(path.join(changedChart, "templates/objects.yaml"), changeTag(fs.readFileSync(objects, "utf8")));
    const apply = (file: string): Promise<Cost> => measure(kubectl, ["apply", "--server-side", "-f", file], { env });

    process.stderr.write("speed: first runs\n");
    await measure(kubectl, ["create", "namespace", "bench-kubectl"], { env });
    const first = await inTurns(1, {
        "pulumi: preview": () => production.run(["preview"]),
        "pulumi: up": () => production.run(update),
        "pulumi: up of one ConfigMap": () => single.run(update),
        "helm: upgrade --install --wait": () => upgrade(charted),
        "kubectl: apply": () => apply(plain),
    });

    process.stderr.write("speed: nothing changed\n");
    const unchanged = await inTurns(runs, {
        "pulumi: preview": () => production.run(["preview"]),
        "pulumi: preview with the policy pack": () => production.run(pack),
        "pulumi: preview of one ConfigMap": () => single.run(["preview"]),
        "pulumi: up": () => production.run(update),
        "pulumi: up of one ConfigMap": () => single.run(update),
        "helm: template": () => measure(helm, ["template", "bench", charted], { env }),
        "helm: upgrade --dry-run=server": () => upgrade(charted, "--dry-run=server"),
        "helm: upgrade --wait": () => upgrade(charted),
        "kubectl: diff": () => measure(kubectl, ["diff", "--server-side", "-f", plain], { env, codes: [0, 1] }),
        "kubectl: apply": () => apply(plain),
    });

    process.stderr.write("speed: one change\n");
    const change = await inTurns(runs, {
        "pulumi: up": (run) => production.run(update, dashboard(run)),
        "pulumi: up of one ConfigMap": (run) => single.run(update, { "bench-single:value": `changed ${run}` }),
        "helm: upgrade --wait": (run) => upgrade(run % 2 === 0 ? changedChart : charted),
        "kubectl: apply": (run) => apply(run % 2 === 0 ? changed : plain),
    });
    return {
        title: "Production",
        about:
            "The same objects by `pulumi`, by helm (a chart of the rendered objects) and by kubectl, and a program of a " +
            "single ConfigMap as the floor of `pulumi`.",
        tables: [
            ratios("first", first, "helm: upgrade --install --wait"),
            ratios("unchanged", unchanged, "helm: upgrade --wait"),
            ratios("one change", change, "helm: upgrade --wait"),
        ],
        aims: [
            aim("preview", unchanged["pulumi: preview"], unchanged["pulumi: preview of one ConfigMap"]),
            aim(
                "pack",
                unchanged["pulumi: preview with the policy pack"],
                unchanged["pulumi: preview of one ConfigMap"],
            ),
            aim("up", unchanged["pulumi: up"], unchanged["pulumi: up of one ConfigMap"]),
        ],
    };
}

const aims = {
    preview: ["pulumi: preview", "preview of one ConfigMap"],
    pack: ["pulumi: preview with the policy pack", "preview of one ConfigMap"],
    up: ["pulumi: up, unchanged", "up of one ConfigMap"],
} as const;

function aim(kind: keyof typeof aims, cost: Cost, reference: Cost): Aim {
    const [what, of] = aims[kind];
    const measured = cost.seconds / reference.seconds;
    return {
        what: `${what}, of ${of}`,
        bound: `at most ${bounds[kind]}`,
        measured: measured.toFixed(2),
        isMet: measured <= bounds[kind],
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

/** The repository's configuration of the pack, with `stateful-protected` switched off. */
function ownPolicies(): object {
    const text = fs.readFileSync(path.join(root, "policy-config.json"), "utf8");
    const { kubernetes } = JSON.parse(text) as { readonly kubernetes: object };
    return { ...kubernetes, rules: { "stateful-protected": "disabled" } };
}

/** A chart of the very objects that the program makes, each as it is. */
async function renderedChart(scratch: string, namespace: string, env: Environment): Promise<string> {
    const target = namespace.replace("-changed", "");
    const { stdout } = await measure(
        process.execPath,
        [path.join(root, "scripts/render.ts"), "--stack", "production", ...renderFlags(target)],
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

function renderFlags(namespace: string): string[] {
    const config = Object.entries(productionConfig(namespace));
    const text = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
    return config.flatMap(([key, value]) => ["--config", `${key}=${text(value)}`]);
}

/** The dashboard with another image. */
function changeTag(objects: string): string {
    const changed = objects.replace(/(agent-dashboard):v1\.0\.0/, "$1:v1.0.1");
    if (changed === objects) throw new Error(`no image of agent-dashboard in the objects rendered from ${root}`);
    return changed;
}
