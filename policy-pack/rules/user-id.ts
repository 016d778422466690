import { POD_KINDS } from "../model/object.ts";
import { called, effective, effectivePath } from "../model/pods.ts";
import { containerRule, finding } from "../model/rule.ts";
import { UNKNOWN } from "../model/unknown.ts";

export const userId = containerRule(
    {
        name: "user-id",
        title: "Each container has a user id that is no account of the node",
        severity: "medium",
        why: "After an escape, a low user id is an account of the node with rights and files of its own.",
        fix: "Set runAsUser at or above the parameter userIdFloor (10000) on the pod.",
        link: "https://kubernetes.io/docs/tasks/configure-pod-container/security-context/",
        levels: ["disabled", "mandatory", "mandatory"],
        kinds: POD_KINDS,
        linuxOnly: true,
    },
    function* (container, pod, { userIdFloor }) {
        const id = effective(pod, container, "runAsUser").number();
        if (id === UNKNOWN || (id !== undefined && id >= userIdFloor)) return;
        const fact = id === undefined ? "leaves its user id to the image" : `has a user id below ${userIdFloor}`;
        yield finding(effectivePath(pod, container, "runAsUser"), `${called(container)} ${fact}`);
    },
);
