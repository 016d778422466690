/** Runs the CLI so that nothing of a run stays behind: neither processes nor the kubeconfig files of the provider. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import { pulumiHome } from "../home.ts";
import type { Pulumi } from "./index.ts";

/** How the output is treated: shown as it comes, or returned; `errors` shows all and returns standard error as well. */
export type Output = "inherit" | "pipe" | "errors";

export interface RunOptions {
    readonly cwd: string;
    readonly env: Readonly<Record<string, string | undefined>>;
    /** Default: `inherit`. */
    readonly output?: Output;
    /** Standard input. Default: that of this process. */
    readonly input?: string;
    /** Receives the process id once the CLI has started. */
    readonly onStart?: (pid: number) => void;
}

/** A run that has ended. */
export interface Ended {
    /** Exit code; absent when a signal ended the run, or the CLI could not be started. */
    readonly code: number | undefined;
    readonly signal?: string;
    /** Empty where it was shown and not returned. */
    readonly stdout: string;
    readonly stderr: string;
}

/**
 * Runs a command of the CLI to its end, whatever its exit code. Ctrl-C on a terminal reaches the CLI, which then ends the
 * update in an orderly way; this waits for it. A SIGTERM is passed on.
 */
export async function runPulumi(pulumi: Pulumi, args: readonly string[], options: RunOptions): Promise<Ended> {
    const temporary = temporaryDirectory();
    const output = options.output ?? "inherit";
    const streams = output === "errors" ? (["inherit", ["inherit", "pipe"]] as const) : ([output, output] as const);
    const child = execa(pulumi.file, args, {
        cwd: options.cwd,
        // The policy pack takes the program's directory from PWD.
        env: { ...options.env, TMPDIR: temporary, PWD: options.cwd },
        ...(options.input === undefined
            ? { stdio: ["inherit", ...streams] }
            : { input: options.input, stdio: ["pipe", ...streams] }),
        reject: false,
        maxBuffer: 64 * 1024 * 1024,
        cleanup: false,
    });
    const passOn = (): void => void child.kill("SIGTERM");
    const wait = (): void => undefined;
    process.on("SIGTERM", passOn);
    process.on("SIGINT", wait);
    try {
        if (child.pid !== undefined) options.onStart?.(child.pid);
        const { exitCode, stdout, stderr, signal } = await child;
        return { code: exitCode, stdout: stdout ?? "", stderr: stderr ?? "", ...(signal && { signal }) };
    } finally {
        process.off("SIGTERM", passOn);
        process.off("SIGINT", wait);
        rmSync(temporary, { recursive: true, force: true });
    }
}

/** A directory for temporary files, named after this process; those of processes that were killed are removed. */
function temporaryDirectory(): string {
    const parent = path.join(pulumiHome(), "tmp");
    mkdirSync(parent, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(parent)) {
        if (!isAlive(Number(name.split("-")[0]))) rmSync(path.join(parent, name), { recursive: true, force: true });
    }
    return mkdtempSync(path.join(parent, `${process.pid}-`));
}

function isAlive(pid: number): boolean {
    try {
        process.kill(pid, 0);
        return true;
    } catch (error) {
        return (error as NodeJS.ErrnoException).code === "EPERM";
    }
}
