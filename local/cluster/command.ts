/** Runs one short program of the machine and reports its error. */
import { execa, ExecaError } from "execa";

/** The program's standard output. Throws with the command and what it printed on standard error. */
export async function command(program: string, ...options: string[]): Promise<string> {
    try {
        return (await execa(program, options, { stripFinalNewline: false })).stdout;
    } catch (error) {
        if (!(error instanceof ExecaError)) throw error;
        const detail = String(error.stderr ?? "").trim() || error.shortMessage;
        throw new Error(`${[program, ...options].join(" ")}: ${detail}`, { cause: error });
    }
}

/** The same, for commands whose failure does not matter, because what they remove may be gone. */
export async function attempt(program: string, ...options: string[]): Promise<void> {
    await command(program, ...options).catch(() => undefined);
}
