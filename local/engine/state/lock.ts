/** One run at a time changes a stack. */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { EngineError } from "../errors.ts";

/** Who holds a lock. */
export interface Holder {
    readonly pid: number;
    readonly host: string;
    readonly command: string;
    /** When it was taken, ISO 8601. */
    readonly time: string;
    /** Tells two processes with the same number apart; empty where the system does not say. */
    readonly processStart: string;
}

export interface Lock {
    release(): void;
}

function lockFile(stateFile: string): string {
    return stateFile.replace(/\.json$/, ".lock");
}

/**
 * Takes the lock of a stack. Throws an {@link EngineError} that names the holder when another run has it. The lock of a
 * process that has died on this machine is taken over, and `note` is told.
 */
export function takeLock(stateFile: string, command: string, note: (text: string) => void): Lock {
    const file = lockFile(stateFile);
    fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    const mine: Holder = {
        pid: process.pid,
        host: os.hostname(),
        command,
        time: new Date().toISOString(),
        processStart: processStart(process.pid),
    };
    for (let attempt = 0; attempt < 5; attempt++) {
        if (create(file, JSON.stringify(mine))) return { release: () => releaseLock(file, mine) };
        const text = readText(file);
        if (text === undefined) continue;
        const holder = parseHolder(text);
        if (holder !== undefined && !isDead(holder)) break;
        if (holder !== undefined) note(`the lock of a run that has died is taken over: ${describe(holder)}`);
        removeIfUnchanged(file, text);
    }
    const holder = readHolder(stateFile);
    const by = holder === undefined ? "another run" : describe(holder);
    throw new EngineError(
        `the stack is locked by ${by}; wait for it, or, if it is certainly not running any more, use "cancel"`,
    );
}

/** Who holds the lock of a stack, if anybody. */
export function readHolder(stateFile: string): Holder | undefined {
    const text = readText(lockFile(stateFile));
    return text === undefined ? undefined : parseHolder(text);
}

/** Takes the lock away from whoever has it. Returns whether there was one. */
export function breakLock(stateFile: string): boolean {
    const file = lockFile(stateFile);
    const existed = fs.existsSync(file);
    fs.rmSync(file, { force: true });
    return existed;
}

export function describe(holder: Holder): string {
    return `"${holder.command}", process ${holder.pid} on ${holder.host}, since ${holder.time}`;
}

/** Whether the holder was a process of this machine that does not run any more. */
export function isDead(holder: Holder): boolean {
    if (holder.host !== os.hostname()) return false;
    try {
        process.kill(holder.pid, 0);
    } catch (error) {
        return (error as NodeJS.ErrnoException).code === "ESRCH";
    }
    return holder.processStart !== "" && processStart(holder.pid) !== holder.processStart;
}

/** The lock appears with its whole content or not at all. */
function create(file: string, text: string): boolean {
    const draft = `${file}.${process.pid}`;
    fs.writeFileSync(draft, text, { mode: 0o600 });
    try {
        fs.linkSync(draft, file);
        return true;
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
        throw error;
    } finally {
        fs.rmSync(draft, { force: true });
    }
}

/** Removes a stale lock, unless somebody else has taken it over in the meantime: then it is put back. */
function removeIfUnchanged(file: string, text: string): void {
    const aside = `${file}.${process.pid}.stale`;
    try {
        fs.renameSync(file, aside);
        if (readText(aside) !== text) fs.linkSync(aside, file);
    } catch {
        // it is gone already, or there is a new one: the next attempt sees
    } finally {
        fs.rmSync(aside, { force: true });
    }
}

function releaseLock(file: string, mine: Holder): void {
    if (readText(file) === JSON.stringify(mine)) fs.rmSync(file, { force: true });
}

function readText(file: string): string | undefined {
    try {
        return fs.readFileSync(file, "utf8");
    } catch {
        return undefined;
    }
}

function parseHolder(text: string): Holder | undefined {
    try {
        return JSON.parse(text) as Holder;
    } catch {
        return undefined;
    }
}

/** The start time of a process, in ticks since boot (field 22 of /proc/<pid>/stat). */
function processStart(pid: number): string {
    const stat = readText(`/proc/${pid}/stat`);
    return stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
}
