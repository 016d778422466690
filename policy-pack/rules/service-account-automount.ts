import { finding, objectRule } from "../model/rule.ts";
import { UNKNOWN } from "../model/unknown.ts";

export const serviceAccountAutomount = objectRule(
    {
        name: "service-account-automount",
        title: "Service accounts do not mount their token by default",
        severity: "low",
        why: "Any pod that names the account gets a token to the API server without asking.",
        fix: "Set automountServiceAccountToken: false on the ServiceAccount; a pod that needs the token can ask.",
        link: "https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/",
        levels: ["disabled", "advisory", "mandatory"],
        kinds: ["ServiceAccount"],
    },
    function* ({ view }) {
        const place = view.at("automountServiceAccountToken");
        const mounted = place.boolean();
        if (mounted !== UNKNOWN && mounted !== false) yield finding(place, "the account mounts its token by default");
    },
);
