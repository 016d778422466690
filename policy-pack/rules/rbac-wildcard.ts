import { accessRules, ROLE_KINDS } from "../model/rights.ts";
import { finding, objectRule } from "../model/rule.ts";

export const rbacWildcard = objectRule(
    {
        name: "rbac-wildcard",
        title: "Roles name what they allow",
        severity: "high",
        why: "A wildcard also allows every resource and verb that a later version adds.",
        fix: "List the API groups, resources and verbs that are needed.",
        link: "https://kubernetes.io/docs/concepts/security/rbac-good-practices/",
        levels: ["advisory", "mandatory", "mandatory"],
        kinds: ROLE_KINDS,
    },
    function* ({ view }) {
        for (const rule of accessRules(view)) {
            const wild = { apiGroups: rule.groups, resources: rule.resources, verbs: rule.verbs };
            for (const [field, names] of Object.entries(wild))
                if (names.includes("*")) yield finding(rule.view.at(field), `the role allows all ${field}`);
        }
    },
);
