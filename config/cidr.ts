/** Address ranges in CIDR notation, IPv4 or IPv6. */
import { isIP } from "node:net";
import ipaddr from "ipaddr.js";
import { isAnywhere, parseRange } from "../policy-pack/model/ranges.ts";

/** Whether `text` is an address range as the API server takes it, but that bits after the prefix may be set. */
export function isCidr(text: string): boolean {
    const range = parseRange(text);
    return range?.isMapped === false && isIP(text.split("/")[0] ?? "") !== 0 && !/\/0\d/.test(text);
}

/** Whether ranges stand for all addresses: one of them, or all together, have at least half of them. */
export function areEverywhere(cidrs: readonly string[]): boolean {
    return isAnywhere(...cidrs.flatMap((cidr) => parseRange(cidr) ?? []));
}

/** The range that `cidr` lies in, without bits after the prefix: `10.20.0.0/16` for `10.20.1.5/16`. */
export function networkOf(cidr: string): string {
    const [address, length] = ipaddr.parseCIDR(cidr);
    const family = address.kind() === "ipv4" ? ipaddr.IPv4 : ipaddr.IPv6;
    const network = family.networkAddressFromCIDR(cidr).toString();
    return address.toString() === network ? cidr : `${network}/${length}`;
}
