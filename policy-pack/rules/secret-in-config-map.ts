import { finding, objectRule } from "../model/rule.ts";
import { isSecret } from "../model/secrets.ts";

export const secretInConfigMap = objectRule(
    {
        name: "secret-in-config-map",
        title: "No ConfigMap holds a secret",
        severity: "critical",
        why: "ConfigMaps are readable by far more accounts than Secrets, and are not encrypted at rest.",
        fix: "Move the entry into a Secret.",
        link: "https://kubernetes.io/docs/concepts/configuration/configmap/",
        levels: ["mandatory", "mandatory", "mandatory"],
        kinds: ["ConfigMap"],
    },
    function* ({ view }) {
        for (const [name, place] of view.at("data").entries()) {
            const value = place.string();
            if (typeof value === "string" && isSecret(name, value)) yield finding(place, "this entry holds a secret");
        }
    },
);
