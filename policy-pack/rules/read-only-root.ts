import { POD_KINDS } from "../model/object.ts";
import { called } from "../model/pods.ts";
import { containerRule, finding } from "../model/rule.ts";
import { UNKNOWN } from "../model/unknown.ts";

export const readOnlyRoot = containerRule(
    {
        name: "read-only-root",
        title: "Each container's root file system is read-only",
        severity: "medium",
        why: "An intruder can change the program that runs, and scratch files fill the node's disk.",
        fix: "Set securityContext.readOnlyRootFilesystem: true, and mount an emptyDir where it must write.",
        link: "https://kubernetes.io/docs/tasks/configure-pod-container/security-context/",
        levels: ["advisory", "mandatory", "mandatory"],
        kinds: POD_KINDS,
        linuxOnly: true,
    },
    function* (container) {
        const place = container.view.at("securityContext", "readOnlyRootFilesystem");
        const readOnly = place.boolean();
        if (readOnly !== UNKNOWN && readOnly !== true)
            yield finding(place, `${called(container)} can write to its root file system`);
    },
);
