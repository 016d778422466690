import { namespaceOf } from "./object.ts";
import type { Subject } from "./subject.ts";
import { labelSelector } from "./selectors.ts";
import { UNKNOWN, type Read } from "./unknown.ts";
import type { View } from "./view.ts";
import type { Selection, Workload, World } from "./world.ts";

/** The two directions of a NetworkPolicy: the name of its type, of its rules and of their peers. */
export const DIRECTIONS = [
    { type: "Ingress", rules: "ingress", peers: "from" },
    { type: "Egress", rules: "egress", peers: "to" },
] as const;

/** One of the directions. */
export type Direction = (typeof DIRECTIONS)[number];

/**
 * Whether a policy isolates its pods in a direction. Without policyTypes it does so for Ingress always, and for Egress
 * when it has egress rules.
 */
export function isolates(policy: Subject, direction: Direction): Read<boolean> {
    const types = policy.view.at("spec", "policyTypes");
    if (types.unknown) return UNKNOWN;
    const named = types.items().map((item) => item.string());
    if (named.includes(UNKNOWN)) return UNKNOWN;
    if (named.length > 0) return named.includes(direction.type);
    return direction.type === "Ingress" || policy.view.at("spec", "egress").items().length > 0;
}

/** Pods that a policy is for; `UNKNOWN` while its selector is. A selector without conditions takes all pods. */
export function targets(world: World, policy: Subject): Selection | typeof UNKNOWN {
    const selector = labelSelector(policy.view.at("spec", "podSelector"));
    if (selector === UNKNOWN) return UNKNOWN;
    return world.select(namespaceOf(policy.object), selector ?? { requirements: [] });
}

/** The rules of a policy in a direction. */
export function rulesOf(policy: Subject, direction: Direction): readonly View[] {
    return policy.view.at("spec", direction.rules).items();
}

/** The policies of each workload, and whether some policy might be for any (its selector is unknown). */
export function policiesOf(world: World): { of: (workload: Workload) => readonly Subject[]; vague: boolean } {
    const map = new Map<Workload["object"], Subject[]>();
    let vague = false;
    for (const policy of world.all("NetworkPolicy")) {
        const selection = targets(world, policy);
        if (selection === UNKNOWN) {
            vague = true;
            continue;
        }
        for (const { object } of [...selection.sure, ...selection.perhaps]) {
            const list = map.get(object);
            if (list === undefined) map.set(object, [policy]);
            else list.push(policy);
        }
    }
    return { of: ({ object }) => map.get(object) ?? [], vague };
}
