import { isIP, isIPv4 } from "node:net";

/** A range of addresses, however it is written. */
export interface AddressRange {
    /** The bits that all of its addresses begin with. */
    readonly bits: string;
    readonly family: "ipv4" | "ipv6";
    /** Whether bits after the prefix are set, as in `10.1.2.3/8`. */
    readonly hasHostBits: boolean;
    /** Whether an IPv4 address is written as one of IPv6 (`::ffff:10.0.0.0/104`); it then has the family ipv4. */
    readonly isMapped: boolean;
}

/** What the bits of an IPv4 address begin with when it is written as one of IPv6. */
const MAPPED = "0".repeat(80) + "1".repeat(16);

/** The range of a text in CIDR notation; undefined where it is none. Leading zeros count nothing, as for Kubernetes before 1.36. */
export function parseRange(cidr: string): AddressRange | undefined {
    const [, text = "", length = ""] = /^([^/%]+)\/(\d{1,3})$/.exec(cidr) ?? [];
    const address = text.replaceAll(/\b0+(?=\d)/g, "");
    if (isIP(address) === 0) return undefined;
    const [all, prefix] = [bitsOf(address), Number(length)];
    if (prefix > all.length) return undefined;
    const [bits, hasHostBits] = [all.slice(0, prefix), all.slice(prefix).includes("1")];
    const isMapped = isMappedAddress(address);
    if (isMapped && prefix >= MAPPED.length)
        return { bits: bits.slice(MAPPED.length), family: "ipv4", hasHostBits, isMapped };
    return { bits, family: isIPv4(address) ? "ipv4" : "ipv6", hasHostBits, isMapped };
}

/** Whether an address is one of IPv4 in the spelling of IPv6. */
export function isMappedAddress(address: string): boolean {
    return isIP(address) === 6 && bitsOf(address).startsWith(MAPPED);
}

/** Whether all addresses of a range are in another. */
export function covers(outer: AddressRange, inner: AddressRange): boolean {
    return outer.family === inner.family && inner.bits.startsWith(outer.bits);
}

/** Whether all addresses of a range are in others together: two halves cover the whole. */
export function coverTogether(ranges: readonly AddressRange[], inner: AddressRange): boolean {
    const near = ranges.filter((range) => covers(range, inner) || covers(inner, range));
    if (near.some((range) => covers(range, inner))) return true;
    if (near.length < 2) return false;
    return ["0", "1"].every((bit) => coverTogether(near, { ...inner, bits: inner.bits + bit }));
}

/** Half of all addresses of a family, and the public addresses of IPv6: whoever allows one means the internet. */
const ANYWHERE = ["0.0.0.0/1", "128.0.0.0/1", "::/1", "8000::/1", "2000::/3"].flatMap((cidr) => parseRange(cidr) ?? []);

/** Whether ranges together have so many addresses that they stand for all of them: those above, or more than half. */
export function isAnywhere(...ranges: readonly AddressRange[]): boolean {
    if (ANYWHERE.some((range) => coverTogether(ranges, range))) return true;
    return ["ipv4", "ipv6"].some((family) => shareOf(ranges.filter((range) => range.family === family)) > 0.5);
}

/** The share that ranges have of all addresses of their family. */
function shareOf(ranges: readonly AddressRange[]): number {
    const all = [...new Set(ranges.map(({ bits }) => bits))];
    const widest = all.filter((bits) => !all.some((other) => other !== bits && bits.startsWith(other)));
    return widest.reduce((sum, bits) => sum + 2 ** -bits.length, 0);
}

/** Not by ipaddr.js: it takes `::10.0.0.1`, an address of IPv6, for `::ffff:10.0.0.1`, which is one of IPv4. */
function bitsOf(address: string): string {
    if (isIPv4(address)) return inBits(address.split(".").map(Number), 8);
    const { hostname } = new URL(`http://[${address}]`);
    const [head = "", tail] = hostname.slice(1, -1).split("::");
    const parts = (text = ""): number[] =>
        text === "" ? [] : text.split(":").map((part) => Number.parseInt(part, 16));
    const [before, after] = [parts(head), parts(tail)];
    const zeros = Array.from({ length: 8 - before.length - after.length }, () => 0);
    return inBits([...before, ...zeros, ...after], 16);
}

function inBits(parts: readonly number[], width: number): string {
    return parts.map((part) => part.toString(2).padStart(width, "0")).join("");
}
