/** Ingress of a web service: TLS on every host, plain HTTP redirected. */
import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

/** An Ingress as in the configuration. */
export interface IngressConfig {
    /** Default: the controller's name. */
    readonly className?: string | undefined;
    readonly annotations: Readonly<Record<string, string>>;
    readonly hosts: readonly {
        readonly host: string;
        readonly paths: readonly { readonly path: string; readonly pathType: string }[];
    }[];
    readonly tls: readonly { readonly secretName: string; readonly hosts: readonly string[] }[];
    readonly skipAwait: boolean;
}

/** Annotations of the Ingress: the program's own first, so that the stack's win. */
export function ingressAnnotations(
    config: IngressConfig,
    own: Readonly<Record<string, pulumi.Input<string>>>,
): Record<string, pulumi.Input<string>> {
    return {
        ...own,
        ...config.annotations,
        ...(config.skipAwait && { "pulumi.com/skipAwait": "true" }),
    };
}

/**
 * Every path of every host goes to `service`.
 * @param className Default: an annotation names it.
 */
export function ingressSpec(
    config: IngressConfig,
    service: { readonly name: string; readonly port: number },
    className: string | undefined,
): types.input.networking.v1.IngressSpec {
    const backend = { service: { name: service.name, port: { number: service.port } } };
    return {
        ...(className !== undefined && { ingressClassName: className }),
        tls: config.tls.map(({ secretName, hosts }) => ({ hosts: [...hosts], secretName })),
        rules: config.hosts.map(({ host, paths }) => ({
            host,
            http: { paths: paths.map(({ path, pathType }) => ({ path, pathType, backend })) },
        })),
    };
}
