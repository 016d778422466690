/** Runs one short program of the machine and reports its error. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);
const largestOutput = 64 * 1024 * 1024;

/** The program's standard output. Throws with the command and what it printed on standard error. */
export async function command(program: string, ...options: string[]): Promise<string> {
    try {
        return (await run(program, options, { maxBuffer: largestOutput })).stdout;
    } catch (error) {
        const printed = error instanceof Error && "stderr" in error ? String(error.stderr).trim() : "";
        const detail = printed || (error instanceof Error ? error.message : String(error));
        throw new Error(`${[program, ...options].join(" ")}: ${detail}`, { cause: error });
    }
}

/** The same, for commands whose failure does not matter, because what they remove may be gone. */
export async function attempt(program: string, ...options: string[]): Promise<void> {
    await command(program, ...options).catch(() => undefined);
}
