/** Runs a program and passes on what it says: its last line as a note, its last lines in the error. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** Hears what is going on, for the progress line of a `Report`. */
export type Note = (text: string) => void;

export interface CommandOptions {
    readonly cwd?: string;
    /** Added to this process's environment. */
    readonly env?: Readonly<Record<string, string>>;
    readonly note?: Note;
}

const failureLines = 15;

/**
 * Resolves with standard output when `program` has ended with code 0. Rejects with the end of its output otherwise, or
 * with `ENOENT` as the error's `code` when there is no such program. The child ends with this process.
 */
export async function command(program: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
    const child = spawn(program, args, {
        cwd: options.cwd,
        env: { ...process.env, ...options.env },
        stdio: ["ignore", "pipe", "pipe"],
    });
    const stop = (): void => void child.kill();
    process.once("exit", stop);
    const said: string[] = [];
    const output: string[] = [];
    createInterface({ input: child.stdout }).on("line", (line) => output.push(line));
    for (const input of [child.stdout, child.stderr]) {
        createInterface({ input }).on("line", (line) => {
            said.push(line);
            if (said.length > failureLines) said.shift();
            options.note?.(line);
        });
    }
    try {
        const code = await new Promise<number | null>((resolve, reject) => {
            child.once("error", reject);
            child.once("close", resolve);
        });
        if (code !== 0) {
            throw new Error(`${program} ended with ${code ?? "a signal"}:\n    ${said.join("\n    ")}`);
        }
    } finally {
        process.off("exit", stop);
    }
    return output.join("\n");
}

/** Whether `error` says that the program does not exist. */
export function isMissing(error: unknown): boolean {
    return error instanceof Error && "code" in error && error.code === "ENOENT";
}
