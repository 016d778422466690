/** The pod template that all workloads share; what differs is given. */
import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { type Additions, addedContainers, addedVariables, addedVolumes } from "./additions.ts";
import { podLabels, selectorLabels } from "./labels.ts";
import type { Platform } from "./platform.ts";
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
export interface PodConfig extends Additions {
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

/** A port that the container listens on. */
export interface ContainerPort {
    readonly name: string;
    readonly containerPort: number;
    /** Default: TCP. */
    readonly protocol?: "TCP" | "UDP" | "SCTP";
}

/** A volume of the pod and its place in the container. */
export interface MountedVolume {
    /** The volume and its source: a ConfigMap, a Secret, a claim, an empty directory. */
    readonly volume: types.input.core.v1.Volume & { readonly name: string };
    readonly mountPath: string;
    /** Default: true, as for ConfigMaps and Secrets. */
    readonly readOnly?: boolean;
}

export interface PodArgs {
    readonly platform: Platform;
    readonly component: string;
    readonly config: PodConfig;
    readonly serviceAccount: pulumi.Input<string>;
    readonly annotations: Readonly<Record<string, pulumi.Input<string>>>;
    /** What the one container has beside image, resources and security. */
    readonly container: Omit<Container, "name" | "image" | "ports" | "volumeMounts" | "env"> & {
        readonly env: types.input.core.v1.EnvVar[];
    };
    /** Ports that the container listens on. Default: none. */
    readonly ports?: readonly ContainerPort[];
    /** Containers that end before it starts, after those of the configuration. Default: none. */
    readonly initContainers?: readonly Container[];
    /** Volumes beside /tmp. Default: none. */
    readonly volumes?: readonly MountedVolume[];
    /** Volumes that only those containers mount. Default: none. */
    readonly initVolumes?: readonly MountedVolume[];
    /** What the pod has beside the rest. */
    readonly spec?: Partial<types.input.core.v1.PodSpec>;
    /** Whether the pods spread over nodes and zones. Default: false. */
    readonly spread?: boolean;
}

/** `repository:tag`, with the digest behind it when there is one. */
export function imageReference({ repository, tag, digest }: ImageConfig): string {
    return digest === undefined ? `${repository}:${tag}` : `${repository}:${tag}@${digest}`;
}

/** A pod with one container, under the "restricted" standard, that can write to /tmp and to the volumes it is given. */
export function podTemplate(args: PodArgs): PodTemplateSpec {
    const { platform, component, config, ports = [] } = args;
    const { podDefaults } = platform;
    const volumes = [...(args.volumes ?? []), ...(podDefaults?.volumes ?? []), ...addedVolumes(config)];
    const annotations = { ...podDefaults?.annotations, ...args.annotations };
    const { nodeSelector, tolerations, affinity, image } = config;
    const initContainers = [...addedContainers(config), ...(args.initContainers ?? [])];
    const priorityClassName = config.priorityClassName ?? podDefaults?.priorityClassName;
    return {
        metadata: {
            labels: { ...config.podLabels, ...podLabels(platform, component, image.tag) },
            ...(Object.keys(annotations).length > 0 && { annotations }),
        },
        spec: {
            serviceAccountName: args.serviceAccount,
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            securityContext: podSecurityContext(
                config.runAsUser,
                ports.map(({ containerPort }) => containerPort),
            ),
            ...(platform.imagePullSecrets.length > 0 && {
                imagePullSecrets: platform.imagePullSecrets.map((name) => ({ name })),
            }),
            ...(priorityClassName !== undefined && { priorityClassName }),
            ...(initContainers.length > 0 && { initContainers }),
            containers: [
                {
                    name: component,
                    image: imageReference(image),
                    imagePullPolicy: image.pullPolicy,
                    ...(ports.length > 0 && {
                        ports: ports.map(({ name, containerPort, protocol = "TCP" }) => ({
                            name,
                            containerPort,
                            protocol,
                        })),
                    }),
                    ...args.container,
                    env: withDefaults(args.container.env, podDefaults?.variables ?? {}),
                    ...addedVariables(config),
                    resources: { requests: { ...config.resources.requests }, limits: { ...config.resources.limits } },
                    securityContext: containerSecurityContext,
                    volumeMounts: [
                        { name: "tmp", mountPath: "/tmp" },
                        ...volumes.map(({ volume: { name }, mountPath, readOnly = true }) => ({
                            name,
                            mountPath,
                            readOnly,
                        })),
                    ],
                },
            ],
            volumes: [
                { name: "tmp", emptyDir: { sizeLimit: "64Mi" } },
                ...[...(args.initVolumes ?? []), ...volumes].map(({ volume }) => volume),
            ],
            ...(args.spread === true && { topologySpreadConstraints: topologySpread(platform, component) }),
            ...(Object.keys(nodeSelector).length > 0 && { nodeSelector: { ...nodeSelector } }),
            ...(Object.keys(affinity).length > 0 && { affinity }),
            ...(tolerations.length > 0 && { tolerations: [...tolerations] }),
            ...args.spec,
        },
    };
}

/** Variables, and in front of them the defaults that they do not replace. */
function withDefaults(
    own: types.input.core.v1.EnvVar[],
    defaults: Readonly<Record<string, string>>,
): types.input.core.v1.EnvVar[] {
    const taken = new Set(own.map(({ name }) => name));
    return [...Object.entries(defaults).flatMap(([name, value]) => (taken.has(name) ? [] : [{ name, value }])), ...own];
}

/** Spread over zones and nodes as far as there are any; one node alone still takes all pods, unless zones are strict. */
function topologySpread(platform: Platform, component: string): types.input.core.v1.TopologySpreadConstraint[] {
    return ["topology.kubernetes.io/zone", "kubernetes.io/hostname"].map((topologyKey, index) => ({
        maxSkew: 1,
        topologyKey,
        whenUnsatisfiable: "ScheduleAnyway",
        labelSelector: { matchLabels: { ...selectorLabels(platform, component) } },
        ...(index === 0 && platform.podDefaults?.strictZones === true && strict),
    }));
}

/** Counts the pods of one rollout alone, and no zone whose nodes are tainted: a pod would wait for ever for such a one. */
const strict = {
    whenUnsatisfiable: "DoNotSchedule",
    nodeTaintsPolicy: "Honor",
    matchLabelKeys: ["pod-template-hash"],
};
