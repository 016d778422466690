import { isAnywhere, parseRange } from "../model/ranges.ts";
import { finding, objectRule } from "../model/rule.ts";
import { UNKNOWN } from "../model/unknown.ts";
import type { View } from "../model/view.ts";

export const serviceType = objectRule(
    {
        name: "service-type",
        title: "Services stay inside the cluster",
        severity: "high",
        why: "A NodePort is open on every node, and a LoadBalancer is a public address without TLS or a name.",
        fix: "Use ClusterIP with an Ingress, name in loadBalancerSourceRanges who may connect to a LoadBalancer, or exempt the one Service that is the way in.",
        link: "https://kubernetes.io/docs/concepts/services-networking/service/#publishing-services-service-types",
        levels: ["advisory", "mandatory", "mandatory"],
        kinds: ["Service"],
    },
    function* ({ view }, { serviceTypes }) {
        const place = view.at("spec", "type");
        const type = place.string() ?? "ClusterIP";
        if (type === UNKNOWN || serviceTypes.includes(type)) return;
        if (type !== "LoadBalancer" || !isLimited(view)) yield finding(place, "this type of Service is not allowed");
    },
);

/** The ranges in their old form, which count where the field is absent. */
const ANNOTATION = "service.beta.kubernetes.io/load-balancer-source-ranges";

/** Whether a load balancer takes connections from named ranges alone. */
function isLimited(service: View): boolean {
    const ranges = service.at("spec", "loadBalancerSourceRanges");
    const old = service.at("metadata", "annotations", ANNOTATION).string();
    if (ranges.unknown || (ranges.missing && old === UNKNOWN)) return true;
    const given = ranges.items().map((item) => item.string());
    const texts = given.length === 0 && typeof old === "string" ? old.split(",") : given;
    const named = texts.flatMap((text) => (typeof text === "string" ? (parseRange(text.trim()) ?? []) : []));
    return (
        texts.length > 0 && named.length === texts.filter((text) => text !== UNKNOWN).length && !isAnywhere(...named)
    );
}
