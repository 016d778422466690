import { UNKNOWN, type Read } from "./unknown.ts";
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

/** Annotations that give an Ingress its certificate without a Secret, each with the controller that reads it. */
const CERTIFICATES: readonly (readonly [Controller | "appgw", string])[] = [
    ["alb", "alb.ingress.kubernetes.io/certificate-arn"],
    ["appgw", "appgw.ingress.kubernetes.io/appgw-ssl-certificate"],
    ["gce", "ingress.gcp.kubernetes.io/pre-shared-cert"],
    ["gce", "networking.gke.io/managed-certificates"],
    ["traefik", "traefik.ingress.kubernetes.io/router.tls.certresolver"],
];

/** Whether an annotation turns something off, as Go reads truth values. */
export function isOff(annotation: View): boolean {
    const value = annotation.string();
    return typeof value === "string" && /^(0|f|F|false|False|FALSE)$/.test(value);
}

/** Whether an annotation turns something on, as Go reads truth values. */
export function isOn(annotation: View): boolean {
    const value = annotation.string();
    return typeof value === "string" && /^(1|t|T|true|True|TRUE)$/.test(value);
}

/** The controller of an Ingress, by its class, else by its annotations; `undefined` for nginx, and where neither tells. */
export function controllerOf(ingress: View): Controller | undefined {
    const named = classOf(ingress);
    if (named === UNKNOWN) return undefined;
    if (named !== undefined) return named === "nginx" ? undefined : named;
    const names = ingress
        .at("metadata", "annotations")
        .entries()
        .map(([name]) => name);
    return OWN_ANNOTATIONS.find(([, own]) => names.some((name) => own.test(name)))?.[0];
}

/** The controller that the name of the class tells: a class may have any name, and these are the controllers' own. */
function classOf(ingress: View): Read<Controller | "nginx"> {
    const named =
        ingress.at("spec", "ingressClassName").string() ??
        ingress.at("metadata", "annotations", "kubernetes.io/ingress.class").string();
    if (named === UNKNOWN) return UNKNOWN;
    return /^(alb|gce|traefik|nginx)(-|$)/.exec(named ?? "")?.[1] as Controller | "nginx" | undefined;
}

/** Whether the annotation lets an ALB listen on a protocol. Without it, it takes HTTPS where it has a certificate. */
export function albListens(ingress: View, protocol: "HTTP" | "HTTPS"): boolean {
    const given = ingress.at("metadata", "annotations", "alb.ingress.kubernetes.io/listen-ports").string();
    return typeof given === "string" && new RegExp(`"${protocol}"\\s*:`).test(given);
}

/** Whether the controller takes the certificate from elsewhere than a Secret. */
export function hasOwnCertificate(ingress: View): boolean {
    const annotations = ingress.at("metadata", "annotations");
    const named = classOf(ingress);
    const isRead = (controller: Controller | "appgw"): boolean =>
        named === undefined || named === UNKNOWN || named === controller;
    if (CERTIFICATES.some(([controller, name]) => isRead(controller) && !isEmpty(annotations.at(name)))) return true;
    switch (controllerOf(ingress)) {
        // It looks for a certificate of the hosts' names.
        case "alb":
            return albListens(ingress, "HTTPS") || ingress.at("spec", "tls").items().length > 0;
        // The default certificate, or the entry point's.
        case "traefik":
            return isOn(annotations.at("traefik.ingress.kubernetes.io/router.tls"));
        default:
            return false;
    }
}

function isEmpty(annotation: View): boolean {
    const value = annotation.string();
    return value === undefined || value === "";
}
