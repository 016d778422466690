import { finding, objectRule } from "../model/rule.ts";
import { UNKNOWN } from "../model/unknown.ts";

export const serviceType = objectRule(
    {
        name: "service-type",
        title: "Services stay inside the cluster",
        severity: "high",
        why: "A NodePort is open on every node, and a LoadBalancer is a public address without TLS or a name.",
        fix: "Use ClusterIP with an Ingress, or exempt the one Service that is the way in.",
        link: "https://kubernetes.io/docs/concepts/services-networking/service/#publishing-services-service-types",
        levels: ["advisory", "mandatory", "mandatory"],
        kinds: ["Service"],
    },
    function* ({ view }, { serviceTypes }) {
        const place = view.at("spec", "type");
        const type = place.string() ?? "ClusterIP";
        if (type !== UNKNOWN && !serviceTypes.includes(type))
            yield finding(place, "this type of Service is not allowed");
    },
);
