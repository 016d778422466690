import { POD_KINDS } from "../model/object.ts";
import { called } from "../model/pods.ts";
import { containerRule, finding } from "../model/rule.ts";
import { UNKNOWN } from "../model/unknown.ts";

export const hostPorts = containerRule(
    {
        name: "host-ports",
        title: "No container takes a port of its node",
        severity: "high",
        why: "The port is open on the node, past Services and NetworkPolicies, for one pod per node.",
        fix: "Remove hostPort and put a Service in front.",
        link: "https://kubernetes.io/docs/concepts/security/pod-security-standards/",
        levels: ["mandatory", "mandatory", "mandatory"],
        kinds: POD_KINDS,
    },
    function* (container) {
        for (const port of container.view.at("ports").items()) {
            const host = port.at("hostPort").number();
            if (host !== UNKNOWN && (host ?? 0) !== 0)
                yield finding(port.at("hostPort"), `${called(container)} takes a port of the node`);
        }
    },
);
