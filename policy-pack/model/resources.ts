import { POD_KINDS } from "./object.ts";
import { called, type Container, type Pod } from "./pods.ts";
import { parseQuantity } from "./quantity.ts";
import { containerRule, finding, type ObjectRule, type RuleFacts } from "./rule.ts";
import { UNKNOWN, type Read } from "./unknown.ts";
import type { View } from "./view.ts";

/** The two lists of a container's resources. */
export type ResourceList = "requests" | "limits";

/**
 * Where the amount of a resource is set that counts for a container: on itself, else on the whole pod (which
 * Kubernetes takes for CPU and memory since 1.32).
 */
export function resourceOf(pod: Pod, container: Container, list: ResourceList, resource: string): View {
    const own = container.view.at("resources", list, resource);
    const shared = pod.spec.at("resources", list, resource);
    return own.missing && !shared.missing && resource !== "ephemeral-storage" ? shared : own;
}

/** The amount of a resource in its base unit (cores, bytes). */
export function amount(view: View): Read<number> {
    const quantity = view.scalar();
    return quantity === UNKNOWN || quantity === undefined ? quantity : parseQuantity(quantity);
}

/** A rule that wants an amount above zero in one of the lists. Ephemeral containers cannot have any. */
export function resourceRule(list: ResourceList, resource: string, facts: RuleFacts): ObjectRule {
    return containerRule(
        { ...facts, kinds: POD_KINDS, roles: ["container", "init", "sidecar"] },
        function* (container, pod) {
            const place = resourceOf(pod, container, list, resource);
            const value = amount(place);
            if (value === UNKNOWN || (value !== undefined && value > 0)) return;
            const word = list === "requests" ? "request" : "limit";
            const fact = place.missing ? `has no ${resource} ${word}` : `has a ${resource} ${word} that is no amount`;
            yield finding(place, `${called(container)} ${fact}`);
        },
    );
}
