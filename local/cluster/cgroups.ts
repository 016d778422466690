/** The cgroup directories of a node's pods: made before the kubelet starts, removed when the node has ended. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { cgroupName } from "./settings.ts";

const mountPoint = "/sys/fs/cgroup";
const triesToRemove = 50;

/** Whether the machine has the one hierarchy of cgroup v2 (Debian's way) rather than one per controller. */
export function isUnified(): boolean {
    return existsSync(path.join(mountPoint, "cgroup.controllers"));
}

/** The cluster's directory in each hierarchy. */
function directories(name: string): string[] {
    const roots = isUnified()
        ? [mountPoint]
        : readdirSync(mountPoint, { withFileTypes: true })
              .filter((entry) => entry.isDirectory())
              .map((entry) => path.join(mountPoint, entry.name));
    return roots.map((root) => path.join(root, cgroupName(name)));
}

export function createCgroups(name: string): void {
    for (const directory of directories(name)) {
        mkdirSync(directory, { recursive: true });
        if (isUnified()) {
            delegate(mountPoint);
            delegate(directory);
        } else {
            // A new cpuset is empty, and a process may not enter an empty one.
            for (const file of ["cpuset.cpus", "cpuset.mems"]) inherit(directory, file);
        }
    }
}

/** Hands every controller that is there on to the directories below. */
function delegate(directory: string): void {
    const controllers = readFileSync(path.join(directory, "cgroup.controllers"), "utf8").trim().split(" ");
    for (const controller of controllers.filter(Boolean)) {
        writeFileSync(path.join(directory, "cgroup.subtree_control"), `+${controller}`);
    }
}

function inherit(directory: string, file: string): void {
    const parent = path.join(path.dirname(directory), file);
    if (existsSync(parent)) writeFileSync(path.join(directory, file), readFileSync(parent));
}

/** Ids of all processes in the cluster's pods. */
export function podProcesses(name: string): number[] {
    const pids = new Set<number>();
    for (const directory of directories(name)) {
        for (const below of deepestFirst(directory)) {
            for (const pid of readLines(path.join(below, "cgroup.procs"))) pids.add(Number(pid));
        }
    }
    return [...pids];
}

/** Removes the directories; processes that are ending keep them busy for a moment, so it takes a few tries. */
export async function removeCgroups(name: string): Promise<void> {
    for (let attempt = 0; attempt < triesToRemove; attempt++) {
        const left = directories(name).filter((directory) => !removed(directory));
        if (left.length === 0) return;
        await sleep(100);
    }
    const left = directories(name).filter((directory) => existsSync(directory));
    throw new Error(`these cgroups are still in use: ${left.join(", ")} (see their cgroup.procs for the processes)`);
}

function removed(directory: string): boolean {
    for (const below of deepestFirst(directory)) {
        try {
            rmdirSync(below);
        } catch (error) {
            if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) return false;
        }
    }
    return true;
}

function deepestFirst(directory: string): string[] {
    try {
        const entries = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory());
        return [...entries.flatMap((entry) => deepestFirst(path.join(directory, entry.name))), directory];
    } catch {
        return [];
    }
}

function readLines(file: string): string[] {
    try {
        return readFileSync(file, "utf8").split("\n").filter(Boolean);
    } catch {
        return [];
    }
}
