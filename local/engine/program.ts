/** Runs the program in a process of its own, as the official CLI's language host does. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import fs from "node:fs";
import module, { createRequire } from "node:module";
import path from "node:path";
import type { Readable } from "node:stream";
import { compileCacheHome } from "../home.ts";
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

/** Starts the program and waits for its end. `waiting` is a process that was started for it in advance. */
export async function runProgram(options: ProgramOptions, waiting?: Runner): Promise<ProgramResult> {
    const { project } = options;
    const runner = waiting ?? startRunner(project.directory, "run");
    const { child } = runner;
    const settings = {
        monitor: options.address,
        engine: options.address,
        organization: "organization",
        project: project.name,
        "root-directory": project.directory,
        stack: options.stack,
        pwd: project.directory,
        parallel: "1000",
    };
    runner.begin({
        args: [
            ...Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
            ...(options.dryRun ? ["--dry-run"] : []),
            project.main,
        ],
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
        const [code, signal] = await runner.ended;
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

/** What a process of the SDK is told when it may begin. */
export interface BeginOptions {
    readonly args: readonly string[];
    /** Whether the SDK compiles TypeScript itself. */
    readonly typescript: boolean;
    readonly config: ReadonlyMap<string, ConfigValue>;
    /** Environment variables. */
    readonly variables?: Readonly<Record<string, string>>;
}

/** The same, as it goes through the pipe. */
export interface Instructions {
    readonly args: readonly string[];
    readonly variables: Readonly<Record<string, string>>;
    readonly config: Readonly<Record<string, string>>;
    readonly secretKeys: readonly string[];
}

/** A process of the SDK. It loads its libraries, and waits until it may begin. */
export interface Runner {
    readonly child: ChildProcess;
    /** Exit code or signal, when it has ended. Rejects when it could not be started. */
    readonly ended: Promise<readonly [number | null, string | null]>;
    readonly begin: (options: BeginOptions) => void;
}

/** The SDK's runners: of programs, and of policy packs. */
export type RunnerName = "run" | "run-policy-pack";

/** Starts one of the SDK's runners in a directory; it ends with the engine. Throws where the SDK is not installed. */
export function startRunner(directory: string, name: RunnerName): Runner {
    const preload = new URL("child/start.ts", import.meta.url).href;
    const child = spawn(process.execPath, ["--import", preload, locateRunner(directory, name)], {
        cwd: directory,
        env: childEnvironment(),
        stdio: ["ignore", "pipe", "pipe", "pipe"],
    });
    const ended = new Promise<readonly [number | null, string | null]>((resolve, reject) => {
        child.on("error", reject);
        child.on("close", (...result) => resolve(result));
    });
    ended.catch(() => undefined); // whoever waits for it is told
    const pipe = child.stdio[3] as NodeJS.WritableStream;
    pipe.on("error", () => undefined); // the child's exit tells the story
    const begin = ({ args, typescript, config, variables }: BeginOptions): void => {
        const entries = [...config];
        const instructions: Instructions = {
            args,
            variables: { ...variables, PULUMI_NODEJS_TYPESCRIPT: String(typescript) },
            config: Object.fromEntries(entries.map(([key, value]) => [key, value.text])),
            secretKeys: entries.filter(([, value]) => value.secret).map(([key]) => key),
        };
        pipe.write(`${JSON.stringify(instructions)}\n`);
    };
    return { child, ended, begin };
}

/**
 * The program's process, started before anything is known of the stack, so that it loads its libraries while the engine
 * does. `undefined` where that fails: who needs it then is told why.
 */
export function startEarly(directory: string): Runner | undefined {
    try {
        return startRunner(path.resolve(directory), "run");
    } catch {
        return undefined;
    }
}

/** The SDK's module that runs programs (`run`) or policy packs (`run-policy-pack`) of a directory. */
function locateRunner(directory: string, runner: RunnerName): string {
    try {
        return createRequire(path.join(directory, "package.json")).resolve(`@pulumi/pulumi/cmd/${runner}`);
    } catch {
        throw new EngineError(`@pulumi/pulumi is not installed in ${directory}: run npm ci there`);
    }
}

/** The environment of a child: ours without what only the engine needs, configuration and passphrase above all. */
function childEnvironment(): NodeJS.ProcessEnv {
    const ours = [
        "PULUMI_CONFIG_PASSPHRASE",
        "PULUMI_CONFIG_PASSPHRASE_FILE",
        "PULUMI_CONFIG",
        "PULUMI_CONFIG_SECRET_KEYS",
    ];
    // Where the engine itself keeps compiled code, and so found that it can (start/compile-cache.js).
    const cache = module.getCompileCacheDir() === undefined ? {} : { NODE_COMPILE_CACHE: compileCacheHome() };
    return { ...cache, ...without(process.env, ours) };
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
