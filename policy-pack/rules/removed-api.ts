import { finding, objectRule } from "../model/rule.ts";
import { fateOf } from "../model/versions.ts";

export const removedApi = objectRule(
    {
        name: "removed-api",
        title: "The target cluster still has the API",
        severity: "critical",
        why: "The cluster refuses the object, and the Pulumi state or the Helm release is stuck with it.",
        fix: "Use the API that the message names; the parameter kubernetesVersion says what the cluster is.",
        link: "https://kubernetes.io/docs/reference/using-api/deprecation-guide/",
        levels: ["mandatory", "mandatory", "mandatory"],
    },
    function* ({ object }, { kubernetesVersion }) {
        const { state, instead } = fateOf(object, kubernetesVersion);
        if (state === "removed")
            yield finding("apiVersion", `Kubernetes ${kubernetesVersion} no longer has this API; use ${instead}`);
    },
);
