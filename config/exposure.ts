/** What follows from `exposure`: which objects bring requests to the web services. */
import type { Settings } from "./schema.ts";
import { webServices } from "./services/index.ts";
import type { WebServiceConfig } from "./services/web.ts";

/** A Gateway that the program makes. */
export interface OwnGateway {
    readonly className: string;
    readonly annotations: Readonly<Record<string, string>>;
    readonly listeners: readonly { readonly host: string; readonly secretName: string }[];
}

/** A Gateway that exists. */
export interface ExistingGateway {
    readonly name: string;
    readonly namespace?: string | undefined;
    readonly sectionName?: string | undefined;
    readonly httpSectionName?: string | undefined;
}

export interface Exposure {
    /** Whether web services have Ingresses. */
    readonly ingress: boolean;
    readonly ownGateway?: OwnGateway;
    readonly existingGateway?: ExistingGateway;
    /** What has to exist before; the id is the name, after the namespace where it has one. */
    readonly requires?: { readonly kind: "Gateway" | "GatewayClass"; readonly id: string };
}

const issuers = ["cert-manager.io/cluster-issuer", "cert-manager.io/issuer"];

export function exposureOf({ exposure, gateway, ...settings }: Settings): Exposure {
    const ingress = exposure !== "gateway";
    if (exposure === "ingress") return { ingress };
    const { className, annotations, name, ...listener } = gateway;
    if (name !== undefined) {
        const id = `${listener.namespace ?? settings.namespace}/${name}`;
        return { ingress, existingGateway: { name, ...listener }, requires: { kind: "Gateway", id } };
    }
    const hasIssuer = issuers.some((annotation) => annotations[annotation] !== undefined);
    const all = webServices.flatMap((key) => {
        const { enabled, ingress } = settings[key];
        return (enabled && ingress.enabled ? ingress.tls : []).flatMap(({ secretName, hosts }) =>
            // cert-manager writes a Secret for one object: where an Ingress has it, the Gateway's would not be renewed.
            hosts.map((host) => ({ host, secretName: hasIssuer ? `${secretName}-gateway` : secretName })),
        );
    });
    // Services may share a host, and a Gateway has one listener for it.
    const listeners = all.filter(({ host }, index) => all.findIndex((other) => other.host === host) === index);
    if (className === undefined || listeners.length === 0) return { ingress };
    const requires = { kind: "GatewayClass", id: className } as const;
    return { ingress, ownGateway: { className, annotations, listeners }, requires };
}

/** The hosts of a service that bring requests for this path. A pattern for the controller is not read. */
export function hostsServing({ ingress }: Pick<WebServiceConfig, "ingress">, path: string): readonly string[] {
    const brings = (place: string, pathType: string): boolean =>
        place === path ||
        (pathType === "Prefix" && (place === "/" || `${path}/`.startsWith(`${place.replace(/\/$/, "")}/`)));
    if (!ingress.enabled) return [];
    return ingress.hosts.flatMap(({ host, paths }) =>
        paths.some((each) => brings(each.path, each.pathType)) ? [host] : [],
    );
}

/** Whether the certificates are the stack's, and not those of an existing Gateway. */
export function ownsCertificates({ exposure, gateway }: Pick<Settings, "exposure" | "gateway">): boolean {
    return exposure !== "gateway" || gateway.name === undefined;
}
