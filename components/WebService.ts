import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { annotationsOf, type ControllerName, controllerOf, hstsHeaders } from "../config/controllers.ts";
import {
    DeployedWorkload,
    type DeployedWorkloadArgs,
    type DeploymentConfig,
    rolloutTimeouts,
} from "./DeployedWorkload.ts";
import { type IngressConfig, ingressAnnotations, ingressSpec } from "./shared/ingress.ts";
import { selectorLabels } from "./shared/labels.ts";
import { fromClients } from "./shared/networkPolicy.ts";
import type { ContainerPort } from "./shared/pod.ts";
import type { HttpProbe, Probes } from "./shared/probe.ts";
import { apiVersion, type GatewayTarget, redirectSpec, routeSpec } from "./shared/routes.ts";

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
        /** Address ranges that a LoadBalancer takes connections from. Default: all. */
        readonly sourceRanges?: readonly string[];
    };
    readonly ingress: IngressConfig & {
        readonly enabled: boolean;
        /** Default: nginx. */
        readonly controller?: ControllerName;
        /** Largest body of a request, such as `10m`. Default: the controller's. */
        readonly maxBodySize?: string | undefined;
        /** Longest wait for the service, in seconds. Default: the proxy's. */
        readonly timeoutSeconds?: number | undefined;
        /** Requests per second of one client. Default: no limit. */
        readonly requestsPerSecond?: number | undefined;
        /** Path that the service is asked for, by groups of the paths. Default: the path of the request. */
        readonly rewriteTarget?: string | undefined;
        /** Seconds in which browsers use HTTPS alone. Default: the proxy's. */
        readonly hstsSeconds?: number | undefined;
    };
}

/** What brings requests to a web service. */
export interface ExposureArgs {
    /** Whether it has an Ingress. */
    readonly ingress: boolean;
    /** The Gateway that its routes attach to. Default: it has no routes. */
    readonly gateway?: GatewayTarget | undefined;
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
    /** Default: an Ingress alone. */
    readonly exposure?: ExposureArgs | undefined;
    /** Paths below which the service sends events, which have to arrive one by one and may take any time. Default: none. */
    readonly streamPaths?: readonly string[];
}

/** A Deployment behind a Service, and an Ingress or routes. Source: docs/specification.md, "gateway-api". */
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
                        ...(config.service.type === "LoadBalancer"
                            ? [fromClients(config.containerPort, config.service.sourceRanges)]
                            : []),
                    ],
                },
            },
            opts,
        );
        this.service = this.createService(name, args);
        const { ingress, gateway } = args.exposure ?? { ingress: true };
        if (config.ingress.enabled && ingress) this.createIngress(name, args);
        if (config.ingress.enabled && gateway !== undefined) this.createRoutes(name, args, gateway);
        this.registerOutputs({ serviceName: this.service.metadata.name });
    }

    /** Depends on the Deployment and has its timeout: the provider waits until all pods behind a Service are ready. */
    private createService(name: string, { config, ports = [] }: WebServiceArgs): kubernetes.core.v1.Service {
        const { annotations, type, port, sourceRanges = [] } = config.service;
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
                    ...(sourceRanges.length > 0 && {
                        loadBalancerSourceRanges: [...sourceRanges],
                        // The address of the client stays what it is, so that the network policy can tell it.
                        externalTrafficPolicy: "Local",
                    }),
                    ports: [{ name: "http", port, targetPort: "http", protocol: "TCP" }, ...further],
                    selector: { ...selectorLabels(this.platform, this.component) },
                },
            },
            { parent: this, dependsOn: this.deployment, customTimeouts: rolloutTimeouts(config) },
        );
    }

    private createIngress(name: string, { config, streamPaths = [] }: WebServiceArgs): void {
        const { ingress, service } = config;
        const { controller = "nginx" } = ingress;
        const { classByAnnotation, headersFrom } = controllerOf(controller);
        const headers = headersFrom !== undefined && ingress.hstsSeconds !== undefined;
        const className = ingress.className ?? controller;
        const own = {
            ...annotationsOf(controller, { ...ingress, streams: streamPaths.length > 0 }),
            ...(classByAnnotation && { "kubernetes.io/ingress.class": className }),
            ...(headers && { [headersFrom]: this.createHeaders(name, hstsHeaders(ingress.hstsSeconds)) }),
        };
        const backend = { name: this.fullname, port: service.port };
        new kubernetes.networking.v1.Ingress(
            `${name}-ingress`,
            {
                metadata: this.metadata({ annotations: ingressAnnotations(ingress, own) }),
                spec: ingressSpec(ingress, backend, classByAnnotation ? undefined : className),
            },
            { parent: this, dependsOn: this.service },
        );
    }

    /** Headers of the answers, for a controller that reads them from a ConfigMap: its namespace and name. */
    private createHeaders(name: string, data: Readonly<Record<string, string>>): pulumi.Output<string> {
        const { metadata } = new kubernetes.core.v1.ConfigMap(
            `${name}-headers`,
            { metadata: this.metadata({ name: `${this.fullname}-headers` }), data: { ...data } },
            { parent: this },
        );
        return pulumi.interpolate`${metadata.namespace}/${metadata.name}`;
    }

    private createRoutes(name: string, { config, streamPaths = [] }: WebServiceArgs, gateway: GatewayTarget): void {
        const { hosts, timeoutSeconds, hstsSeconds } = config.ingress;
        const headers = hstsSeconds === undefined ? {} : hstsHeaders(hstsSeconds);
        const backend = { name: this.fullname, port: config.service.port };
        const route = (suffix: string, spec: object): void => {
            new kubernetes.apiextensions.CustomResource(
                `${name}-route-${suffix}`,
                {
                    apiVersion,
                    kind: "HTTPRoute",
                    metadata: this.metadata({ name: `${this.fullname}-${suffix}` }),
                    spec,
                },
                { parent: this, dependsOn: this.service },
            );
        };
        for (const host of hosts)
            route(host.host, routeSpec(gateway, host, backend, { streamPaths, timeoutSeconds, headers }));
        const { httpSectionName } = gateway;
        if (httpSectionName !== undefined) route("redirect", redirectSpec(gateway, httpSectionName, hosts));
    }
}
