import { DIRECTIONS } from "../model/network.ts";
import { finding, objectRule } from "../model/rule.ts";

export const networkPorts = objectRule(
    {
        name: "network-ports",
        title: "Rules of network policies name their ports",
        severity: "low",
        why: "A peer that may use one port may then use every debug and metrics port as well.",
        fix: "List the ports that the peer needs.",
        link: "https://kubernetes.io/docs/concepts/services-networking/network-policies/",
        levels: ["disabled", "advisory", "mandatory"],
        kinds: ["NetworkPolicy"],
    },
    function* ({ view }) {
        for (const direction of DIRECTIONS)
            for (const rule of view.at("spec", direction.rules).items()) {
                const ports = rule.at("ports");
                if (!ports.unknown && ports.items().length === 0) yield finding(ports, "this rule allows every port");
            }
    },
);
