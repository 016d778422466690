/** What a resource's options and its history make of a provider's plan. */
import type { Goal } from "./goal.ts";
import { changedAt } from "./paths.ts";
import type { Plan } from "./providers/types.ts";
import type { ResourceState } from "./state/types.ts";
import { equal } from "./values.ts";
import type { Values } from "./values.ts";

/** The provider's plan, as the resource's options and its history want it. */
export function adjusted(plan: Plan, goal: Goal, old: ResourceState | undefined, inputs: Values): Plan {
    if (old === undefined) return plan;
    if (plan.operation === "update" && changedAt(old.inputs, inputs, goal.replaceOnChanges)) {
        const deleteBeforeReplace = goal.deleteBeforeReplace ?? equal(old.inputs["metadata"], inputs["metadata"]);
        return { ...plan, operation: "replace", deleteBeforeReplace, reason: "as replaceOnChanges demands" };
    }
    if (plan.operation === "replace" && goal.deleteBeforeReplace === true)
        return { ...plan, deleteBeforeReplace: true };
    if (plan.operation === "same" && old.initErrors.length > 0) {
        return {
            ...plan,
            operation: "update",
            reason: "it was not ready after the last run",
            before: old.inputs,
            after: inputs,
        };
    }
    return plan;
}
