import { finding, objectRule } from "../model/rule.ts";

const SWITCHES = [
    "nginx.ingress.kubernetes.io/ssl-redirect",
    "ingress.kubernetes.io/ssl-redirect",
    "nginx.org/redirect-to-https",
    "ingress.kubernetes.io/force-ssl-redirect",
    "haproxy.org/ssl-redirect",
    "haproxy-ingress.github.io/ssl-redirect",
    "projectcontour.io/force-ssl-redirect",
];
const FORCE = "nginx.ingress.kubernetes.io/force-ssl-redirect";
const TRAEFIK = "traefik.ingress.kubernetes.io/router.entrypoints";

export const ingressRedirect = objectRule(
    {
        name: "ingress-redirect",
        title: "Plain HTTP is sent on to HTTPS",
        severity: "high",
        why: "Logins and tokens go over the wire in plain text for whoever types the name without https.",
        fix: "Remove the annotation that turns the redirect off.",
        link: "https://kubernetes.github.io/ingress-nginx/user-guide/tls/#server-side-https-enforcement-through-redirect",
        levels: ["mandatory", "mandatory", "mandatory"],
        kinds: ["Ingress"],
    },
    function* ({ view }) {
        const annotations = view.at("metadata", "annotations");
        const forced = annotations.at(FORCE).string() === "true";
        for (const name of SWITCHES) {
            const place = annotations.at(name);
            if (place.string() === "false" && !forced) yield finding(place, "the redirect to HTTPS is turned off");
        }
        const points = annotations.at(TRAEFIK).string();
        if (typeof points === "string" && points.split(",").some((point) => /^\s*(web|http)\s*$/.test(point)))
            yield finding(annotations.at(TRAEFIK), "the router also serves the plain entry point");
    },
);
