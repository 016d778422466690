/** Locks of a `file://` backend of Pulumi. For other backends an operator runs `pulumi cancel`. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** What the CLI writes into a lock. */
interface Lock {
    readonly pid: number;
    readonly username: string;
    readonly hostname: string;
}

/**
 * The owners of the stack's locks, such as `process 4711 of root`.
 * @throws when one of them is running, or belongs to another machine, where nobody here can tell
 */
export function deadLocks(backend: string, project: string, stack: string): string[] {
    const directory = path.join(directoryOf(backend), ".pulumi/locks/organization", project, stack);
    if (!existsSync(directory)) return [];
    const files = readdirSync(directory).filter((file) => file.endsWith(".json"));
    return files.map((file) => describe(read(path.join(directory, file))));
}

function read(file: string): Lock {
    try {
        return JSON.parse(readFileSync(file, "utf8")) as Lock;
    } catch {
        throw new Error(`the lock ${file} cannot be read: make sure that no update runs, then \`pulumi cancel\``);
    }
}

function describe({ pid, username, hostname }: Lock): string {
    const owner = `process ${pid} of ${username}`;
    if (hostname !== os.hostname()) {
        throw new Error(
            `${owner} on ${hostname} holds the lock of this stack: make sure that no update runs there, then \`pulumi cancel\``,
        );
    }
    if (isRunning(pid)) {
        throw new Error(`${owner} is updating this stack: wait until it ends, or end it, and try again`);
    }
    return owner;
}

/**
 * Whether the process exists and, where /proc tells, is a CLI that has not ended: the id of one that was killed may be taken
 * again, and in a container whose first process collects no others it stays as a zombie.
 */
function isRunning(pid: number): boolean {
    try {
        process.kill(pid, 0);
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    }
    const file = `/proc/${pid}/status`;
    if (!existsSync(file)) return true;
    const status = readFileSync(file, "utf8");
    return /^Name:\s+pulumi/m.test(status) && !/^State:\s+[ZX]/m.test(status);
}

function directoryOf(backend: string): string {
    const home = backend.replace(/^file:\/\/~/, `file://${os.homedir()}`);
    return home.startsWith("file:///") ? fileURLToPath(home) : path.resolve(home.slice("file://".length));
}
