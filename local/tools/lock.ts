/** A lock between processes. The kernel holds it (flock), so it is free again however its holder ends. */
import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import path from "node:path";

/**
 * Runs `work` while this process alone holds the lock on `file`, which is created if needed.
 * A helper process holds the lock and ends with the pipe from this process, so a crash frees it as well. Ctrl-C on a
 * terminal does not reach it: the lock is held until `work` has ended, however long that takes to clean up.
 */
export async function withLock<T>(file: string, work: () => Promise<T>, onWait?: () => void): Promise<T> {
    mkdirSync(path.dirname(file), { recursive: true });
    const holder = spawn("flock", ["--no-fork", file, "sh", "-c", "echo held; exec cat"], {
        stdio: ["pipe", "pipe", "inherit"],
        detached: true,
    });
    const ended = new Promise((resolve) => holder.once("exit", resolve));
    const waiting = setTimeout(() => onWait?.(), 500);
    try {
        await new Promise<void>((resolve, reject) => {
            holder.stdout.once("data", () => resolve());
            holder.once("error", (error) =>
                reject(new Error(`cannot run flock (package util-linux): ${error.message}`)),
            );
            holder.once("exit", (code) => reject(new Error(`cannot lock ${file}: flock ended with code ${code}`)));
        });
    } finally {
        clearTimeout(waiting);
    }
    try {
        return await work();
    } finally {
        holder.stdin.end();
        await ended;
    }
}
