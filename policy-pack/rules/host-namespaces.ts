import { POD_KINDS } from "../model/object.ts";
import { finding, podRule } from "../model/rule.ts";

export const hostNamespaces = podRule(
    {
        name: "host-namespaces",
        title: "No pod shares the node's network, processes or IPC",
        severity: "critical",
        why: "The pod sees and reaches everything that runs on its node, past every NetworkPolicy.",
        fix: "Remove hostNetwork, hostPID and hostIPC.",
        link: "https://kubernetes.io/docs/concepts/security/pod-security-standards/",
        levels: ["mandatory", "mandatory", "mandatory"],
        kinds: POD_KINDS,
    },
    function* (pod) {
        for (const field of ["hostNetwork", "hostPID", "hostIPC"]) {
            const place = pod.spec.at(field);
            if (place.boolean() === true) yield finding(place, `the pod sets ${field}`);
        }
    },
);
