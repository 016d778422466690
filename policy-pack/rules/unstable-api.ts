import { finding, objectRule } from "../model/rule.ts";
import { fateOf, isUnstable } from "../model/versions.ts";

export const unstableApi = objectRule(
    {
        name: "unstable-api",
        title: "Built-in objects use stable APIs",
        severity: "medium",
        why: "Alpha and beta APIs change and go, and many clusters do not serve them.",
        fix: "Use the stable version of the API.",
        link: "https://kubernetes.io/docs/reference/using-api/#api-versioning",
        levels: ["advisory", "advisory", "mandatory"],
    },
    function* ({ object }, { kubernetesVersion }) {
        if (isUnstable(object) && fateOf(object, kubernetesVersion).state === "served")
            yield finding("apiVersion", "this version of the API is not stable");
    },
);
