import { POD_KINDS } from "../model/object.ts";
import { called } from "../model/pods.ts";
import { containerRule, finding } from "../model/rule.ts";
import { UNKNOWN } from "../model/unknown.ts";

export const capabilitiesDrop = containerRule(
    {
        name: "capabilities-drop",
        title: "Each container drops all capabilities",
        severity: "high",
        why: "The default set has NET_RAW, which forges packets, and others that a service never needs.",
        fix: 'Set securityContext.capabilities.drop: ["ALL"] on the container.',
        link: "https://kubernetes.io/docs/concepts/security/pod-security-standards/",
        levels: ["advisory", "mandatory", "mandatory"],
        kinds: POD_KINDS,
        linuxOnly: true,
    },
    function* (container) {
        const place = container.view.at("securityContext", "capabilities", "drop");
        const dropped = place.items().map((item) => item.string());
        if (place.unknown || dropped.includes(UNKNOWN)) return;
        if (!dropped.some((name) => typeof name === "string" && name.toUpperCase() === "ALL"))
            yield finding(place, `${called(container)} does not drop all capabilities`);
    },
);
