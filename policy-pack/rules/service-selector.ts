import { namespaceOf } from "../model/object.ts";
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
            const { sure, perhaps } = world.select(namespaceOf(service.object), selector);
            if (sure.length + perhaps.length === 0)
                yield relationFinding(service, place, "the Service selects no pod of the stack");
        }
    },
);
