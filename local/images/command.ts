/** Runs a program and passes on its output: its last line as a note, its last lines in the error. */
import { execa, ExecaError } from "execa";

/** Receives the current activity, for the progress line of a `Report`. */
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
export async function command(
    program: string,
    args: readonly string[],
    { note, ...options }: CommandOptions = {},
): Promise<string> {
    const noted = function* (line: unknown) {
        note?.(String(line));
        yield line;
    };
    const streams = { stdin: "ignore", stdout: noted, stderr: noted, all: true } as const;
    try {
        return (await execa(program, args, { ...options, ...streams })).stdout;
    } catch (error) {
        if (!(error instanceof ExecaError) || isMissing(error)) throw error;
        const last = String(error.all).split("\n").slice(-failureLines);
        throw new Error(`${program} ended with ${error.exitCode ?? "a signal"}:\n    ${last.join("\n    ")}`, {
            cause: error,
        });
    }
}

/** Whether `error` says that the program does not exist. */
export function isMissing(error: unknown): boolean {
    return error instanceof Error && "code" in error && error.code === "ENOENT";
}
