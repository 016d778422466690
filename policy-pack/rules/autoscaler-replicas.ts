import { relationFinding, stackRule } from "../model/rule.ts";
import type { Subject } from "../model/subject.ts";
import type { View } from "../model/view.ts";
import { autoscalerOf, autoscalers, minimumOf, SCALED_KINDS } from "../model/scale.ts";

export const autoscalerReplicas = stackRule(
    {
        name: "autoscaler-replicas",
        title: "Beside an autoscaler, replicas is at most a number to start with",
        severity: "medium",
        why: "Every update sets the number back and throws away what the autoscaler had found.",
        fix: 'Remove spec.replicas, or set it to the autoscaler\'s minReplicas with ignoreChanges: ["spec.replicas"].',
        link: "https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#migrating-deployments-and-statefulsets-to-horizontal-autoscaling",
        levels: ["advisory", "mandatory", "mandatory"],
    },
    function* (world) {
        const scalers = autoscalers(world);
        for (const workload of world.workloads(SCALED_KINDS)) {
            const place = workload.view.at("spec", "replicas");
            const scaler = autoscalerOf(scalers, workload);
            if (scaler !== undefined && place.present && !startsAtMinimum(workload, place, scaler))
                yield relationFinding(workload, place, `autoscaler ${scaler.object.name} sets the number of replicas`);
        }
    },
);

/** Without a number the first rollout has one pod. Whether later updates leave it alone, a plain manifest cannot say. */
function startsAtMinimum(workload: Subject, place: View, autoscaler: Subject): boolean {
    return (
        place.number() === minimumOf(autoscaler).least &&
        workload.object.ignoreChanges?.includes("spec.replicas") !== false
    );
}
