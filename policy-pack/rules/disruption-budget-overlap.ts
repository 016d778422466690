import { coveredBy } from "../model/budgets.ts";
import type { KubeObject } from "../model/object.ts";
import { relationFinding, stackRule } from "../model/rule.ts";
import { UNKNOWN } from "../model/unknown.ts";

export const disruptionBudgetOverlap = stackRule(
    {
        name: "disruption-budget-overlap",
        title: "No pod has two disruption budgets",
        severity: "high",
        why: "The API server evicts no pod that two budgets select, so that every drain fails.",
        fix: "Narrow one of the selectors.",
        link: "https://kubernetes.io/docs/tasks/run-application/configure-pdb/",
        levels: ["mandatory", "mandatory", "mandatory"],
    },
    function* (world) {
        const taken = new Map<KubeObject, string>();
        for (const budget of world.all("PodDisruptionBudget")) {
            const covered = coveredBy(world, budget);
            if (covered === UNKNOWN || covered === undefined) continue;
            for (const { object } of covered.sure) {
                const other = taken.get(object);
                const message = `${object.kind} ${object.name} already has the budget ${other}`;
                if (other !== undefined) yield relationFinding(budget, budget.view.at("spec", "selector"), message);
                else taken.set(object, budget.object.name);
            }
        }
    },
);
