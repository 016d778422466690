import { finding, objectRule } from "../model/rule.ts";
import { UNKNOWN } from "../model/unknown.ts";

export const ingressHost = objectRule(
    {
        name: "ingress-host",
        title: "Each rule of an Ingress has a host, and no wildcard",
        severity: "medium",
        why: "A rule without a host takes the traffic of every name that points at the controller.",
        fix: "Name the host in full.",
        link: "https://kubernetes.io/docs/concepts/services-networking/ingress/#ingress-rules",
        levels: ["advisory", "mandatory", "mandatory"],
        kinds: ["Ingress"],
    },
    function* ({ view }) {
        const spec = view.at("spec");
        for (const rule of spec.at("rules").items()) {
            const host = rule.at("host").string();
            if (host === UNKNOWN) continue;
            if (host === undefined || host === "") yield finding(rule.at("host"), "this rule has no host");
            else if (host.includes("*")) yield finding(rule.at("host"), "this host is a wildcard");
        }
        if (!spec.at("rules").unknown && spec.at("rules").items().length === 0)
            yield finding(spec.at("rules"), "the Ingress has no rule, so that it serves every host");
    },
);
