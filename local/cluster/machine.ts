/** What the machine grants to this process. */
import { readFileSync } from "node:fs";

/** Bit numbers in the kernel's set of capabilities. */
const capabilities = {
    CHOWN: 0,
    DAC_OVERRIDE: 1,
    FOWNER: 3,
    KILL: 5,
    SETGID: 6,
    SETUID: 7,
    SETPCAP: 8,
    NET_BIND_SERVICE: 10,
    NET_ADMIN: 12,
    NET_RAW: 13,
    SYS_CHROOT: 18,
    SYS_PTRACE: 19,
    SYS_ADMIN: 21,
    SYS_RESOURCE: 24,
    MKNOD: 27,
} as const;

export type Capability = keyof typeof capabilities;

/** What a real node cannot do without. */
export const needed = (Object.keys(capabilities) as Capability[]).filter((name) => name !== "SYS_RESOURCE");

/** Whether this process has the capability. */
export function has(capability: Capability): boolean {
    const set = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "0";
    return ((BigInt(`0x${set}`) >> BigInt(capabilities[capability])) & 1n) === 1n;
}

/** The hard limit of open files; a million where there is none. */
export function openFilesLimit(): number {
    const line = /^Max open files\s+\S+\s+(\S+)/m.exec(readFileSync("/proc/self/limits", "utf8"));
    return Number(line?.[1]) || 1_000_000;
}
