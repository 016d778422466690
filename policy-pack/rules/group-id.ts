import { POD_KINDS } from "../model/object.ts";
import { called, effective, effectivePath } from "../model/pods.ts";
import { containerRule, finding } from "../model/rule.ts";
import { UNKNOWN } from "../model/unknown.ts";

export const groupId = containerRule(
    {
        name: "group-id",
        title: "Each container has a group id that is no account of the node",
        severity: "medium",
        why: "After an escape, a low group id is an account of the node with rights and files of its own.",
        fix: "Set runAsGroup at or above the parameter userIdFloor (10000) on the pod.",
        link: "https://kubernetes.io/docs/tasks/configure-pod-container/security-context/",
        levels: ["disabled", "mandatory", "mandatory"],
        kinds: POD_KINDS,
        linuxOnly: true,
    },
    function* (container, pod, { userIdFloor }) {
        const id = effective(pod, container, "runAsGroup").number();
        if (id === UNKNOWN || (id !== undefined && id >= userIdFloor)) return;
        const fact = id === undefined ? "leaves its group id to the image" : `has a group id below ${userIdFloor}`;
        yield finding(effectivePath(pod, container, "runAsGroup"), `${called(container)} ${fact}`);
    },
);
