import { finding, objectRule } from "../model/rule.ts";

export const serviceExternalIps = objectRule(
    {
        name: "service-external-ips",
        title: "Services claim no external addresses",
        severity: "high",
        why: "A Service can take traffic of any address that way, also other people's (CVE-2020-8554).",
        fix: "Remove externalIPs.",
        link: "https://kubernetes.io/docs/concepts/services-networking/service/#external-ips",
        levels: ["mandatory", "mandatory", "mandatory"],
        kinds: ["Service"],
    },
    function* ({ view }) {
        const place = view.at("spec", "externalIPs");
        if (place.items().length > 0) yield finding(place, "the Service claims external addresses");
    },
);
