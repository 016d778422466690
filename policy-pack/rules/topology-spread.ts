import { podLabels, type Pod } from "../model/pods.ts";
import { relationFinding, stackRule } from "../model/rule.ts";
import { autoscalers, scaleOf } from "../model/scale.ts";
import { labelSelector, selects } from "../model/selectors.ts";
import { UNKNOWN } from "../model/unknown.ts";
import type { View } from "../model/view.ts";

export const topologySpread = stackRule(
    {
        name: "topology-spread",
        title: "Replicas are spread over nodes",
        severity: "medium",
        why: "Two replicas on one node are lost together.",
        fix: "Add topologySpreadConstraints, or a podAntiAffinity, whose labelSelector selects the pod's own labels.",
        link: "https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/",
        levels: ["advisory", "mandatory", "mandatory"],
    },
    function* (world) {
        const scalers = autoscalers(world);
        for (const workload of world.workloads(["Deployment", "StatefulSet"])) {
            const { replicas } = scaleOf(scalers, workload);
            if (replicas === UNKNOWN || (replicas ?? 1) < 2) continue;
            const { pod } = workload;
            const constraints = pod.spec.at("topologySpreadConstraints");
            const terms = [...constraints.items(), ...antiAffinityTerms(pod)];
            const wrong = constraints.items().filter((term) => ownPods(term, pod) === false);
            for (const term of wrong)
                yield relationFinding(
                    workload,
                    term.at("labelSelector"),
                    "this constraint does not select the pod itself",
                );
            if (constraints.unknown || pod.spec.at("affinity").unknown) continue;
            if (wrong.length === 0 && !terms.some((term) => ownPods(term, pod) !== false))
                yield relationFinding(workload, constraints, "nothing spreads the replicas over nodes");
        }
    },
);

function antiAffinityTerms(pod: Pod): readonly View[] {
    const affinity = pod.spec.at("affinity", "podAntiAffinity");
    return [
        ...affinity.at("requiredDuringSchedulingIgnoredDuringExecution").items(),
        ...affinity
            .at("preferredDuringSchedulingIgnoredDuringExecution")
            .items()
            .map((preference) => preference.at("podAffinityTerm")),
    ];
}

function ownPods(term: View, pod: Pod): boolean | typeof UNKNOWN {
    const selector = labelSelector(term.at("labelSelector"));
    const labels = podLabels(pod);
    if (selector === UNKNOWN || labels === UNKNOWN || labels === undefined) return UNKNOWN;
    return selector === undefined ? false : selects(selector, labels);
}
