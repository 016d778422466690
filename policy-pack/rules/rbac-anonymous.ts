import { BINDING_KINDS } from "../model/rights.ts";
import { finding, objectRule } from "../model/rule.ts";

const ANYONE = ["system:anonymous", "system:unauthenticated", "system:authenticated", "system:serviceaccounts"];

export const rbacAnonymous = objectRule(
    {
        name: "rbac-anonymous",
        title: "Roles are given to somebody",
        severity: "critical",
        why: "A role for everybody is a role for whoever finds the API server, or for every pod of the cluster.",
        fix: "Name the account, user or group that needs it.",
        link: "https://kubernetes.io/docs/concepts/security/rbac-good-practices/",
        levels: ["mandatory", "mandatory", "mandatory"],
        kinds: BINDING_KINDS,
    },
    function* ({ view }) {
        for (const subject of view.at("subjects").items()) {
            const name = subject.at("name").string();
            if (typeof name === "string" && ANYONE.includes(name))
                yield finding(subject.at("name"), "the binding gives a role to everybody");
        }
    },
);
