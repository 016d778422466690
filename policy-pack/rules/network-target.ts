import { targets } from "../model/network.ts";
import { namespaceOf } from "../model/object.ts";
import { isMadeAtRunTime } from "../model/pod-makers.ts";
import { relationFinding, stackRule } from "../model/rule.ts";
import { labelSelector, ON_PODS_OF_CONTROLLERS, selectsAll } from "../model/selectors.ts";
import { UNKNOWN } from "../model/unknown.ts";

export const networkTarget = stackRule(
    {
        name: "network-target",
        title: "A network policy is for pods of the stack",
        severity: "medium",
        why: "A policy that selects nothing protects nothing.",
        fix: "Let podSelector be a part of the labels of the pods that it is for.",
        link: "https://kubernetes.io/docs/concepts/services-networking/network-policies/",
        levels: ["advisory", "mandatory", "mandatory"],
    },
    function* (world) {
        for (const policy of world.all("NetworkPolicy")) {
            const place = policy.view.at("spec", "podSelector");
            const selector = labelSelector(place);
            if (selector === UNKNOWN || selector === undefined || selectsAll(selector)) continue;
            if (selector.requirements.some(({ key }) => ON_PODS_OF_CONTROLLERS.has(key))) continue;
            const selection = targets(world, policy);
            if (selection === UNKNOWN || selection.sure.length + selection.perhaps.length > 0) continue;
            if (!isMadeAtRunTime(world, namespaceOf(policy.object), selector))
                yield relationFinding(policy, place, "the policy selects no pod of the stack");
        }
    },
);
