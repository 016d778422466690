import { accessRules, allows, ROLE_KINDS } from "../model/rights.ts";
import { finding, objectRule } from "../model/rule.ts";

export const rbacSecrets = objectRule(
    {
        name: "rbac-secrets",
        title: "Roles read Secrets by name only",
        severity: "high",
        why: "Whoever lists Secrets has every password of the namespace.",
        fix: "Name the Secrets in resourceNames, and allow get only.",
        link: "https://kubernetes.io/docs/concepts/security/rbac-good-practices/",
        levels: ["advisory", "mandatory", "mandatory"],
        kinds: ROLE_KINDS,
    },
    function* ({ view }) {
        for (const rule of accessRules(view))
            if (allows(rule, "", "secrets", ["list", "watch"]) || (!rule.named && allows(rule, "", "secrets", ["get"])))
                yield finding(rule.view, "the role reads all Secrets");
    },
);
