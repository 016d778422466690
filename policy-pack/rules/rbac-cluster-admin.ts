import { BINDING_KINDS } from "../model/rights.ts";
import { finding, objectRule } from "../model/rule.ts";

export const rbacClusterAdmin = objectRule(
    {
        name: "rbac-cluster-admin",
        title: "Nobody is given an administrator's role",
        severity: "critical",
        why: "The role cluster-admin is every right on every object of the cluster; admin and edit read every Secret of a namespace.",
        fix: "Bind a role with the rights that are needed.",
        link: "https://kubernetes.io/docs/concepts/security/rbac-good-practices/",
        levels: ["mandatory", "mandatory", "mandatory"],
        kinds: BINDING_KINDS,
    },
    function* ({ view }) {
        const place = view.at("roleRef", "name");
        const name = place.string();
        if (view.at("roleRef", "kind").string() !== "ClusterRole") return;
        if (name === "cluster-admin" || name === "admin")
            yield finding(place, "the binding gives an administrator's role");
    },
);
