/** The state file: what the supervisor says about itself, for `status`, `up`, `down` and tests. */
import { readFileSync, renameSync, writeFileSync } from "node:fs";

export type Phase = "starting" | "ready" | "stopping" | "failed";

export interface ComponentState {
    readonly name: string;
    /** Process id as the machine sees it; absent while the component is down. */
    readonly pid?: number;
    /** How often it was started again after it had ended. */
    readonly restarts: number;
}

export interface ClusterState {
    readonly phase: Phase;
    /** What it is doing, or why it failed. */
    readonly message: string;
    readonly supervisor: ProcessIdentity;
    /** The first process of the node's namespaces: ending it ends the node. Absent on a simulated cluster. */
    readonly node?: ProcessIdentity;
    readonly components: readonly ComponentState[];
}

/** A process that cannot be mistaken for a later one with the same id. */
export interface ProcessIdentity {
    readonly pid: number;
    /** When it was started, in the kernel's clock ticks since boot. */
    readonly started: string;
}

export function readState(file: string): ClusterState | undefined {
    try {
        return JSON.parse(readFileSync(file, "utf8")) as ClusterState;
    } catch {
        return undefined;
    }
}

/** Replaces the file at once, so that a reader never sees half of it. */
export function writeState(file: string, state: ClusterState): void {
    writeFileSync(`${file}.new`, `${JSON.stringify(state, undefined, 2)}\n`);
    renameSync(`${file}.new`, file);
}

/** The identity of a living process; undefined when there is none, or only its remains. */
export function identify(pid: number): ProcessIdentity | undefined {
    const stat = processStat(pid);
    return stat && stat.status !== "Z" && stat.status !== "X" ? { pid, started: stat.started } : undefined;
}

/** Whether that very process still lives. */
export function isAlive(identity: ProcessIdentity | undefined): boolean {
    return identity !== undefined && identify(identity.pid)?.started === identity.started;
}

/** Status letter and start time of a process, from /proc. */
export function processStat(pid: number): { status: string; started: string } | undefined {
    try {
        const text = readFileSync(`/proc/${pid}/stat`, "utf8");
        // The name, in brackets, may hold spaces; the fields are counted from behind it.
        const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
        return { status: fields[0] ?? "", started: fields[19] ?? "" };
    } catch {
        return undefined;
    }
}

/** The direct children of a process. */
export function childrenOf(pid: number): number[] {
    try {
        const text = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
        return text.trim().split(" ").filter(Boolean).map(Number);
    } catch {
        return [];
    }
}
