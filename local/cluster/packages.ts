/** Programs of Debian's packages that a cluster needs. */
import type { Need } from "../debian.ts";

const forAll: readonly Need[] = [
    { package: "openssl", file: "openssl" },
    { package: "util-linux", file: "setpriv" },
];

const forNodes: readonly Need[] = [
    { package: "util-linux", file: "nsenter" },
    { package: "iproute2", file: "ip" },
    { package: "nftables", file: "nft" },
    { package: "runc", file: "runc" },
    { package: "containernetworking-plugins", file: "/usr/lib/cni/ptp" },
];

/** What a real node needs, or a simulated one. */
export function packagesFor(simulated: boolean): readonly Need[] {
    return simulated ? forAll : [...forAll, ...forNodes];
}
