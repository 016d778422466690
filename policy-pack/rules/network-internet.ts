import { DIRECTIONS } from "../model/network.ts";
import { covers, coverTogether, isAnywhere, parseRange } from "../model/ranges.ts";
import { finding, objectRule } from "../model/rule.ts";
import { UNKNOWN } from "../model/unknown.ts";

const EGRESS = DIRECTIONS[1];
/** What is not the internet. Clouds keep metadata and pods in link-local and shared space. */
const PRIVATE = [
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "169.254.169.254/32",
    "fc00::/7",
    "fe80::/10",
].flatMap((cidr) => parseRange(cidr) ?? []);

export const networkInternet = objectRule(
    {
        name: "network-internet",
        title: "Egress to the internet leaves private addresses out",
        severity: "medium",
        why: "The range 0.0.0.0/0, and a rule that names no peers, is also every pod, node and API server of the cluster, and the company's network behind it.",
        fix: "Name the addresses, or list the private and link-local ranges in except, and allow what is needed of them by name.",
        link: "https://kubernetes.io/docs/concepts/services-networking/network-policies/",
        levels: ["disabled", "advisory", "mandatory"],
        kinds: ["NetworkPolicy"],
    },
    function* ({ view }) {
        for (const rule of view.at("spec", EGRESS.rules).items()) {
            const peers = rule.at(EGRESS.peers);
            // One without ports is what network-allow-all is about.
            if (!peers.unknown && peers.items().length === 0 && rule.at("ports").items().length > 0)
                yield finding(peers, "this rule allows egress to every address, private ones and all pods included");
            const blocks = peers.items().flatMap((peer) => {
                const range = parseRange(String(peer.at("ipBlock", "cidr").string()));
                return range === undefined ? [] : [{ block: peer.at("ipBlock"), range }];
            });
            // Parts that make up all addresses together say the same as the whole.
            const alone = blocks.filter(({ range }) => isAnywhere(range));
            const together = isAnywhere(...blocks.map(({ range }) => range)) ? blocks : [];
            for (const { block, range } of alone.length > 0 ? alone : together) {
                const except = block.at("except");
                const left = except.items().map((item) => item.string());
                if (except.unknown || left.includes(UNKNOWN)) continue;
                const exceptions = left.flatMap((cidr) => parseRange(String(cidr)) ?? []);
                const inside = PRIVATE.filter((one) => covers(range, one));
                if (!inside.every((one) => coverTogether(exceptions, one)))
                    yield finding(except, "this rule allows egress to all private addresses as well");
            }
        }
    },
);
