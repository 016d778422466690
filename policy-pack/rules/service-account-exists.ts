import { relationFinding, stackRule } from "../model/rule.ts";
import { UNKNOWN } from "../model/unknown.ts";

export const serviceAccountExists = stackRule(
    {
        name: "service-account-exists",
        title: "The account of a pod is part of the stack",
        severity: "medium",
        why: "Pods with an account that does not exist are never made.",
        fix: "Add the ServiceAccount, or fix its name.",
        link: "https://kubernetes.io/docs/concepts/security/service-accounts/",
        levels: ["disabled", "advisory", "mandatory"],
    },
    function* (world) {
        for (const workload of world.workloads()) {
            const place = workload.pod.spec.at("serviceAccountName");
            const name = place.string();
            if (name === UNKNOWN || name === undefined || name === "" || name === "default") continue;
            if (world.find("ServiceAccount", workload.namespace, name) === undefined)
                yield relationFinding(workload, place, "the stack has no ServiceAccount of this name");
        }
    },
);
