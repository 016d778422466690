import { accessRules, allows, ROLE_KINDS } from "../model/rights.ts";
import { finding, objectRule } from "../model/rule.ts";
import { sentenceList } from "../model/text.ts";

const RIGHTS = [
    ["pods", ["create"], "makes pods"],
    ["pods/exec", ["create", "get"], "runs commands in pods"],
    ["pods/attach", ["create", "get"], "attaches to pods"],
    ["pods/portforward", ["create", "get"], "forwards ports of pods"],
    ["pods/ephemeralcontainers", ["update", "patch"], "adds containers to pods"],
] as const;

export const rbacPods = objectRule(
    {
        name: "rbac-pods",
        title: "Roles neither make pods nor enter them",
        severity: "high",
        why: "Whoever makes or enters a pod has the rights and Secrets of every account of the namespace.",
        fix: "Leave pods to controllers, and give exec to people for a time only.",
        link: "https://kubernetes.io/docs/concepts/security/rbac-good-practices/",
        levels: ["advisory", "mandatory", "mandatory"],
        kinds: ROLE_KINDS,
    },
    function* ({ view }) {
        for (const rule of accessRules(view)) {
            const found = RIGHTS.filter(([resource, verbs]) => allows(rule, "", resource, verbs));
            if (found.length > 0) yield finding(rule.view, `the role ${sentenceList(found.map(([, , what]) => what))}`);
        }
    },
);
