import { finding, objectRule } from "../model/rule.ts";
import { UNKNOWN } from "../model/unknown.ts";

export const autoscalerRange = objectRule(
    {
        name: "autoscaler-range",
        title: "An autoscaler has a range, and starts high enough",
        severity: "medium",
        why: "A minimum of one is an outage at every restart, and a maximum no higher than the minimum never scales.",
        fix: "Set minReplicas to the parameter minimumReplicas (2) or more, and maxReplicas above it.",
        link: "https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/",
        levels: ["advisory", "mandatory", "mandatory"],
        kinds: ["HorizontalPodAutoscaler"],
    },
    function* ({ view }, { minimumReplicas }) {
        const [least, most] = [view.at("spec", "minReplicas"), view.at("spec", "maxReplicas")];
        const low = least.number() ?? 1;
        const high = most.number();
        if (low !== UNKNOWN && low < minimumReplicas)
            yield finding(least, `the autoscaler goes down to ${low} instead of ${minimumReplicas} replicas`);
        if (low === UNKNOWN || high === UNKNOWN) return;
        if (high === undefined || high <= low)
            yield finding(most, "the autoscaler has no room between minimum and maximum");
    },
);
