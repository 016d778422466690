/** Ends a run of the CLI as a crash of the machine would: the CLI and all that it has started, at once. */
import { readdirSync, readFileSync } from "node:fs";

/** Kills a process with all its descendants. Returns how many there were. */
export function killTree(pid: number): number {
    const family = [pid];
    for (const parent of family) family.push(...childrenOf(parent));
    for (const each of family) {
        try {
            process.kill(each, "SIGKILL");
        } catch {
            // It has ended by itself.
        }
    }
    return family.length;
}

function childrenOf(parent: number): number[] {
    return readdirSync("/proc")
        .filter((entry) => /^\d+$/.test(entry))
        .map(Number)
        .filter((pid) => parentOf(pid) === parent);
}

function parentOf(pid: number): number | undefined {
    try {
        // The name of the program, in parentheses, may contain spaces.
        const [, rest = ""] = /\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, "utf8")) ?? [];
        return Number(rest);
    } catch {
        return undefined;
    }
}
