import { CONTAINER_KINDS } from "../model/object.ts";
import { called } from "../model/pods.ts";
import { containerRule, finding } from "../model/rule.ts";

export const privileged = containerRule(
    {
        name: "privileged",
        title: "No container is privileged",
        severity: "critical",
        why: "A privileged container is root on its node.",
        fix: "Remove privileged, and add the one capability that is needed instead.",
        link: "https://kubernetes.io/docs/concepts/security/pod-security-standards/",
        levels: ["mandatory", "mandatory", "mandatory"],
        kinds: CONTAINER_KINDS,
    },
    function* (container) {
        const place = container.view.at("securityContext", "privileged");
        if (place.boolean() === true) yield finding(place, `${called(container)} is privileged`);
    },
);
