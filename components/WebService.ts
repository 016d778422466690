import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { WebServiceConfig } from "../config/services/index.ts";
import { autoscalerSpec } from "./shared/autoscaling.ts";
import { ingressAnnotations, ingressSpec } from "./shared/ingress.ts";
import { selectorLabels } from "./shared/labels.ts";
import { fromAnywhere, type policySpec } from "./shared/networkPolicy.ts";
import type { Component, Platform } from "./shared/platform.ts";
import { podTemplate } from "./shared/pod.ts";
import { httpProbe } from "./shared/probe.ts";
import { Workload } from "./Workload.ts";

/** What a web service has of its own. */
export interface WebServiceArgs {
    readonly platform: Platform;
    readonly config: WebServiceConfig;
    readonly env: kubernetes.types.input.core.v1.EnvVar[];
    /** Annotations of the pods, beside those of the configuration. */
    readonly podAnnotations?: Readonly<Record<string, pulumi.Input<string>>>;
    /** Annotations of the Ingress, below those of the configuration. */
    readonly ingressAnnotations?: Readonly<Record<string, string>>;
    readonly networkRules: Parameters<typeof policySpec>[1];
}

const revisionsKept = 5;

/**
 * A web service: Deployment, Service, Ingress, autoscaler, disruption budget, network policy, service account.
 * Source: the spec, "gateway-api.yaml" and "agent-dashboard.yaml".
 */
export abstract class WebService extends Workload {
    public readonly deployment: kubernetes.apps.v1.Deployment;
    public readonly service: kubernetes.core.v1.Service;

    protected constructor(
        type: string,
        name: string,
        component: Component,
        args: WebServiceArgs,
        opts: pulumi.ComponentResourceOptions | undefined,
    ) {
        super(type, name, component, args, opts);
        const { networkPolicy, service, containerPort } = args.config;
        const policy = this.networkPolicy(name, networkPolicy.enabled, {
            ...args.networkRules,
            ingress: [
                ...(args.networkRules.ingress ?? []),
                ...(service.type === "LoadBalancer" ? [fromAnywhere(containerPort)] : []),
            ],
        });
        this.deployment = this.makeDeployment(name, args, policy);
        this.service = this.makeService(name, args);
        this.makeIngress(name, args);
        this.makeAutoscaler(name, args);
        this.makeDisruptionBudget(name, args);
        this.registerOutputs({ serviceName: this.service.metadata.name });
    }

    private makeDeployment(
        name: string,
        args: WebServiceArgs,
        dependsOn: pulumi.Resource[],
    ): kubernetes.apps.v1.Deployment {
        const { config } = args;
        return new kubernetes.apps.v1.Deployment(
            `${name}-deployment`,
            {
                metadata: this.metadata(),
                spec: {
                    replicas: config.autoscaling.enabled ? config.autoscaling.minReplicas : config.replicaCount,
                    revisionHistoryLimit: revisionsKept,
                    progressDeadlineSeconds: config.progressDeadlineSeconds,
                    strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
                    selector: { matchLabels: { ...selectorLabels(this.platform, this.component) } },
                    template: podTemplate({
                        platform: this.platform,
                        component: this.component,
                        config,
                        serviceAccount: this.serviceAccount(name).metadata.name,
                        annotations: { ...args.podAnnotations, ...config.podAnnotations },
                        port: config.containerPort,
                        spread: true,
                        container: {
                            ports: [{ name: "http", containerPort: config.containerPort, protocol: "TCP" }],
                            env: args.env,
                            livenessProbe: httpProbe(config.livenessProbe),
                            readinessProbe: httpProbe(config.readinessProbe),
                            // Clusters before 1.34 refuse a sleep of no seconds.
                            ...(config.preStopSleepSeconds > 0 && {
                                lifecycle: { preStop: { sleep: { seconds: config.preStopSleepSeconds } } },
                            }),
                        },
                        spec: { terminationGracePeriodSeconds: config.terminationGracePeriodSeconds },
                    }),
                },
            },
            {
                parent: this,
                dependsOn,
                // An autoscaler's minimum is the number to start with; from then on the number is the autoscaler's.
                ...(config.autoscaling.enabled && { ignoreChanges: ["spec.replicas"] }),
            },
        );
    }

    /** After the Deployment: a Service is awaited until it has endpoints, which a failed rollout would never give. */
    private makeService(name: string, { config }: WebServiceArgs): kubernetes.core.v1.Service {
        const { annotations, type, port } = config.service;
        return new kubernetes.core.v1.Service(
            `${name}-service`,
            {
                metadata: this.metadata({
                    ...(Object.keys(annotations).length > 0 && { annotations: { ...annotations } }),
                }),
                spec: {
                    type,
                    ports: [{ name: "http", port, targetPort: "http", protocol: "TCP" }],
                    selector: { ...selectorLabels(this.platform, this.component) },
                },
            },
            { parent: this, dependsOn: this.deployment },
        );
    }

    private makeIngress(name: string, args: WebServiceArgs): void {
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

    private makeAutoscaler(name: string, { config }: WebServiceArgs): void {
        if (!config.autoscaling.enabled) {
            return;
        }
        new kubernetes.autoscaling.v2.HorizontalPodAutoscaler(
            `${name}-autoscaler`,
            { metadata: this.metadata(), spec: autoscalerSpec(config.autoscaling, this.fullname) },
            { parent: this, dependsOn: this.deployment },
        );
    }

    /** Only for more than one pod: with a single one, a budget would either protect nothing or block every drain. */
    private makeDisruptionBudget(name: string, { config }: WebServiceArgs): void {
        const pods = config.autoscaling.enabled ? config.autoscaling.minReplicas : config.replicaCount;
        if (pods < 2) {
            return;
        }
        new kubernetes.policy.v1.PodDisruptionBudget(
            `${name}-disruption-budget`,
            {
                metadata: this.metadata(),
                spec: {
                    maxUnavailable: 1,
                    selector: { matchLabels: { ...selectorLabels(this.platform, this.component) } },
                    unhealthyPodEvictionPolicy: "AlwaysAllow",
                },
            },
            { parent: this },
        );
    }
}
