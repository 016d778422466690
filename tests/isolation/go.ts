/** The Go programs below this directory. Go compiles them when they are needed first, and keeps what it has compiled. */
import { spawn } from "node:child_process";
import path from "node:path";
import { text } from "node:stream/consumers";

/** A directory with a program of its own module. */
export type Program = "evaluator" | "enforcer" | "packets";

/** Runs a program with a question on its standard input, as JSON, and returns its standard output. */
export async function run(program: Program, question: unknown): Promise<string> {
    const { output, errors } = await go(program, ["run", "."], JSON.stringify(question));
    if (output === "") throw new Error(`${program} failed (it needs Go):\n${errors}`);
    return output;
}

/** Builds a program into a file. */
export async function build(program: Program, file: string): Promise<void> {
    const { code, errors } = await go(program, ["build", "-o", file, "."]);
    if (code !== 0) throw new Error(`${program} cannot be built (it needs Go):\n${errors}`);
}

async function go(
    program: Program,
    options: readonly string[],
    input = "",
): Promise<{ readonly code: number | null; readonly output: string; readonly errors: string }> {
    const child = spawn("go", options, {
        cwd: path.join(import.meta.dirname, program),
        env: { ...process.env, GOFLAGS: "-mod=readonly -buildvcs=false", GOWORK: "off", CGO_ENABLED: "0" },
        stdio: ["pipe", "pipe", "pipe"],
    });
    const ended = new Promise<number | null>((resolve, reject) => child.once("error", reject).once("close", resolve));
    child.stdin.end(input);
    const [code, output, errors] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
    return { code, output, errors };
}
