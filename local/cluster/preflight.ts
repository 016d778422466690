/** Whether this machine can run the cluster; asked before anything is started. */
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { createServer } from "node:net";
import { home } from "../home.ts";
import { parseRange, overlap } from "./addresses.ts";
import { command } from "./command.ts";
import { has, needed } from "./machine.ts";
import type { ClusterSettings } from "./settings.ts";
import { linkName, simulatedPorts } from "./settings.ts";

const simulatedHint =
    "Without it, `up --simulated` runs a simulated node: the real API server and controllers, but no containers.";

/** What keeps this process from running a real node, one sentence each; empty when nothing does. */
export function obstacles(): string[] {
    if (process.platform !== "linux") return ["a node needs Linux"];
    const found: string[] = [];
    if (process.getuid?.() !== 0) return ["root, whose namespaces, mounts and network devices are (try sudo)"];
    const missing = needed.filter((capability) => !has(capability));
    if (missing.length > 0) found.push(`the capabilities ${missing.map((name) => `CAP_${name}`).join(", ")}`);
    if (found.length === 0) {
        const trial = spawnSync("unshare", ["--net", "--mount", "--pid", "--fork", "--mount-proc", "true"]);
        if (trial.status !== 0) found.push(`namespaces of one's own (${trial.stderr?.toString().trim()})`);
        if (!isWritable("/sys/fs/cgroup")) found.push("cgroups that can be written (/sys/fs/cgroup)");
    }
    return found;
}

function isWritable(directory: string): boolean {
    try {
        accessSync(directory, constants.W_OK);
        return existsSync(directory);
    } catch {
        return false;
    }
}

/** Throws with everything that is missing, and with the way out. */
export function checkMachine(simulated: boolean): void {
    if (simulated) return;
    const found = obstacles();
    if (found.length > 0) {
        throw new Error(`a real node cannot run here; missing: ${found.join("; ")}. ${simulatedHint}`);
    }
    if (`${home()}/`.startsWith("/run/")) {
        throw new Error(`TRADESTREAM_HOME is ${home()}, but the node has a /run of its own; choose another directory`);
    }
}

/** Routes of this machine, as ranges. */
async function routes(): Promise<{ range: string; device: string }[]> {
    const text = await command("ip", "-json", "-4", "route", "show", "table", "all").catch(() => "[]");
    const entries = JSON.parse(text || "[]") as { dst: string; dev?: string; type?: string }[];
    return entries.flatMap(({ dst, dev }) => {
        if (dst === "default" || !/^[\d./]+$/.test(dst)) return [];
        return { range: dst.includes("/") ? dst : `${dst}/32`, device: dev ?? "" };
    });
}

/** What of the machine is in use already. */
export interface Taken {
    readonly routes: readonly { readonly range: string; readonly device: string }[];
    /** Whether a TCP port of 127.0.0.1 is in use. */
    readonly isPortTaken: (port: number) => Promise<boolean>;
}

export async function whatIsTaken(): Promise<Taken> {
    return { routes: await routes(), isPortTaken };
}

async function isPortTaken(port: number): Promise<boolean> {
    const server = createServer();
    const taken = new Promise<boolean>((resolve) => {
        server.once("error", () => resolve(true)).once("listening", () => resolve(false));
    });
    server.listen(port, "127.0.0.1");
    const answer = await taken;
    server.close();
    return answer;
}

/** A range as wide as this, such as a VPN's 10.0.0.0/8, gives way to the cluster's narrower one. */
const wide = 8;

/** The first clash of the cluster's ranges or ports with what is in use on this machine, as a sentence. */
export async function clash(settings: ClusterSettings, taken: Taken): Promise<string | undefined> {
    return settings.simulated ? portClash(settings, taken) : rangeClash(settings, taken);
}

async function portClash({ apiPort }: ClusterSettings, taken: Taken): Promise<string | undefined> {
    for (const offset of Object.values(simulatedPorts)) {
        if (await taken.isPortTaken(apiPort + offset)) {
            const row = `${apiPort} to ${apiPort + 5}`;
            return `the port ${apiPort + offset} is in use on this machine (the cluster takes ${row}): choose others with --api-port or --index`;
        }
    }
    return undefined;
}

function rangeClash(settings: ClusterSettings, taken: Taken): string | undefined {
    const ours = [
        ["--pod-cidr", settings.podCidr],
        ["--service-cidr", settings.serviceCidr],
        ["--link-cidr", settings.linkCidr],
    ] as const;
    for (const { range, device } of taken.routes) {
        if (device === linkName(settings.name) || parseRange(range).prefix <= wide) continue;
        const hit = ours.find(([, cidr]) => overlap(cidr, range));
        if (hit) {
            return (
                `the range ${hit[1]} is in use on this machine (route ${range}${device ? ` on ${device}` : ""}): ` +
                `choose another with ${hit[0]}, or other ranges altogether with --index`
            );
        }
    }
    return undefined;
}
