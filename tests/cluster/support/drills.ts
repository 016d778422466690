/** `npm run drill`, as an operator runs it on the stack `local`. */
import { existsSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import type { DrillRecord } from "../../../scripts/drills/records.ts";
import type { DrillName } from "../../../scripts/drills/table.ts";
import { readStatus } from "../../../scripts/status/index.ts";
import { command, eventually, kubectl, root } from "./commands.ts";
import { stacksHome } from "./pulumi.ts";
import { namespace } from "./tradestream.ts";

export interface Drilled {
    readonly code: number;
    /** All that it has printed. */
    readonly said: string;
    /** What it has recorded, if anything. */
    readonly record: DrillRecord | undefined;
}

/** Waits until the stack is healthy, and runs the drill. */
export async function drill(
    name: DrillName,
    options: readonly string[] = [],
    onStart: (pid: number) => void = () => undefined,
): Promise<Drilled> {
    const target = { stack: "local", namespace, releaseName: "tradestream" };
    let problems: readonly string[] = [];
    await eventually(150, async () => {
        ({ problems } = await readStatus(target, (args) => kubectl(...args)));
        return problems.length === 0 || undefined;
    }).catch(() => {
        throw new Error(`no drill on a stack with problems: ${problems.join("\n")}`);
    });
    const file = path.join(stacksHome(), "drills.jsonl");
    const context = (await kubectl("config", "current-context")).trim();
    const args = ["drill", name, "--stack", "local", "--context", context, "--record", file, "--yes", ...options];
    const { code, stdout, stderr } = await command(process.execPath, ["scripts/platform/cli.ts", ...args], {
        cwd: root,
        onStart,
    });
    const text = existsSync(file) ? readFileSync(file, "utf8") : "";
    rmSync(file, { force: true });
    return { code, said: stdout + stderr, record: text === "" ? undefined : (JSON.parse(text) as DrillRecord) };
}
