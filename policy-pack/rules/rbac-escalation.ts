import { accessRules, allows, ROLE_KINDS } from "../model/rights.ts";
import { finding, objectRule } from "../model/rule.ts";
import { sentenceList } from "../model/text.ts";

const RBAC = "rbac.authorization.k8s.io";
const RIGHTS = [
    ["", "users", ["impersonate"]],
    ["", "groups", ["impersonate"]],
    ["", "serviceaccounts", ["impersonate"]],
    ["", "serviceaccounts/token", ["create"]],
    ["", "nodes/proxy", ["get", "create"]],
    [RBAC, "roles", ["bind", "escalate"]],
    [RBAC, "clusterroles", ["bind", "escalate"]],
    ["certificates.k8s.io", "certificatesigningrequests/approval", ["update", "patch"]],
    ["admissionregistration.k8s.io", "mutatingwebhookconfigurations", ["create", "update", "patch"]],
] as const;

export const rbacEscalation = objectRule(
    {
        name: "rbac-escalation",
        title: "No role can give itself more rights",
        severity: "critical",
        why: "These rights turn into any other right.",
        fix: "Remove the verb, or leave this to an administrator.",
        link: "https://kubernetes.io/docs/concepts/security/rbac-good-practices/",
        levels: ["advisory", "mandatory", "mandatory"],
        kinds: ROLE_KINDS,
    },
    function* ({ view }) {
        for (const rule of accessRules(view)) {
            const found = RIGHTS.filter(([group, resource, verbs]) => allows(rule, group, resource, verbs));
            const resources = found.map(([, resource]) => resource);
            if (found.length > 0)
                yield finding(rule.view, `the role can raise its own rights by ${sentenceList(resources)}`);
        }
    },
);
