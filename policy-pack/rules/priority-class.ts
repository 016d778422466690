import { POD_KINDS } from "../model/object.ts";
import { finding, podRule } from "../model/rule.ts";

export const priorityClass = podRule(
    {
        name: "priority-class",
        title: "Pods have a priority class",
        severity: "low",
        why: "When nodes are full, the scheduler does not know which pods matter.",
        fix: "Name a PriorityClass of the cluster in priorityClassName.",
        link: "https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/",
        levels: ["disabled", "disabled", "advisory"],
        kinds: POD_KINDS,
    },
    function* (pod) {
        const place = pod.spec.at("priorityClassName");
        if (place.missing) yield finding(place, "the pod has no priority class");
    },
);
