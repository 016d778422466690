/** Address ranges in CIDR notation, IPv4 or IPv6. */
import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

/** Whether `text` is an address range; bits after the prefix may be set. */
export function isCidr(text: string): boolean {
    return isIP(text.split("/")[0] ?? "") !== 0 && ipaddr.isValidCIDR(text);
}

/** The range that `cidr` lies in, without bits after the prefix: `10.20.0.0/16` for `10.20.1.5/16`. */
export function networkOf(cidr: string): string {
    const [address, length] = ipaddr.parseCIDR(cidr);
    const family = address.kind() === "ipv4" ? ipaddr.IPv4 : ipaddr.IPv6;
    const network = family.networkAddressFromCIDR(cidr).toString();
    return address.toString() === network ? cidr : `${network}/${length}`;
}
