import { DIRECTIONS, type Direction } from "../model/network.ts";
import { isAnywhere, parseRange } from "../model/ranges.ts";
import { finding, objectRule } from "../model/rule.ts";
import { labelSelector, selectsAll, selectsAllNamespaces } from "../model/selectors.ts";
import { UNKNOWN } from "../model/unknown.ts";
import type { View } from "../model/view.ts";

export const networkAllowAll = objectRule(
    {
        name: "network-allow-all",
        title: "No network policy allows everything",
        severity: "high",
        why: "A rule without peers opens the pod to every pod of every namespace, and to the world.",
        fix: "Name the pods, namespaces or addresses that need it; for egress to the world, at least the ports.",
        link: "https://kubernetes.io/docs/concepts/services-networking/network-policies/",
        levels: ["advisory", "mandatory", "mandatory"],
        kinds: ["NetworkPolicy"],
    },
    function* ({ view }) {
        for (const direction of DIRECTIONS)
            for (const rule of view.at("spec", direction.rules).items())
                for (const place of openPlaces(rule, direction)) {
                    const where = place.at("namespaceSelector").missing ? "anywhere" : "every pod of every namespace";
                    yield finding(place, `this rule allows ${direction.rules} ${direction.peers} ${where}`);
                }
    },
);

function openPlaces(rule: View, direction: Direction): readonly View[] {
    const peers = rule.at(direction.peers);
    const ports = rule.at("ports");
    if (peers.unknown || ports.unknown) return [];
    // A service on the internet has no address that anybody could name; its port is what can be said.
    if (direction.type === "Egress" && ports.items().length > 0) return [];
    return peers.items().length === 0 ? [peers] : [...openRanges(peers.items()), ...peers.items().filter(isOpen)];
}

/** Ranges that have all addresses, each by itself, or else together. */
function openRanges(peers: readonly View[]): readonly View[] {
    const blocks = peers.flatMap((peer) => {
        const range = parseRange(String(peer.at("ipBlock", "cidr").string()));
        return range === undefined ? [] : [{ peer, range }];
    });
    const alone = blocks.filter(({ range }) => isAnywhere(range));
    const together = isAnywhere(...blocks.map(({ range }) => range)) ? blocks : [];
    return (alone.length > 0 ? alone : together).map(({ peer }) => peer);
}

function isOpen(peer: View): boolean {
    const namespaces = labelSelector(peer.at("namespaceSelector"));
    const pods = labelSelector(peer.at("podSelector"));
    if (namespaces === undefined || namespaces === UNKNOWN || pods === UNKNOWN) return false;
    return selectsAllNamespaces(namespaces) && (pods === undefined || selectsAll(pods));
}
