import { namespaceOf } from "../model/object.ts";
import { relationFinding, stackRule } from "../model/rule.ts";

export const namespaceQuota = stackRule(
    {
        name: "namespace-quota",
        title: "Each Namespace has a quota and default limits",
        severity: "low",
        why: "One namespace can take all of the cluster.",
        fix: "Add a ResourceQuota and a LimitRange.",
        link: "https://kubernetes.io/docs/concepts/policy/resource-quotas/",
        // Off by default: the size of a team's share is the cluster owner's to say, not the program's.
        levels: ["disabled", "disabled", "advisory"],
    },
    function* (world) {
        for (const namespace of world.all("Namespace"))
            for (const kind of ["ResourceQuota", "LimitRange"])
                if (!world.all(kind).some(({ object }) => namespaceOf(object) === namespace.object.name))
                    yield relationFinding(namespace, "metadata.name", `the namespace has no ${kind}`);
    },
);
