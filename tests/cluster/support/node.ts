/** The shared cluster from outside: its components and its containers, as processes of this machine that can be killed. */
import fs from "node:fs";
import { status } from "../../../local/cluster/index.ts";
import { podProcesses } from "../../../local/cluster/cgroups.ts";
import { cluster } from "./cluster-name.ts";
import { eventually, type KubeObject } from "./commands.ts";
import { pause } from "./load.ts";

/** Kills a component of the cluster, and waits until its supervisor has started another. */
export async function killComponent(name: string): Promise<void> {
    const old = pidOf(name);
    if (old === undefined) throw new Error(`${name} does not run on the cluster ${cluster}`);
    process.kill(old, "SIGKILL");
    await eventually(60, () => {
        const pid = pidOf(name);
        return Promise.resolve(pid !== undefined && pid !== old ? true : undefined);
    });
}

/** Keeps a component from running for some seconds. Returns how often it had to be killed. */
export async function keepDown(name: string, seconds: number): Promise<number> {
    const end = performance.now() + seconds * 1000;
    let kills = 0;
    for (; performance.now() < end; await pause(50)) {
        const pid = pidOf(name);
        if (pid !== undefined && signal(pid, "SIGKILL")) kills++;
    }
    return kills;
}

/** Kills the first process of a pod's container, and with it, as the kernel does, all others in there. */
export function killContainer(pod: KubeObject): void {
    for (const pid of firstProcesses(pod)) signal(pid, "SIGKILL");
}

/** Stops the first processes of pods' containers, and lets them go on after some milliseconds. */
export async function stopFor(milliseconds: number, pods: readonly KubeObject[]): Promise<void> {
    const own = pods.flatMap(firstProcesses);
    for (const pid of own) signal(pid, "SIGSTOP");
    await pause(milliseconds);
    for (const pid of own) signal(pid, "SIGCONT");
}

function firstProcesses(pod: KubeObject): readonly number[] {
    const own = podProcesses(cluster).filter((pid) => belongsTo(pid, pod.metadata.uid) && isFirst(pid));
    if (own.length === 0) throw new Error(`no process of pod ${pod.metadata.name} was found`);
    return own;
}

/** The network namespace of a pod that runs, as a file of this machine. */
export function networkOf(pod: KubeObject): string {
    const pid = podProcesses(cluster).find((candidate) => belongsTo(candidate, pod.metadata.uid));
    if (pid === undefined) throw new Error(`no process of pod ${pod.metadata.name} was found`);
    return `/proc/${pid}/ns/net`;
}

/** The first process of the node. */
export function nodeProcess(): number {
    const { node } = status(cluster);
    if (node === undefined) throw new Error(`the cluster ${cluster} has no node`);
    return node;
}

function pidOf(component: string): number | undefined {
    return status(cluster).components.find(({ name }) => name === component)?.pid;
}

function belongsTo(pid: number, uid: string): boolean {
    const groups = readOf(pid, "cgroup");
    return groups.includes(uid) || groups.includes(uid.replaceAll("-", "_"));
}

/** Whether it is number 1 in its container, and not what only holds the pod's namespaces. */
function isFirst(pid: number): boolean {
    const numbers = /^NSpid:\s+(.*)$/m.exec(readOf(pid, "status"))?.[1]?.split(/\s+/);
    return numbers?.at(-1) === "1" && readOf(pid, "comm").trim() !== "pause";
}

function readOf(pid: number, file: string): string {
    try {
        return fs.readFileSync(`/proc/${pid}/${file}`, "utf8");
    } catch {
        return ""; // it has ended
    }
}

function signal(pid: number, name: NodeJS.Signals): boolean {
    try {
        return process.kill(pid, name);
    } catch {
        return false; // it has ended
    }
}
