import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { isAbsolute, resolve } from "node:path";
import { fromManifests, isObject, itemsOf, type KubeObject } from "./model/object.ts";
import { UNKNOWN } from "./model/unknown.ts";
import { isTree, newTrace, View } from "./model/view.ts";
import { parseYaml, valueOf } from "./yaml.ts";

/** Placeholder in a chart's values for what a preview does not know; what comes out with it in is unknown again. */
const PLACEHOLDER = "unknown-before-the-update";

/** What rendering a Release came to. */
export type Rendered =
    | {
          readonly outcome: "rendered";
          readonly objects: readonly KubeObject[];
          /** What Helm accepts but should be looked at, with the template. */
          readonly warnings: readonly string[];
      }
    /** It cannot be rendered before values are known; their paths. */
    | { readonly outcome: "unknown"; readonly paths: readonly string[] }
    | { readonly outcome: "failed"; readonly reason: string };

/** Where helm and charts are. */
export interface RenderOptions {
    /** The helm program: a path, or a name to look for on the PATH. */
    readonly helm: string;
    /** Directories that a relative chart path may start from, in order. */
    readonly directories: readonly string[];
    /** Version of the target cluster, as in `1.36`. */
    readonly kubernetesVersion: string;
}

/** Renders Releases by `helm template`, each combination of chart and values once. */
export type Renderer = (release: KubeObject, options: RenderOptions) => Promise<Rendered>;

/** A renderer with a memory of its own. */
export function createRenderer(): Renderer {
    const memory = new Map<string, Promise<Rendered>>();
    return (release, options) => {
        const plan = planOf(release, options);
        if ("outcome" in plan) return Promise.resolve(plan);
        const key = JSON.stringify(plan);
        const known = memory.get(key);
        if (known !== undefined) return known;
        const rendering = render(release, plan, options);
        memory.set(key, rendering);
        return rendering;
    };
}

/** A call of helm. */
interface Plan {
    readonly args: readonly string[];
    /** Values as JSON, which is YAML too. They go through standard input: no file and no process list shows them. */
    readonly values: string;
    /** Paths whose values are placeholders. */
    readonly unknown: readonly string[];
}

function planOf(release: KubeObject, options: RenderOptions): Plan | Rendered {
    const view = View.of(release.body, newTrace());
    const texts = ["chart", "version", "namespace"].map((field) => view.at(field));
    const hidden = [...texts, view.at("repositoryOpts", "repo")].filter((place) => place.string() === UNKNOWN);
    if (hidden.length > 0) return { outcome: "unknown", paths: hidden.map((place) => place.path) };
    const [chart, version, namespace] = texts.map((place) => String(place.string() ?? ""));
    const repository = String(view.at("repositoryOpts", "repo").string() ?? "");
    if (chart === undefined || chart === "") return { outcome: "failed", reason: "the release names no chart" };
    const unknown: string[] = [];
    const values = JSON.stringify(withPlaceholders(view.at("values").raw ?? {}, "values", unknown));
    const args = [
        "template",
        release.name,
        repository === "" ? locate(chart, options.directories) : chart,
        ...["--namespace", namespace === "" ? "default" : (namespace ?? "default")],
        ...["--kube-version", options.kubernetesVersion, "--skip-tests", "--values", "-"],
        // Every cluster has it, and helm without a cluster does not know it: charts would fall back to v1beta1.
        ...["--api-versions", "apiregistration.k8s.io/v1"],
        ...(version === undefined || version === "" ? [] : ["--version", version]),
        ...(repository === "" ? [] : ["--repo", repository]),
        ...(view.at("dependencyUpdate").boolean() === true ? ["--dependency-update"] : []),
        ...(view.at("skipCrds").boolean() === true ? [] : ["--include-crds"]),
        ...(view.at("disableWebhooks").boolean() === true ? ["--no-hooks"] : []),
    ];
    return { args, values, unknown };
}

