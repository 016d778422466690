import { type AddressRange, isAnywhere, parseRange } from "../model/ranges.ts";
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
        if (type !== "LoadBalancer" || !isLimited(view.at("spec", "loadBalancerSourceRanges")))
            yield finding(place, "this type of Service is not allowed");
    },
);

/** Whether a load balancer takes connections from named ranges alone. */
function isLimited(ranges: View): boolean {
    if (ranges.unknown) return true;
    const texts = ranges.items().map((item) => item.string());
    return texts.length > 0 && texts.every((text) => text === UNKNOWN || isNamed(parseRange(String(text))));
}

function isNamed(range: AddressRange | undefined): boolean {
    return range !== undefined && !isAnywhere(range);
}
