/** Runs the real helm on the embedded chart, and reads what it prints. */
import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import type { V1ConfigMap, V1Secret, V1Service, V1ServiceAccount, V1StatefulSet } from "@kubernetes/client-node";
import { parseAllDocuments } from "yaml";
import { createReport } from "../../local/report.ts";
import { ensureTools } from "../../local/tools/index.ts";

export const chartDirectory = path.resolve(import.meta.dirname, "../../charts/tradestream");

/** A password that must show up nowhere but in a Secret. */
export const password = "s3cret-of-the-test";

/** Values without which the chart refuses to render. */
export const minimal = { postgresql: { auth: { postgresPassword: password } } };

export interface Values {
    readonly [key: string]: unknown;
}

/** The kinds that the chart may contain. */
export interface Kinds {
    ConfigMap: V1ConfigMap;
    Secret: V1Secret;
    Service: V1Service;
    ServiceAccount: V1ServiceAccount;
    StatefulSet: V1StatefulSet;
}

export type Manifest = Kinds[keyof Kinds];

interface Outcome {
    readonly ok: boolean;
    readonly stdout: string;
    readonly stderr: string;
}

/** Builds helm if this machine has none yet. For a `before` hook: a cold build takes minutes. */
export async function helmBinary(): Promise<string> {
    return (await ensureTools(["helm"], createReport())).helm;
}

/** Long enough for helm's first build on a slow machine, in milliseconds. */
export const buildTimeout = 20 * 60_000;

/** Helm with values on standard input, so that no secret shows up in a command line. Never throws for helm's failure. */
async function helm(args: readonly string[], values: Values): Promise<Outcome> {
    const run = promisify(execFile)(await helmBinary(), [...args, "--values", "-"], { maxBuffer: 64 * 1024 * 1024 });
    run.child.stdin?.end(JSON.stringify(values));
    try {
        return { ok: true, ...(await run) };
    } catch (error) {
        if (!(error instanceof Error) || !("stdout" in error) || !("stderr" in error)) throw error;
        return { ok: false, stdout: String(error.stdout), stderr: String(error.stderr) };
    }
}

export function lint(values: Values): Promise<Outcome> {
    return helm(["lint", "--strict", chartDirectory], values);
}

/** The objects that a release would install. Throws with helm's words when it refuses. */
export async function render(
    values: Values = minimal,
    release = "tradestream",
    namespace = "test",
): Promise<Manifest[]> {
    const { ok, stdout, stderr } = await helm(["template", release, chartDirectory, "--namespace", namespace], values);
    if (!ok) throw new Error(stderr);
    return parseAllDocuments(stdout)
        .map((document) => document.toJS() as Manifest | null)
        .filter((manifest) => manifest !== null);
}

/** What helm says when it refuses these values. Throws when it accepts them. */
export async function refusal(values: Values, release = "tradestream"): Promise<string> {
    const { ok, stderr } = await helm(["template", release, chartDirectory], values);
    if (ok) throw new Error(`helm accepted ${JSON.stringify(values)}`);
    return stderr;
}

export function nameOf(manifest: Manifest): string {
    return `${manifest.kind}/${manifest.metadata?.name}`;
}

/** The one object of this kind and name. Throws when there is none. */
export function find<K extends keyof Kinds>(manifests: readonly Manifest[], kind: K, name: string): Kinds[K] {
    const found = manifests.filter((manifest) => nameOf(manifest) === `${kind}/${name}`);
    if (found.length !== 1) throw new Error(`${found.length} × ${kind}/${name} in ${manifests.map(nameOf).join(", ")}`);
    return found[0] as Kinds[K];
}

/** All StatefulSets: the only kind with pods in this chart. */
export function statefulSets(manifests: readonly Manifest[]): V1StatefulSet[] {
    return manifests.filter((manifest) => manifest.kind === "StatefulSet") as V1StatefulSet[];
}
