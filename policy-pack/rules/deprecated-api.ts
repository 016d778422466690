import { finding, objectRule } from "../model/rule.ts";
import { fateOf } from "../model/versions.ts";

export const deprecatedApi = objectRule(
    {
        name: "deprecated-api",
        title: "The API is not about to go",
        severity: "medium",
        why: "A later version of the cluster will refuse the object.",
        fix: "Use the API that the message names.",
        link: "https://kubernetes.io/docs/reference/using-api/deprecation-guide/",
        levels: ["advisory", "advisory", "mandatory"],
    },
    function* ({ object }, { kubernetesVersion }) {
        const { state, instead } = fateOf(object, kubernetesVersion);
        if (state === "deprecated")
            yield finding("apiVersion", `this API is deprecated in Kubernetes ${kubernetesVersion}; use ${instead}`);
    },
);
