import { finding, objectRule } from "../model/rule.ts";

export const privilegedScc = objectRule(
    {
        name: "privileged-scc",
        title: "No OpenShift security context constraint allows privileged containers",
        severity: "critical",
        why: "Every pod that may use it can be root on its node.",
        fix: "Set allowPrivilegedContainer: false.",
        link: "https://docs.openshift.com/container-platform/latest/authentication/managing-security-context-constraints.html",
        levels: ["mandatory", "mandatory", "mandatory"],
        kinds: ["SecurityContextConstraints"],
    },
    function* ({ view }) {
        const place = view.at("allowPrivilegedContainer");
        if (place.boolean() === true) yield finding(place, "the constraint allows privileged containers");
    },
);
