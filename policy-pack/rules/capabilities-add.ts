import { CONTAINER_KINDS } from "../model/object.ts";
import { called } from "../model/pods.ts";
import { containerRule, finding } from "../model/rule.ts";
import { UNKNOWN } from "../model/unknown.ts";

export const capabilitiesAdd = containerRule(
    {
        name: "capabilities-add",
        title: "Containers add allowed capabilities only",
        severity: "critical",
        why: "SYS_ADMIN and its like are root by another name.",
        fix: "Remove the capability, or add it to the parameter allowedCapabilities.",
        link: "https://kubernetes.io/docs/concepts/security/pod-security-standards/",
        levels: ["mandatory", "mandatory", "mandatory"],
        kinds: CONTAINER_KINDS,
    },
    function* (container, _pod, { allowedCapabilities }) {
        for (const place of container.view.at("securityContext", "capabilities", "add").items()) {
            const name = place.string();
            if (name === UNKNOWN || name === undefined) continue;
            if (!allowedCapabilities.includes(name.replace(/^CAP_/, "")))
                yield finding(place, `${called(container)} adds a capability that is not allowed`);
        }
    },
);
