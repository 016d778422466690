import { POD_KINDS } from "../model/object.ts";
import { finding, podRule } from "../model/rule.ts";

export const fileSystemGroup = podRule(
    {
        name: "file-system-group",
        title: "No pod is in the root group",
        severity: "medium",
        why: "Files of the root group on volumes and in images open to the pod.",
        fix: "Use a group id other than 0 for fsGroup and supplementalGroups.",
        link: "https://kubernetes.io/docs/tasks/configure-pod-container/security-context/",
        levels: ["advisory", "mandatory", "mandatory"],
        kinds: POD_KINDS,
    },
    function* (pod) {
        const context = pod.spec.at("securityContext");
        for (const place of [context.at("fsGroup"), ...context.at("supplementalGroups").items()])
            if (place.number() === 0) yield finding(place, "the pod is in the root group");
    },
);
