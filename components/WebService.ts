import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import {
    DeployedWorkload,
    type DeployedWorkloadArgs,
    type DeploymentConfig,
    rolloutTimeouts,
} from "./DeployedWorkload.ts";
import { type IngressConfig, ingressAnnotations, ingressSpec } from "./shared/ingress.ts";
import { selectorLabels } from "./shared/labels.ts";
import { fromAnywhere } from "./shared/networkPolicy.ts";
import type { ContainerPort } from "./shared/pod.ts";
import type { HttpProbe, Probes } from "./shared/probe.ts";

/** What a stack decides about a web service. */
export interface WebServiceConfig extends DeploymentConfig {
    /** Port named `http` of the container. */
    readonly containerPort: number;
    readonly livenessProbe: HttpProbe;
    readonly readinessProbe: HttpProbe;
    readonly service: {
        readonly type: string;
        /** Port named `http` of the Service. */
        readonly port: number;
        readonly annotations: Readonly<Record<string, string>>;
    };
    readonly ingress: IngressConfig & { readonly enabled: boolean };
}

/** A further port of a web service. */
export interface ServicePort extends ContainerPort {
    /** Port of the Service. Default: the Service leaves it out. */
    readonly servicePort?: number;
}

export interface WebServiceArgs extends Omit<DeployedWorkloadArgs, "config" | "ports" | "probes"> {
    readonly config: WebServiceConfig;
    /** Ports beside the one named `http`. Default: none. */
    readonly ports?: readonly ServicePort[];
    /** Probes in place of those of the configuration. */
    readonly probes?: Probes;
    /** Annotations of the Ingress, below those of the configuration. */
    readonly ingressAnnotations?: Readonly<Record<string, string>>;
}

/** A Deployment behind a Service and an Ingress. Source: docs/specification.md, "gateway-api". */
export class WebService extends DeployedWorkload {
    public readonly service: kubernetes.core.v1.Service;

    /** @param type Type token of the component, as in `system:index:Kind`. */
    public constructor(type: string, name: string, args: WebServiceArgs, opts?: pulumi.ComponentResourceOptions) {
        const { config, ports = [], networkRules } = args;
        super(
            type,
            name,
            {
                ...args,
                ports: [{ name: "http", containerPort: config.containerPort }, ...ports],
                probes: { liveness: config.livenessProbe, readiness: config.readinessProbe, ...args.probes },
                networkRules: {
                    ...networkRules,
                    ingress: [
                        ...(networkRules.ingress ?? []),
                        ...(config.service.type === "LoadBalancer" ? [fromAnywhere(config.containerPort)] : []),
                    ],
                },
            },
            opts,
        );
        this.service = this.createService(name, args);
        this.createIngress(name, args);
        this.registerOutputs({ serviceName: this.service.metadata.name });
    }

    /** Depends on the Deployment and has its timeout: the provider waits until all pods behind a Service are ready. */
    private createService(name: string, { config, ports = [] }: WebServiceArgs): kubernetes.core.v1.Service {
        const { annotations, type, port } = config.service;
        const further = ports.flatMap(({ name: portName, servicePort, protocol = "TCP" }) =>
            servicePort === undefined ? [] : [{ name: portName, port: servicePort, targetPort: portName, protocol }],
        );
        return new kubernetes.core.v1.Service(
            `${name}-service`,
            {
                metadata: this.metadata({
                    ...(Object.keys(annotations).length > 0 && { annotations: { ...annotations } }),
                }),
                spec: {
                    type,
                    ports: [{ name: "http", port, targetPort: "http", protocol: "TCP" }, ...further],
                    selector: { ...selectorLabels(this.platform, this.component) },
                },
            },
            { parent: this, dependsOn: this.deployment, customTimeouts: rolloutTimeouts(config) },
        );
    }

    private createIngress(name: string, args: WebServiceArgs): void {
        const { ingress, service } = args.config;
        if (!ingress.enabled) {
            return;
        }
        new kubernetes.networking.v1.Ingress(
            `${name}-ingress`,
            {
                metadata: this.metadata({
                    annotations: { ...ingressAnnotations(ingress, args.ingressAnnotations ?? {}) },
                }),
                spec: ingressSpec(ingress, { name: this.fullname, port: service.port }),
            },
            { parent: this, dependsOn: this.service },
        );
    }
}
