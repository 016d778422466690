import { coveredBy } from "../model/budgets.ts";
import { relationFinding, stackRule } from "../model/rule.ts";
import { UNKNOWN } from "../model/unknown.ts";

export const disruptionBudgetTarget = stackRule(
    {
        name: "disruption-budget-target",
        title: "A disruption budget selects pods of the stack",
        severity: "medium",
        why: "A budget that selects nothing protects nothing, which shows only in the next drain.",
        fix: "Give it the labels of the pods that it is for.",
        link: "https://kubernetes.io/docs/tasks/run-application/configure-pdb/",
        levels: ["advisory", "mandatory", "mandatory"],
    },
    function* (world) {
        for (const budget of world.all("PodDisruptionBudget")) {
            const place = budget.view.at("spec", "selector");
            const covered = coveredBy(world, budget);
            if (covered === UNKNOWN || place.unknown) continue;
            if (covered === undefined || covered.sure.length + covered.perhaps.length === 0)
                yield relationFinding(budget, place, "the budget selects no pod of the stack");
        }
    },
);
