/** The commands that end-to-end tests run, as an operator would. */
import { execFile, spawn } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { createReport } from "../../../local/report.ts";
import { ensureTools } from "../../../local/tools/index.ts";
import { list } from "./api.ts";

export const root = path.resolve(import.meta.dirname, "../../..");
const run = promisify(execFile);
const largest = 64 * 1024 * 1024;

export interface Result {
    readonly code: number;
    readonly stdout: string;
    readonly stderr: string;
}

export interface RunOptions {
    readonly env?: NodeJS.ProcessEnv;
    /** Fed to standard input. Default: no input at all. */
    readonly input?: string;
    readonly cwd?: string;
    readonly onStart?: (pid: number) => void;
}

/** Runs a program to its end, whatever its exit code. */
export function command(file: string, args: readonly string[], options: RunOptions = {}): Promise<Result> {
    return new Promise((resolve, reject) => {
        const child = spawn(file, args, {
            cwd: options.cwd ?? root,
            env: { ...process.env, ...options.env },
            stdio: [options.input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
        });
        if (child.pid !== undefined) options.onStart?.(child.pid);
        const out: string[] = [];
        const err: string[] = [];
        child.stdout!.setEncoding("utf8").on("data", (text: string) => out.push(text));
        child.stderr!.setEncoding("utf8").on("data", (text: string) => err.push(text));
        child.stdin?.end(options.input);
        child.on("error", reject);
        child.on("close", (code) => resolve({ code: code ?? 1, stdout: out.join(""), stderr: err.join("") }));
    });
}

/** Runs kubectl against the shared cluster and returns its standard output. */
export async function kubectl(...args: string[]): Promise<string> {
    const tools = await ensureTools(["kubectl"], createReport());
    const { stdout } = await run(tools.kubectl, args, { maxBuffer: largest });
    return stdout;
}

/** Runs commands of a guide up to the first that fails, whatever comes of it. */
export function bash(block: string, options: RunOptions = {}): Promise<Result> {
    return command("bash", ["-euo", "pipefail", "-c", block], options);
}

/** Standard output of a guide's commands. Throws with all that was printed when one has failed. */
export function outputOf(block: string, { code, stdout, stderr }: Result): string {
    if (code !== 0) throw new Error(`${block}\nended with ${code}:\n${stdout}\n${stderr}`);
    return stdout;
}

/** Runs commands of a guide that need a shell and kubectl alone. */
export async function inShell(block: string): Promise<void> {
    const tools = await ensureTools(["kubectl"], createReport());
    const env = { PATH: `${path.dirname(tools.kubectl)}:${process.env["PATH"]}` };
    outputOf(block, await bash(block, { env }));
}

/** A Kubernetes object as far as these tests look into it. */
export interface KubeObject {
    readonly kind: string;
    readonly metadata: {
        readonly name: string;
        readonly uid: string;
        readonly resourceVersion: string;
        readonly generation?: number;
        readonly creationTimestamp: string;
        readonly deletionTimestamp?: string;
        readonly annotations?: Readonly<Record<string, string>>;
        readonly labels?: Readonly<Record<string, string>>;
    };
    readonly spec: Readonly<Record<string, unknown>>;
    readonly status: Readonly<Record<string, unknown>>;
    readonly data?: Readonly<Record<string, string>>;
}

/** The objects that `kubectl get` finds. */
export async function get(...args: string[]): Promise<readonly KubeObject[]> {
    return (await list(args)) as readonly KubeObject[];
}

/** Asks again and again until `probe` gives a value; fails with the last error after `seconds`. */
export async function eventually<T>(seconds: number, probe: () => Promise<T | undefined>): Promise<T> {
    const end = performance.now() + seconds * 1000;
    let last: unknown;
    do {
        try {
            const value = await probe();
            if (value !== undefined) {
                return value;
            }
        } catch (error) {
            last = error;
        }
        await new Promise((resolve) => setTimeout(resolve, 500));
    } while (performance.now() < end);
    throw new Error(`nothing after ${seconds} s${last instanceof Error ? `: ${last.message}` : ""}`);
}

/** Address of a Service by its ClusterIP, which the local cluster routes from this machine. */
export async function serviceUrl(name: string, namespace = "tradestream"): Promise<string> {
    const [service] = await get("service", name, "-n", namespace);
    const { clusterIP, ports } = service!.spec as { clusterIP: string; ports: { port: number }[] };
    return `http://${clusterIP}:${ports[0]!.port}`;
}
