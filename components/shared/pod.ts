/** The pod template that all workloads share; what differs is given. */
import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { podLabels, selectorLabels } from "./labels.ts";
import type { Component, Platform } from "./platform.ts";
import { containerSecurityContext, podSecurityContext } from "./podSecurity.ts";

type Container = types.input.core.v1.Container;
type PodTemplateSpec = types.input.core.v1.PodTemplateSpec;

/** Image settings, as in the configuration. */
export interface ImageConfig {
    readonly repository: string;
    readonly tag: string;
    readonly digest?: string | undefined;
    readonly pullPolicy: string;
}

/** What every workload's configuration says of its pods. */
export interface PodConfig {
    readonly image: ImageConfig;
    readonly runAsUser: number;
    readonly resources: {
        readonly requests: Readonly<Record<string, string>>;
        readonly limits: Readonly<Record<string, string>>;
    };
    readonly nodeSelector: Readonly<Record<string, string>>;
    readonly tolerations: readonly object[];
    readonly affinity: object;
}

export interface PodArgs {
    readonly platform: Platform;
    readonly component: Component;
    readonly config: PodConfig;
    readonly serviceAccount: pulumi.Input<string>;
    readonly annotations: Readonly<Record<string, pulumi.Input<string>>>;
    /** What the one container has beside image, resources and security. */
    readonly container: Omit<Container, "name" | "image">;
    /** Port that the container listens on. */
    readonly port?: number;
    /** What the pod has beside the rest. */
    readonly spec?: Partial<types.input.core.v1.PodSpec>;
    /** Whether the pods spread over nodes and zones. Default: false. */
    readonly spread?: boolean;
}

/** `repository:tag`, with the digest behind it when there is one. */
export function imageReference({ repository, tag, digest }: ImageConfig): string {
    return digest === undefined ? `${repository}:${tag}` : `${repository}:${tag}@${digest}`;
}

/** A pod with one container, under the "restricted" standard, that can write to /tmp and nowhere else. */
export function podTemplate(args: PodArgs): PodTemplateSpec {
    const { platform, component, config } = args;
    const { nodeSelector, tolerations, affinity, image } = config;
    return {
        metadata: {
            labels: { ...podLabels(platform, component, image.tag) },
            ...(Object.keys(args.annotations).length > 0 && { annotations: { ...args.annotations } }),
        },
        spec: {
            serviceAccountName: args.serviceAccount,
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            securityContext: podSecurityContext(config.runAsUser, args.port),
            ...(platform.imagePullSecrets.length > 0 && {
                imagePullSecrets: platform.imagePullSecrets.map((name) => ({ name })),
            }),
            containers: [
                {
                    name: component,
                    image: imageReference(image),
                    imagePullPolicy: image.pullPolicy,
                    ...args.container,
                    resources: { requests: { ...config.resources.requests }, limits: { ...config.resources.limits } },
                    securityContext: containerSecurityContext,
                    volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
                },
            ],
            volumes: [{ name: "tmp", emptyDir: { sizeLimit: "64Mi" } }],
            ...(args.spread === true && { topologySpreadConstraints: topologySpread(platform, component) }),
            ...(Object.keys(nodeSelector).length > 0 && { nodeSelector: { ...nodeSelector } }),
            ...(Object.keys(affinity).length > 0 && { affinity }),
            ...(tolerations.length > 0 && { tolerations: [...tolerations] }),
            ...args.spec,
        },
    };
}

/** Spread over zones and nodes as far as there are any; one node alone still takes all pods. */
function topologySpread(platform: Platform, component: Component): types.input.core.v1.TopologySpreadConstraint[] {
    return ["topology.kubernetes.io/zone", "kubernetes.io/hostname"].map((topologyKey) => ({
        maxSkew: 1,
        topologyKey,
        whenUnsatisfiable: "ScheduleAnyway",
        labelSelector: { matchLabels: { ...selectorLabels(platform, component) } },
    }));
}
