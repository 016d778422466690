import { finding, objectRule } from "../model/rule.ts";
import { UNKNOWN } from "../model/unknown.ts";

export const nodePortRange = objectRule(
    {
        name: "node-port-range",
        title: "Ports of nodes are in the cluster's range",
        severity: "high",
        why: "The API server refuses the Service, which a dry run does not show, and an update stops halfway.",
        fix: "Leave nodePort out, or take one from the range; the parameter nodePorts says what the API server's --service-node-port-range is.",
        link: "https://kubernetes.io/docs/concepts/services-networking/service/#type-nodeport",
        levels: ["mandatory", "mandatory", "mandatory"],
        kinds: ["Service"],
    },
    function* ({ view }, { nodePorts }) {
        const [first = 0, last = 0] = nodePorts.split("-").map(Number);
        const spec = view.at("spec");
        for (const place of [
            ...spec
                .at("ports")
                .items()
                .map((port) => port.at("nodePort")),
            spec.at("healthCheckNodePort"),
        ]) {
            const port = place.number();
            // 0 asks for any.
            if (port !== UNKNOWN && port !== undefined && port !== 0 && (port < first || port > last))
                yield finding(place, `this port is not among those of the nodes (${nodePorts})`);
        }
    },
);
