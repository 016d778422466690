import { relationFinding, stackRule } from "../model/rule.ts";
import { autoscalerOf, autoscalers, scaleOf } from "../model/scale.ts";

export const replicas = stackRule(
    {
        name: "replicas",
        title: "Each workload has enough replicas",
        severity: "medium",
        why: "With one replica every restart and every drained node is an outage.",
        fix: "Raise replicas to the parameter minimumReplicas (2), or let an autoscaler do it; databases have statefulSetMinimumReplicas.",
        link: "https://kubernetes.io/docs/concepts/workloads/controllers/deployment/",
        levels: ["advisory", "mandatory", "mandatory"],
    },
    function* (world, { minimumReplicas, statefulSetMinimumReplicas }) {
        const scalers = autoscalers(world);
        for (const workload of world.workloads(["Deployment", "StatefulSet", "ReplicaSet", "ReplicationController"])) {
            const least = workload.pod.kind === "StatefulSet" ? statefulSetMinimumReplicas : minimumReplicas;
            const { replicas, place } = scaleOf(scalers, workload);
            // An autoscaler's own minimum is the business of autoscaler-range; zero is a workload put to sleep.
            if (typeof replicas !== "number" || replicas >= least || replicas === 0) continue;
            if (autoscalerOf(scalers, workload) === undefined)
                yield relationFinding(
                    workload,
                    place,
                    `the workload has ${replicas} instead of at least ${least} replicas`,
                );
        }
    },
);
