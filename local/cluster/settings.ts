/** What one local cluster is called and which addresses and ports it takes; fixed for as long as its data lives. */
import { createHash } from "node:crypto";
import { addressAt, overlap, parseRange } from "./addresses.ts";

export interface ClusterSettings {
    /** Lower-case letters, digits and dashes. */
    readonly name: string;
    /** Tells clusters on one machine apart; the defaults of the ranges and ports derive from it. 0 to 99. */
    readonly index: number;
    /** Nodes and containers simulated by KWOK; needs no root. */
    readonly simulated: boolean;
    /** Addresses of pods, at least a /28. */
    readonly podCidr: string;
    /** Addresses of Services, at least a /28. */
    readonly serviceCidr: string;
    /** The link between the machine (first address) and the node (second address), at least a /30. */
    readonly linkCidr: string;
    /** Port of the API server. A simulated cluster takes this one and the five that follow, on 127.0.0.1. */
    readonly apiPort: number;
}

/** What a caller may choose; the rest derives from the index. */
export type ClusterOptions = { readonly name?: string | undefined } & {
    readonly [K in Exclude<keyof ClusterSettings, "name">]?: ClusterSettings[K] | undefined;
};

export const defaultName = "tradestream";
const highestIndex = 99;

/** Ports of a simulated cluster, counted from its API port. */
export const simulatedPorts = { api: 0, etcd: 1, etcdPeer: 2, controllerManager: 3, scheduler: 4, kwok: 5 } as const;

/** The settings for these options. Throws with a sentence about the first value that cannot be used. */
export function settingsOf(options: ClusterOptions, index: number): ClusterSettings {
    const simulated = options.simulated ?? false;
    const settings: ClusterSettings = {
        name: checkedName(options.name ?? defaultName),
        index,
        simulated,
        podCidr: options.podCidr ?? `10.214.${index}.0/24`,
        serviceCidr: options.serviceCidr ?? `10.215.${index}.0/24`,
        linkCidr: options.linkCidr ?? `10.213.${index}.0/30`,
        apiPort: options.apiPort ?? (simulated ? 16443 + 10 * index : 6443),
    };
    if (!Number.isInteger(index) || index < 0 || index > highestIndex) {
        throw new RangeError(`index ${index} is not a whole number from 0 to ${highestIndex}`);
    }
    if (!Number.isInteger(settings.apiPort) || settings.apiPort < 1024 || settings.apiPort > 65530) {
        throw new RangeError(`API port ${settings.apiPort} is not a port from 1024 to 65530`);
    }
    checkRanges(settings);
    return settings;
}

export function nodeAddress(settings: ClusterSettings): string {
    return settings.simulated ? "127.0.0.1" : addressAt(settings.linkCidr, 2);
}

/** The machine's address on the link to the node. */
export function hostAddress(settings: ClusterSettings): string {
    return addressAt(settings.linkCidr, 1);
}

/** The ClusterIP of the Service `kubernetes`. */
export function apiServiceAddress(settings: ClusterSettings): string {
    return addressAt(settings.serviceCidr, 1);
}

/** The ClusterIP of the cluster's DNS. */
export function dnsServiceAddress(settings: ClusterSettings): string {
    return addressAt(settings.serviceCidr, 10);
}

export function nodeName(settings: ClusterSettings): string {
    return `${settings.name}-node`;
}

/** Address and port under which the API server is reached from the machine. */
export function apiUrl(settings: ClusterSettings): string {
    return `https://${nodeAddress(settings)}:${settings.apiPort}`;
}

export function contextName(name: string): string {
    return `${name}-local`;
}

/** Name of the machine's end of the link: at most 15 characters, as the kernel wants. */
export function linkName(name: string): string {
    const plain = `ts-${name}`;
    if (plain.length <= 15) return plain;
    return `ts-${name.slice(0, 5)}-${createHash("sha256").update(name).digest("hex").slice(0, 6)}`;
}

/** Name of the directory that holds the node's pods in each cgroup hierarchy. */
export function cgroupName(name: string): string {
    return `tradestream-cluster-${name}`;
}

/** The indexes to try, lowest first. */
export function indexes(): number[] {
    return Array.from({ length: highestIndex + 1 }, (_, index) => index);
}

/** Refuses what cannot be a node's name, a kubeconfig context and a directory at once. */
export function checkedName(name: string): string {
    if (!/^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/.test(name)) {
        throw new RangeError(
            `"${name}" cannot be a cluster's name: use up to 40 lower-case letters, digits and dashes, ` +
                "beginning with a letter and not ending with a dash",
        );
    }
    return name;
}

function checkRanges(settings: ClusterSettings): void {
    const ranges = [
        ["pod", settings.podCidr, 28],
        ["service", settings.serviceCidr, 28],
        ["link", settings.linkCidr, 30],
    ] as const;
    for (const [what, range, longest] of ranges) {
        if (parseRange(range).prefix > longest) throw new RangeError(`the ${what} range ${range} is too small`);
        const other = ranges.find(([name, cidr]) => name !== what && overlap(cidr, range));
        if (other) throw new RangeError(`the ${what} range ${range} overlaps the ${other[0]} range ${other[1]}`);
    }
}
