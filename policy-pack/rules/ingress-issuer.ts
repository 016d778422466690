import { hasOwnCertificate } from "../model/controllers.ts";
import { hasOtherCertificates } from "../model/gateways.ts";
import { finding, objectRule } from "../model/rule.ts";
import { UNKNOWN } from "../model/unknown.ts";

const ANNOTATIONS = ["cert-manager.io/cluster-issuer", "cert-manager.io/issuer"];

export const ingressIssuer = objectRule(
    {
        name: "ingress-issuer",
        title: "Certificates come from an allowed issuer",
        severity: "medium",
        why: "A staging or self-signed issuer gives a certificate that no browser takes.",
        fix: "Set cert-manager.io/cluster-issuer to one of the parameter issuers, or add it there.",
        link: "https://cert-manager.io/docs/usage/ingress/",
        levels: ["mandatory", "mandatory", "mandatory"],
        kinds: ["Gateway", "Ingress"],
    },
    function* ({ object, view }, { issuers }) {
        if (issuers.length === 0) return;
        const isGateway = object.kind === "Gateway";
        const places = ANNOTATIONS.map((name) => view.at("metadata", "annotations", name));
        const named = places.filter((place) => !place.missing);
        // What a cloud or Traefik has issued is none of cert-manager's.
        if (named.length === 0 && !(isGateway ? hasOtherCertificates(view) : hasOwnCertificate(view)))
            yield finding(places[0] ?? "", `the ${object.kind} names no issuer for its certificate`);
        for (const place of named) {
            const issuer = place.string();
            if (issuer !== UNKNOWN && !issuers.includes(issuer ?? ""))
                yield finding(place, "this issuer is not allowed");
        }
    },
);
