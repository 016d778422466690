import { relationFault, stackRule } from "../model/rule.ts";
import { autoscalerOf, autoscalers, SCALED_KINDS } from "../model/scale.ts";

export const autoscalerReplicas = stackRule(
    {
        name: "autoscaler-replicas",
        title: "A workload with an autoscaler leaves replicas out",
        severity: "medium",
        why: "Every update sets the number back and throws away what the autoscaler had found.",
        mend: "Remove spec.replicas.",
        link: "https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#migrating-deployments-and-statefulsets-to-horizontal-autoscaling",
        levels: ["advisory", "mandatory", "mandatory"],
    },
    function* (world) {
        const scalers = autoscalers(world);
        for (const workload of world.workloads(SCALED_KINDS)) {
            const place = workload.view.at("spec", "replicas");
            const scaler = autoscalerOf(scalers, workload);
            if (scaler !== undefined && place.present)
                yield relationFault(workload, place, `autoscaler ${scaler.object.name} sets the number of replicas`);
        }
    },
);
