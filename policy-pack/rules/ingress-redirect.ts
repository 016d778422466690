import { albListens, controllerOf, isOff, isOn } from "../model/controllers.ts";
import { finding, objectRule, type RuleFinding } from "../model/rule.ts";
import { UNKNOWN } from "../model/unknown.ts";
import type { View } from "../model/view.ts";

/** Annotations by which a redirect that is there by default is turned off. */
const SWITCHES = [
    "nginx.ingress.kubernetes.io/ssl-redirect",
    "ingress.kubernetes.io/ssl-redirect",
    "nginx.org/ssl-redirect",
    "ingress.kubernetes.io/force-ssl-redirect",
    "haproxy.org/ssl-redirect",
    "haproxy-ingress.github.io/ssl-redirect",
    "projectcontour.io/force-ssl-redirect",
];
const FORCE = "nginx.ingress.kubernetes.io/force-ssl-redirect";

export const ingressRedirect = objectRule(
    {
        name: "ingress-redirect",
        title: "Plain HTTP is redirected to HTTPS",
        severity: "high",
        why: "Logins and tokens go over the wire in plain text for whoever types the name without https.",
        fix: "Remove the annotation that turns the redirect off. ALB: set ssl-redirect, or listen on HTTPS only. GCE: set kubernetes.io/ingress.allow-http to false, or name a FrontendConfig. Traefik: set router.entrypoints to websecure.",
        link: "https://kubernetes.github.io/ingress-nginx/user-guide/tls/#server-side-https-enforcement-through-redirect",
        levels: ["mandatory", "mandatory", "mandatory"],
        kinds: ["Ingress"],
    },
    function* ({ view }) {
        const annotations = view.at("metadata", "annotations");
        if (annotations.unknown) return;
        const forced = isOn(annotations.at(FORCE));
        for (const name of SWITCHES) {
            const place = annotations.at(name);
            if (isOff(place) && !forced) yield finding(place, "the redirect to HTTPS is turned off");
        }
        switch (controllerOf(view)) {
            case "alb":
                yield* alb(view, annotations);
                break;
            case "gce":
                yield* gce(annotations);
                break;
            case "traefik":
                yield* traefik(annotations);
                break;
        }
    },
);

function* alb(ingress: View, annotations: View): Iterable<RuleFinding> {
    if (!albListens(ingress, "HTTP")) return;
    const entries = annotations.entries();
    const redirects = entries.some(([name, { raw }]) =>
        name.includes("/actions.") ? raw === UNKNOWN || (typeof raw === "string" && isRedirect(raw)) : false,
    );
    // One member of a group redirects for all of them.
    const isDecided = ["ssl-redirect", "group.name"].some(
        (name) => !annotations.at(`alb.ingress.kubernetes.io/${name}`).missing,
    );
    if (!redirects && !isDecided)
        yield finding(
            annotations.at("alb.ingress.kubernetes.io/listen-ports"),
            "the load balancer also answers plain HTTP",
        );
}

function isRedirect(action: string): boolean {
    return /"redirect"/i.test(action) && /"HTTPS"/i.test(action);
}

function* gce(annotations: View): Iterable<RuleFinding> {
    const place = annotations.at("kubernetes.io/ingress.allow-http");
    if (place.unknown || isOff(place)) return;
    if (annotations.at("networking.gke.io/v1beta1.FrontendConfig").missing)
        yield finding(place, "the load balancer also answers plain HTTP");
}

function* traefik(annotations: View): Iterable<RuleFinding> {
    const place = annotations.at("traefik.ingress.kubernetes.io/router.entrypoints");
    const middlewares = annotations.at("traefik.ingress.kubernetes.io/router.middlewares").string();
    const points = place.string();
    if (points === UNKNOWN || middlewares === UNKNOWN) return;
    if (/redirect|https/i.test(middlewares ?? "")) return;
    // Without the annotation the router serves all entry points.
    if (points === undefined || points.split(",").some((point) => /^\s*(web|http)\s*$/.test(point)))
        yield finding(place, "the router also serves the plain entry point");
}
