import { namespaceOf } from "./object.ts";
import type { Subject } from "./subject.ts";
import { labelSelector } from "./selectors.ts";
import { UNKNOWN, type Read } from "./unknown.ts";
import type { View } from "./view.ts";
import type { Selection, Workload, World } from "./world.ts";

/** What a disruption budget covers; `UNKNOWN` while its selector is, undefined where it has none. */
export function coveredBy(world: World, budget: Subject): Read<Selection> {
    const selector = labelSelector(budget.view.at("spec", "selector"));
    return selector === UNKNOWN || selector === undefined
        ? selector
        : world.select(namespaceOf(budget.object), selector);
}

/** The budgets of each workload, and whether some budget might cover any (its selector is unknown). */
export function budgetsOf(world: World): { readonly of: (workload: Workload) => readonly Subject[]; vague: boolean } {
    const map = new Map<Workload["object"], Subject[]>();
    let vague = false;
    for (const budget of world.all("PodDisruptionBudget")) {
        const covered = coveredBy(world, budget);
        if (covered === UNKNOWN) vague = true;
        if (covered === UNKNOWN || covered === undefined) continue;
        for (const { object } of [...covered.sure, ...covered.perhaps]) {
            const list = map.get(object);
            if (list === undefined) map.set(object, [budget]);
            else list.push(budget);
        }
    }
    return { of: ({ object }) => map.get(object) ?? [], vague };
}

/** A count or a percentage of so many replicas; percentages round up, as the disruption controller does. */
export function share(view: View, replicas: number): Read<number> {
    const value = view.scalar();
    if (value === UNKNOWN || value === undefined || typeof value === "number") return value;
    const percent = /^(\d+)%$/.exec(value)?.[1];
    return percent === undefined ? undefined : Math.ceil((replicas * Number(percent)) / 100);
}
