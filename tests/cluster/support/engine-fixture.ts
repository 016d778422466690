/** The small program of tests/fixtures/engine-program, run by the embedded engine on the shared cluster. */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { engine, engineOk, kubectl, root } from "./commands.ts";

export const program = path.join(root, "tests/fixtures/engine-program");
export const namespace = "engine-fixture";

/** The document that `--json` prints. */
export interface Document {
    readonly result: string;
    readonly steps: readonly { op: string; name: string; reason?: string; diff?: readonly string[] }[];
    readonly counts: Readonly<Record<string, number>>;
    readonly failures: readonly { name: string; message: string }[];
    readonly outputs: Readonly<Record<string, unknown>>;
    readonly requests: { reads: number; writes: number; watches: number };
}

/** Where the engine keeps the state of the fixture's stack. */
export function stateFile(): string {
    return path.join(process.env["TRADESTREAM_STACKS"] ?? "", "engine-fixture", "test.json");
}

/** The engine's arguments for a command on the fixture's stack. */
export function args(command: string, ...more: string[]): string[] {
    return [command, "--cwd", program, "--stack", "test", ...more];
}

/** Turns parts of the program on. */
export function features(...names: string[]): string[] {
    return ["--config", `features=${JSON.stringify(names)}`];
}

/** Runs the engine with arguments that include `--json`; fails unless it ends with 0. */
export async function json(...more: string[]): Promise<Document> {
    return JSON.parse((await engineOk(more)).stdout) as Document;
}

/** What was done to each resource that was not left alone. */
export function ops(document: Document): Record<string, string> {
    return Object.fromEntries(document.steps.filter((step) => step.op !== "same").map((step) => [step.name, step.op]));
}

/** Removes the stack, whatever a test has left, from the cluster and from disk. */
export async function cleanUp(): Promise<void> {
    await engine(args("cancel", "--yes"));
    if (fs.existsSync(stateFile())) {
        // What is protected has to be told so first.
        if (/"protect":true/.test(fs.readFileSync(stateFile(), "utf8")))
            await engine(args("up", "--yes", ...features("small")));
        await engine(args("destroy", "--yes"));
    }
    await kubectl("delete", "namespace", namespace, "--ignore-not-found", "--wait=true");
    fs.rmSync(stateFile(), { force: true });
}

/** Gives the suite it is called in a place for states, unless there is one, and a cluster without the fixture. */
export function withFixture(): void {
    let own: string | undefined;
    before(async () => {
        if (process.env["TRADESTREAM_STACKS"] === undefined) {
            own = fs.mkdtempSync(path.join(os.tmpdir(), "engine-stacks-"));
            process.env["TRADESTREAM_STACKS"] = own;
        }
        await cleanUp();
    });
    after(async () => {
        await cleanUp();
        if (own === undefined) return;
        fs.rmSync(own, { recursive: true, force: true });
        delete process.env["TRADESTREAM_STACKS"];
    });
}
