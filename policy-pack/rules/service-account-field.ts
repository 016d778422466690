import { POD_KINDS } from "../model/object.ts";
import { finding, podRule } from "../model/rule.ts";

export const serviceAccountField = podRule(
    {
        name: "service-account-field",
        title: "The account is named in serviceAccountName",
        severity: "low",
        why: "The field serviceAccount is deprecated, and tools that read the other field take the pod for one with the default account.",
        fix: "Rename the field to serviceAccountName.",
        link: "https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/",
        levels: ["advisory", "advisory", "mandatory"],
        kinds: POD_KINDS,
    },
    function* (pod) {
        const place = pod.spec.at("serviceAccount");
        if (place.present && pod.spec.at("serviceAccountName").missing)
            yield finding(place, "the pod names its account in the deprecated field");
    },
);
