import { CONTAINER_KINDS } from "../model/object.ts";
import { called } from "../model/pods.ts";
import { containerRule, finding } from "../model/rule.ts";

export const procMount = containerRule(
    {
        name: "proc-mount",
        title: "/proc stays masked",
        severity: "high",
        why: "The unmasked /proc shows and changes things of the node's kernel.",
        fix: "Remove procMount.",
        link: "https://kubernetes.io/docs/concepts/security/pod-security-standards/",
        levels: ["mandatory", "mandatory", "mandatory"],
        kinds: CONTAINER_KINDS,
    },
    function* (container) {
        const place = container.view.at("securityContext", "procMount");
        if (place.string() === "Unmasked") yield finding(place, `${called(container)} unmasks /proc`);
    },
);
