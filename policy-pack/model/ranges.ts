import { BlockList, isIP } from "node:net";

/** A range of addresses, however it is written. */
export interface AddressRange {
    readonly address: string;
    /** Length of the prefix in bits. */
    readonly prefix: number;
    readonly family: "ipv4" | "ipv6";
}

/** The range of a text in CIDR notation; undefined where it is none. */
export function parseRange(cidr: string): AddressRange | undefined {
    const [, address = "", length = ""] = /^([^/]+)\/(\d{1,3})$/.exec(cidr) ?? [];
    const version = isIP(address);
    const prefix = Number(length);
    if (version === 0 || prefix > (version === 4 ? 32 : 128)) return undefined;
    return { address, prefix, family: version === 4 ? "ipv4" : "ipv6" };
}

/** Whether all addresses of a range are in another. */
export function covers(outer: AddressRange, inner: AddressRange): boolean {
    if (outer.family !== inner.family || outer.prefix > inner.prefix) return false;
    const list = new BlockList();
    list.addSubnet(outer.address, outer.prefix, outer.family);
    return list.check(inner.address, inner.family);
}

/** Whether a range has all addresses of its family, or half of them: two such rules together say the same. */
export function isAnywhere({ prefix }: AddressRange): boolean {
    return prefix <= 1;
}
