import { POD_KINDS } from "../model/object.ts";
import { called, effective, effectivePath } from "../model/pods.ts";
import { containerRule, finding } from "../model/rule.ts";
import { UNKNOWN } from "../model/unknown.ts";

export const runAsNonRoot = containerRule(
    {
        name: "run-as-non-root",
        title: "No container may run as root",
        severity: "high",
        why: "Root in a container is root on the node after one kernel bug.",
        fix: "Set runAsNonRoot: true on the pod, and let no container say otherwise.",
        link: "https://kubernetes.io/docs/concepts/security/pod-security-standards/",
        levels: ["advisory", "mandatory", "mandatory"],
        kinds: POD_KINDS,
    },
    function* (container, pod) {
        const nonRoot = effective(pod, container, "runAsNonRoot").boolean();
        if (nonRoot !== UNKNOWN && nonRoot !== true)
            yield finding(effectivePath(pod, container, "runAsNonRoot"), `${called(container)} may run as root`);
    },
);
