import { finding, objectRule } from "../model/rule.ts";

export const ingressClass = objectRule(
    {
        name: "ingress-class",
        title: "An Ingress names its class",
        severity: "low",
        why: "Without it the Ingress belongs to every controller, or to none.",
        fix: "Set spec.ingressClassName.",
        link: "https://kubernetes.io/docs/concepts/services-networking/ingress/#ingress-class",
        levels: ["disabled", "advisory", "mandatory"],
        kinds: ["Ingress"],
    },
    function* ({ view }) {
        const place = view.at("spec", "ingressClassName");
        if (place.missing && view.at("metadata", "annotations", "kubernetes.io/ingress.class").missing)
            yield finding(place, "the Ingress names no class");
    },
);
