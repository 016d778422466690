import { finding, objectRule } from "../model/rule.ts";
import { UNKNOWN } from "../model/unknown.ts";

export const disruptionBudgetEviction = objectRule(
    {
        name: "disruption-budget-eviction",
        title: "A disruption budget lets broken pods go",
        severity: "low",
        why: "By default a pod that is not ready counts as protected, so that a crash loop blocks every drain.",
        fix: "Set unhealthyPodEvictionPolicy: AlwaysAllow.",
        link: "https://kubernetes.io/docs/tasks/run-application/configure-pdb/#unhealthy-pod-eviction-policy",
        levels: ["disabled", "advisory", "mandatory"],
        kinds: ["PodDisruptionBudget"],
    },
    function* ({ view }) {
        const place = view.at("spec", "unhealthyPodEvictionPolicy");
        const policy = place.string();
        if (policy !== UNKNOWN && policy !== "AlwaysAllow") yield finding(place, "the budget holds broken pods back");
    },
);
