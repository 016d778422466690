/** Runs the program in a process of its own, as the official CLI's language host does. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import type { Readable } from "node:stream";
import { EngineError } from "./errors.ts";
import type { ConfigValue, Project } from "./project.ts";
import { without } from "./values.ts";

/** The program has already told the operator what is wrong (sdk/nodejs/cmd/run). */
const exitAfterLoggedError = 32;

export interface ProgramOptions {
    readonly project: Project;
    readonly stack: string;
    readonly config: ReadonlyMap<string, ConfigValue>;
    /** What programs take for the kubeconfig where they name none. */
    readonly kubeconfig: string | undefined;
    readonly dryRun: boolean;
    /** `host:port` of the gRPC server that is both resource monitor and engine. */
    readonly address: string;
    /** Each line that the program prints. */
    readonly onOutput: (line: string) => void;
    /** Aborted: the program is told to stop, and killed when it does not. */
    readonly signal: AbortSignal;
}

export interface ProgramResult {
    readonly ok: boolean;
    /** What went wrong when the program did not say it itself. */
    readonly message?: string;
}

/** Starts the program and waits for its end. */
export async function runProgram(options: ProgramOptions): Promise<ProgramResult> {
    const { project } = options;
    const args = [
        locateRunner(project.directory, "run"),
        "--monitor",
        options.address,
        "--engine",
        options.address,
        "--organization",
        "organization",
        "--project",
        project.name,
        "--root-directory",
        project.directory,
        "--stack",
        options.stack,
        "--pwd",
        project.directory,
        ...(options.dryRun ? ["--dry-run"] : []),
        "--parallel",
        "1000",
        project.main,
    ];
    const child = startNode(args, {
        directory: project.directory,
        typescript: project.typescript,
        config: options.config,
        ...(options.kubeconfig !== undefined && { variables: { KUBECONFIG: options.kubeconfig } }),
    });
    forwardLines(child.stdout, options.onOutput);
    forwardLines(child.stderr, options.onOutput);
    const stop = (): void => {
        child.kill("SIGTERM");
        setTimeout(() => child.kill("SIGKILL"), 2000).unref();
    };
    options.signal.addEventListener("abort", stop, { once: true });
    if (options.signal.aborted) stop();
    try {
        const [code, signal] = await new Promise<[number | null, string | null]>((resolve, reject) => {
            child.on("error", reject);
            child.on("close", (...result) => resolve(result));
        });
        if (code === 0) return { ok: true };
        if (code === exitAfterLoggedError) return { ok: false };
        return {
            ok: false,
            message:
                signal === null ? `the program ended with exit code ${code}` : `the program was ended by ${signal}`,
        };
    } finally {
        options.signal.removeEventListener("abort", stop);
    }
}

/** What a Node.js process of the SDK is started with. */
export interface NodeOptions {
    readonly directory: string;
    /** Whether the SDK compiles TypeScript itself. */
    readonly typescript: boolean;
    readonly config: ReadonlyMap<string, ConfigValue>;
    readonly variables?: Readonly<Record<string, string>>;
}

/** Starts one of the SDK's runners. Its configuration comes through a pipe, with whose end the process ends too. */
export function startNode(args: readonly string[], options: NodeOptions): ChildProcess {
    const preload = new URL("child/config-from-pipe.ts", import.meta.url).href;
    const child = spawn(process.execPath, ["--import", preload, ...args], {
        cwd: options.directory,
        env: { ...childEnvironment(options.typescript), ...options.variables },
        stdio: ["ignore", "pipe", "pipe", "pipe"],
    });
    const pipe = child.stdio[3] as NodeJS.WritableStream;
    pipe.on("error", () => undefined); // the child's exit tells the story
    const entries = [...options.config];
    const config = Object.fromEntries(entries.map(([key, value]) => [key, value.text]));
    const secretKeys = entries.filter(([, value]) => value.secret).map(([key]) => key);
    pipe.write(`${JSON.stringify({ config, secretKeys })}\n`);
    return child;
}

/** The SDK's module that runs programs (`run`) or policy packs (`run-policy-pack`) of a directory. */
export function locateRunner(directory: string, runner: "run" | "run-policy-pack"): string {
    try {
        return createRequire(path.join(directory, "package.json")).resolve(`@pulumi/pulumi/cmd/${runner}`);
    } catch {
        throw new EngineError(`@pulumi/pulumi is not installed in ${directory}: run npm ci there`);
    }
}

/** The environment of a child: ours without what only the engine needs, configuration and passphrase above all. */
function childEnvironment(typescript: boolean): NodeJS.ProcessEnv {
    const ours = [
        "PULUMI_CONFIG_PASSPHRASE",
        "PULUMI_CONFIG_PASSPHRASE_FILE",
        "PULUMI_CONFIG",
        "PULUMI_CONFIG_SECRET_KEYS",
    ];
    const cache = path.join(os.tmpdir(), `node-compile-cache-${os.userInfo().uid}`);
    return { NODE_COMPILE_CACHE: cache, ...without(process.env, ours), PULUMI_NODEJS_TYPESCRIPT: String(typescript) };
}

/** Calls `onLine` for each line of a stream. */
export function forwardLines(stream: Readable | null, onLine: (line: string) => void): void {
    let rest = "";
    stream?.setEncoding("utf8");
    stream?.on("data", (chunk: string) => {
        const lines = (rest + chunk).split("\n");
        rest = lines.pop() ?? "";
        lines.forEach(onLine);
    });
    stream?.on("end", () => {
        if (rest !== "") onLine(rest);
    });
}

/** The version of the SDK that the program uses. */
export function sdkVersion(directory: string): string {
    const manifest = path.join(path.dirname(locateRunner(directory, "run")), "..", "..", "package.json");
    const content = JSON.parse(fs.readFileSync(manifest, "utf8")) as { version: string };
    return content.version;
}
