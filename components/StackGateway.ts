import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { objectMetadata } from "./shared/metadata.ts";
import type { Platform } from "./shared/platform.ts";
import { apiVersion, type GatewayTarget } from "./shared/routes.ts";

export interface StackGatewayArgs {
    readonly platform: Platform;
    /** GatewayClass, which decides what implements the Gateway. */
    readonly className: string;
    /** Annotations of the Gateway; they win over the component's own. */
    readonly annotations: Readonly<Record<string, string>>;
    /** Hosts, each with the Secret of its certificate in the same namespace. */
    readonly listeners: readonly { readonly host: string; readonly secretName: string }[];
}

const httpSectionName = "http";

/**
 * A Gateway for the routes of its own namespace: each host with its certificate, and plain HTTP for redirects and for
 * challenges of certificate authorities.
 * Source: https://gateway-api.sigs.k8s.io/reference/spec/#gateway
 */
export class StackGateway extends pulumi.ComponentResource {
    /** What routes attach to: each host's listener has its name. */
    public readonly target: GatewayTarget;

    public constructor(name: string, args: StackGatewayArgs, opts?: pulumi.ComponentResourceOptions) {
        super("tradestream:index:StackGateway", name, args, opts);
        const allowedRoutes = { namespaces: { from: "Same" } };
        const gateway = new kubernetes.apiextensions.CustomResource(
            `${name}-gateway`,
            {
                apiVersion,
                kind: "Gateway",
                metadata: {
                    ...objectMetadata(args.platform, "gateway"),
                    annotations: { "pulumi.com/waitFor": "condition=Programmed", ...args.annotations },
                },
                spec: {
                    gatewayClassName: args.className,
                    listeners: [
                        { name: httpSectionName, port: 80, protocol: "HTTP", allowedRoutes },
                        ...args.listeners.map(({ host, secretName }) => ({
                            name: host,
                            hostname: host,
                            port: 443,
                            protocol: "HTTPS",
                            tls: { mode: "Terminate", certificateRefs: [{ kind: "Secret", name: secretName }] },
                            allowedRoutes,
                        })),
                    ],
                },
            },
            { parent: this },
        );
        this.target = { name: gateway.metadata.name, httpSectionName };
        this.registerOutputs({ gatewayName: this.target.name });
    }
}
