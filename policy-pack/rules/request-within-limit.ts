import { POD_KINDS } from "../model/object.ts";
import { called } from "../model/pods.ts";
import { amount, resourceOf } from "../model/resources.ts";
import { containerRule, finding } from "../model/rule.ts";

export const requestWithinLimit = containerRule(
    {
        name: "request-within-limit",
        title: "No request is above its limit",
        severity: "high",
        why: "The API server refuses the pod, which shows only when the controller fails to make it.",
        fix: "Lower the request or raise the limit.",
        link: "https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/",
        levels: ["mandatory", "mandatory", "mandatory"],
        kinds: POD_KINDS,
        roles: ["container", "init", "sidecar"],
    },
    function* (container, pod) {
        for (const [resource] of container.view.at("resources", "requests").entries()) {
            const request = container.view.at("resources", "requests", resource);
            const [low, high] = [amount(request), amount(resourceOf(pod, container, "limits", resource))];
            if (typeof low === "number" && typeof high === "number" && low > high)
                yield finding(request, `${called(container)} requests more than its limit`);
        }
    },
);
