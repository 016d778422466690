import { DIRECTIONS, type Direction } from "../model/network.ts";
import { isAnywhere, parseRange } from "../model/ranges.ts";
import { finding, objectRule } from "../model/rule.ts";
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
    return peers.items().length === 0 ? [peers] : peers.items().filter(isOpen);
}

function isOpen(peer: View): boolean {
    const block = peer.at("ipBlock");
    if (!block.missing) {
        const range = parseRange(String(block.at("cidr").string()));
        return range !== undefined && isAnywhere(range);
    }
    const namespaces = peer.at("namespaceSelector");
    return !namespaces.missing && !namespaces.unknown && isEmpty(namespaces) && isEmpty(peer.at("podSelector"));
}

function isEmpty(selector: View): boolean {
    if (selector.unknown) return false;
    const parts = [selector.at("matchLabels"), selector.at("matchExpressions")];
    return parts.every((part) => !part.unknown && (part.missing || Object.keys(part.raw ?? {}).length === 0));
}
