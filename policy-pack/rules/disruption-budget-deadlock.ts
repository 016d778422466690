import { coveredBy, share } from "../model/budgets.ts";
import { relationFinding, stackRule } from "../model/rule.ts";
import { autoscalers, isScaled, scaleOf } from "../model/scale.ts";
import { UNKNOWN } from "../model/unknown.ts";

export const disruptionBudgetDeadlock = stackRule(
    {
        name: "disruption-budget-deadlock",
        title: "A disruption budget lets at least one pod go",
        severity: "high",
        why: "A drain waits for ever for a pod that may never leave, and the upgrade of the cluster stands still.",
        fix: "Use maxUnavailable: 1, or a minAvailable below the fewest replicas that there can be.",
        link: "https://kubernetes.io/docs/tasks/administer-cluster/safely-drain-node/",
        levels: ["mandatory", "mandatory", "mandatory"],
    },
    function* (world) {
        const scalers = autoscalers(world);
        for (const budget of world.all("PodDisruptionBudget")) {
            const most = budget.view.at("spec", "maxUnavailable");
            const least = budget.view.at("spec", "minAvailable");
            if (share(most, 100) === 0) yield relationFinding(budget, most, "the budget lets no pod go");
            const covered = coveredBy(world, budget);
            if (covered === UNKNOWN || covered === undefined) continue;
            let total = 0;
            for (const workload of covered.sure) {
                const { replicas } = scaleOf(scalers, workload);
                // A DaemonSet has a pod for each node, and a Job as many as it takes.
                const isCounted = workload.object.kind === "Pod" || isScaled(workload.object.kind);
                if (replicas === UNKNOWN || !isCounted) total = NaN;
                else total += replicas ?? 1;
            }
            const kept = share(least, total);
            if (typeof kept === "number" && total > 0 && kept >= total)
                yield relationFinding(budget, least, `the budget keeps all of the ${total} replicas that there may be`);
        }
    },
);