/** A chart's path, from the first directory that has it; a reference to a registry stays as it is. */
function locate(chart: string, directories: readonly string[]): string {
    if (isAbsolute(chart) || /^[a-z]+:\/\//.test(chart)) return chart;
    return directories.map((directory) => resolve(directory, chart)).find((path) => existsSync(path)) ?? chart;
}

async function render(release: KubeObject, plan: Plan, { helm }: RenderOptions): Promise<Rendered> {
    const { code, stdout, stderr } = await run(helm, plan);
    if (code === "missing") return { outcome: "failed", reason: `there is no helm program (looked for "${helm}")` };
    if (code !== 0) {
        if (plan.unknown.length > 0) return { outcome: "unknown", paths: plan.unknown };
        return { outcome: "failed", reason: `helm template failed: ${redact(stderr, plan.values)}` };
    }
    const content = contentOf(stdout);
    if (typeof content === "string") return { outcome: "failed", reason: content };
    const { bodies, warnings } = content;
    const objects = fromManifests(bodies, release.namespace ?? "default", release.name);
    const urn = release.urn === undefined ? {} : { urn: release.urn };
    return { outcome: "rendered", objects: objects.map((object) => ({ ...object, ...urn })), warnings };
}

/** Helm writes the template's name before what it renders to. */
const SOURCE = "# Source: ";

/** What a chart renders; as a text, why it is not what Kubernetes takes. */
function contentOf(manifests: string): { bodies: readonly unknown[]; warnings: readonly string[] } | string {
    try {
        const { documents, duplicates } = parseYaml(manifests);
        const bodies = documents.map((document) => withoutPlaceholders(valueOf(document)));
        const isStray = bodies.some((document) => [...itemsOf(document)].some(({ body }) => !isObject(body)));
        if (isStray) return "the chart renders a document without apiVersion or kind";
        const lines = duplicates.length > 0 ? manifests.split("\n") : [];
        const warnings = duplicates.map(({ key, line }) => {
            const source = lines.findLast((text, index) => index < line && text.startsWith(SOURCE)) ?? "";
            return `${source.slice(SOURCE.length).trim()}: the key "${key}" is there twice; the last one counts`;
        });
        return { bodies, warnings };
    } catch {
        return "the chart renders something that is not YAML";
    }
}

interface Result {
    readonly code: number | "missing" | null;
    readonly stdout: string;
    readonly stderr: string;
}

function run(helm: string, { args, values }: Plan): Promise<Result> {
    return new Promise((done) => {
        const child = spawn(helm, args, { stdio: ["pipe", "pipe", "pipe"] });
        let [stdout, stderr] = ["", ""];
        child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
        child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
        child.on("error", () => done({ code: "missing", stdout, stderr }));
        child.on("close", (code) => done({ code, stdout, stderr }));
        // A helm that stops before it has read its values closes the pipe; its exit status says why.
        child.stdin.on("error", () => undefined);
        child.stdin.end(values);
    });
}

function withPlaceholders(value: unknown, path: string, unknown: string[]): unknown {
    if (value === UNKNOWN) {
        unknown.push(path);
        return PLACEHOLDER;
    }
    if (Array.isArray(value)) return value.map((item, index) => withPlaceholders(item, `${path}[${index}]`, unknown));
    if (!isTree(value)) return value;
    return Object.fromEntries(
        Object.entries(value).map(([key, below]) => [key, withPlaceholders(below, `${path}.${key}`, unknown)]),
    );
}

function withoutPlaceholders(value: unknown): unknown {
    if (typeof value === "string") return value.includes(PLACEHOLDER) ? UNKNOWN : value;
    if (Array.isArray(value)) return value.map(withoutPlaceholders);
    if (!isTree(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, below]) => [key, withoutPlaceholders(below)]));
}

/** The line of an error that says what it is, without anything that stands among the values, in case one is a secret. */
function redact(stderr: string, values: string): string {
    const lines = stderr.trim().split("\n");
    let text = lines.find((line) => /^Error\b/.test(line)) ?? lines.at(-1) ?? "";
    for (const leaf of leavesOf(JSON.parse(values)))
        for (const part of [leaf, ...leaf.split(/\s+/), Buffer.from(leaf).toString("base64")])
            if (part.length > 3) text = text.replaceAll(part, "[value]");
    return text.slice(0, 400);
}

function leavesOf(value: unknown): string[] {
    if (typeof value === "string" || typeof value === "number") return [String(value)];
    return typeof value === "object" && value !== null ? Object.values(value).flatMap(leavesOf) : [];
}
