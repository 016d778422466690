import { POD_KINDS } from "../model/object.ts";
import { called } from "../model/pods.ts";
import { containerRule, finding } from "../model/rule.ts";
import { UNKNOWN } from "../model/unknown.ts";

export const privilegeEscalation = containerRule(
    {
        name: "privilege-escalation",
        title: "No process can gain more privileges than its parent",
        severity: "high",
        why: "A setuid binary in the image makes an ordinary process root.",
        fix: "Set securityContext.allowPrivilegeEscalation: false on the container.",
        link: "https://kubernetes.io/docs/concepts/security/pod-security-standards/",
        levels: ["advisory", "mandatory", "mandatory"],
        kinds: POD_KINDS,
        linuxOnly: true,
    },
    function* (container) {
        const place = container.view.at("securityContext", "allowPrivilegeEscalation");
        const allowed = place.boolean();
        if (allowed !== UNKNOWN && allowed !== false)
            yield finding(place, `${called(container)} does not rule out privilege escalation`);
    },
);
