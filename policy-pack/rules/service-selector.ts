import { namespaceOf } from "../model/object.ts";
import { isMadeAtRunTime } from "../model/pod-makers.ts";
import { relationFinding, stackRule } from "../model/rule.ts";
import { equalitySelector, selectsAll } from "../model/selectors.ts";
import { UNKNOWN } from "../model/unknown.ts";

export const serviceSelector = stackRule(
    {
        name: "service-selector",
        title: "A Service selects pods of the stack",
        severity: "high",
        why: "A Service that selects nothing answers nobody.",
        fix: "Let the selector be a part of the labels of the pods that it is for.",
        link: "https://kubernetes.io/docs/concepts/services-networking/service/",
        levels: ["advisory", "mandatory", "mandatory"],
    },
    function* (world) {
        for (const service of world.all("Service")) {
            const place = service.view.at("spec", "selector");
            const selector = equalitySelector(place);
            if (selector === UNKNOWN || selector === undefined || selectsAll(selector)) continue;
            const namespace = namespaceOf(service.object);
            const { sure, perhaps } = world.select(namespace, selector);
            if (sure.length + perhaps.length > 0 || namespace === "kube-system") continue;
            // Pods that an operator makes carry the name of their custom resource.
            const labels = place.entries().map(([, label]) => label.string());
            if (labels.some((label) => typeof label === "string" && world.hasCustom(namespace, label))) continue;
            if (!isMadeAtRunTime(world, namespace, selector))
                yield relationFinding(service, place, "the Service selects no pod of the stack");
        }
    },
);
