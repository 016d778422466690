import { UNKNOWN } from "./unknown.ts";
import type { View } from "./view.ts";

/** Ingress controllers whose annotations decide about TLS and redirects. */
export type Controller = "alb" | "gce" | "traefik";

/** Annotations that only one controller reads. */
const OWN_ANNOTATIONS: readonly (readonly [Controller, RegExp])[] = [
    ["alb", /^alb\.ingress\.kubernetes\.io\//],
    [
        "gce",
        /^(ingress\.gcp\.kubernetes\.io|networking\.gke\.io)\/|^kubernetes\.io\/ingress\.(allow-http|global-static-ip-name)$/,
    ],
    ["traefik", /^traefik\.ingress\.kubernetes\.io\//],
];

/** Annotations that give an Ingress its certificate without a Secret. */
const CERTIFICATES = [
    "alb.ingress.kubernetes.io/certificate-arn",
    "appgw.ingress.kubernetes.io/appgw-ssl-certificate",
    "ingress.gcp.kubernetes.io/pre-shared-cert",
    "networking.gke.io/managed-certificates",
    "traefik.ingress.kubernetes.io/router.tls.certresolver",
];

/** The controller of an Ingress, by its class, else by its annotations; `undefined` for nginx, and where neither tells. */
export function controllerOf(ingress: View): Controller | undefined {
    const annotations = ingress.at("metadata", "annotations");
    const named =
        ingress.at("spec", "ingressClassName").string() ?? annotations.at("kubernetes.io/ingress.class").string();
    if (named === UNKNOWN) return undefined;
    // A class may have any name; these are the controllers' own.
    const known = /^(alb|gce|traefik|nginx)(-|$)/.exec(named ?? "")?.[1];
    if (known !== undefined) return known === "nginx" ? undefined : (known as Controller);
    const names = annotations.entries().map(([name]) => name);
    return OWN_ANNOTATIONS.find(([, own]) => names.some((name) => own.test(name)))?.[0];
}

/** Whether the annotation lets an ALB listen on a protocol. Without it, it takes HTTPS where it has a certificate. */
export function albListens(ingress: View, protocol: "HTTP" | "HTTPS"): boolean {
    const given = ingress.at("metadata", "annotations", "alb.ingress.kubernetes.io/listen-ports").string();
    return typeof given === "string" && new RegExp(`"${protocol}"\\s*:`).test(given);
}

/** Whether the controller takes the certificate from elsewhere than a Secret. */
export function hasOwnCertificate(ingress: View): boolean {
    const annotations = ingress.at("metadata", "annotations");
    if (CERTIFICATES.some((name) => annotations.at(name).string() !== undefined)) return true;
    switch (controllerOf(ingress)) {
        // It looks for a certificate of the hosts' names.
        case "alb":
            return albListens(ingress, "HTTPS") || ingress.at("spec", "tls").items().length > 0;
        // The default certificate, or the entry point's.
        case "traefik":
            return annotations.at("traefik.ingress.kubernetes.io/router.tls").string() === "true";
        default:
            return false;
    }
}
