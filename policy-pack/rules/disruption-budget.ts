import { budgetsOf } from "../model/budgets.ts";
import { relationFinding, stackRule } from "../model/rule.ts";
import { autoscalers, scaleOf } from "../model/scale.ts";
import { UNKNOWN } from "../model/unknown.ts";

export const disruptionBudget = stackRule(
    {
        name: "disruption-budget",
        title: "Each workload with several replicas has a disruption budget",
        severity: "medium",
        why: "Draining nodes for an upgrade can take all replicas at once.",
        fix: "Add a PodDisruptionBudget that selects its pods.",
        link: "https://kubernetes.io/docs/tasks/run-application/configure-pdb/",
        levels: ["advisory", "mandatory", "mandatory"],
    },
    function* (world) {
        const budgets = budgetsOf(world);
        const scalers = autoscalers(world);
        for (const workload of world.workloads(["Deployment", "StatefulSet"])) {
            const { replicas } = scaleOf(scalers, workload);
            if (replicas === UNKNOWN || (replicas ?? 1) < 2 || budgets.vague) continue;
            if (budgets.of(workload).length === 0)
                yield relationFinding(
                    workload,
                    "spec.template.metadata.labels",
                    "no disruption budget selects its pods",
                );
        }
    },
);
