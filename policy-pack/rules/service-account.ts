import { POD_KINDS } from "../model/object.ts";
import { finding, podRule } from "../model/rule.ts";
import { UNKNOWN } from "../model/unknown.ts";

export const serviceAccount = podRule(
    {
        name: "service-account",
        title: "Each pod has a service account of its own",
        severity: "medium",
        why: "A right given to the default account is given to every pod of the namespace.",
        fix: "Make a ServiceAccount for the workload and name it in serviceAccountName.",
        link: "https://kubernetes.io/docs/concepts/security/service-accounts/",
        levels: ["advisory", "mandatory", "mandatory"],
        kinds: POD_KINDS,
    },
    function* (pod) {
        const place = pod.spec.at("serviceAccountName");
        const own = place.string();
        const name = own === undefined ? pod.spec.at("serviceAccount").string() : own;
        if (name !== UNKNOWN && (name ?? "default") === "default")
            yield finding(place, "the pod uses the default account");
    },
);
