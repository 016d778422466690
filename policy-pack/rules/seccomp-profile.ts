import { POD_KINDS } from "../model/object.ts";
import { called, effective, effectivePath } from "../model/pods.ts";
import { containerRule, finding } from "../model/rule.ts";
import { UNKNOWN } from "../model/unknown.ts";

export const seccompProfile = containerRule(
    {
        name: "seccomp-profile",
        title: "Each container has a seccomp profile",
        severity: "high",
        why: "Without one, every system call of the kernel is open to attack.",
        fix: "Set seccompProfile.type: RuntimeDefault on the pod.",
        link: "https://kubernetes.io/docs/concepts/security/pod-security-standards/",
        levels: ["advisory", "mandatory", "mandatory"],
        kinds: POD_KINDS,
        linuxOnly: true,
    },
    function* (container, pod) {
        const type = effective(pod, container, "seccompProfile", "type").string();
        if (type === UNKNOWN || type === "RuntimeDefault" || type === "Localhost") return;
        const fact = type === undefined ? "has no seccomp profile" : "turns its seccomp profile off";
        yield finding(effectivePath(pod, container, "seccompProfile", "type"), `${called(container)} ${fact}`);
    },
);
