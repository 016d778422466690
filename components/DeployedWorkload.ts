import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Additions } from "./shared/additions.ts";
import { type AutoscalingConfig, autoscalerSpec } from "./shared/autoscaling.ts";
import { selectorLabels } from "./shared/labels.ts";
import type { NetworkRules } from "./shared/networkPolicy.ts";
import type { Platform } from "./shared/platform.ts";
import { type ContainerPort, type MountedVolume, type PodConfig, podTemplate } from "./shared/pod.ts";
import { containerProbes, type Probes } from "./shared/probe.ts";
import { Workload } from "./Workload.ts";

/** Seconds that a pod may take from its creation until it is ready, when all is well. */
const secondsPerPod = 30;

/** What a stack decides about a Deployment; times in seconds. */
export interface DeploymentConfig extends PodConfig {
    /** Number of pods, where no autoscaler decides. */
    readonly replicaCount: number;
    /** Whether to run no pods. Default: false. */
    readonly paused?: boolean;
    /** Default: none. */
    readonly autoscaling?: AutoscalingConfig & { readonly enabled: boolean };
    readonly networkPolicy: Additions["networkPolicy"] & { readonly enabled: boolean };
    readonly podAnnotations: Readonly<Record<string, string>>;
    readonly preStopSleepSeconds: number;
    readonly terminationGracePeriodSeconds: number;
    readonly progressDeadlineSeconds: number;
}

/** What the pods of a Deployment are. */
export interface DeployedWorkloadArgs {
    readonly platform: Platform;
    /** Name of the workload: in names, in the label `app.kubernetes.io/component`, and of the container. */
    readonly component: string;
    readonly config: DeploymentConfig;
    readonly env: kubernetes.types.input.core.v1.EnvVar[];
    /** Ports that the container listens on. Default: none. */
    readonly ports?: readonly ContainerPort[];
    readonly probes: Probes;
    /** Volumes beside /tmp: ConfigMaps, Secrets, claims, empty directories. Default: none. */
    readonly volumes?: readonly MountedVolume[];
    /** Annotations of the pods that the program relies on. */
    readonly podAnnotations?: Readonly<Record<string, pulumi.Input<string>>>;
    readonly networkRules: NetworkRules;
}

const revisionsKept = 5;

/** A Deployment with its autoscaler, disruption budget, network policy and service account. */
export abstract class DeployedWorkload extends Workload {
    public readonly deployment: kubernetes.apps.v1.Deployment;

    protected constructor(
        type: string,
        name: string,
        args: DeployedWorkloadArgs,
        opts: pulumi.ComponentResourceOptions | undefined,
    ) {
        super(type, name, args, opts);
        if (args.probes.liveness === undefined || args.probes.readiness === undefined) {
            throw new pulumi.ResourceError(`${args.component} needs a liveness and a readiness probe.`, this);
        }
        const policy = this.networkPolicy(name, args.config.networkPolicy.enabled, args.networkRules);
        this.deployment = this.createDeployment(name, args, policy);
        this.createAutoscaler(name, args);
        this.createDisruptionBudget(name, args);
    }

    private createDeployment(
        name: string,
        args: DeployedWorkloadArgs,
        dependsOn: pulumi.Resource[],
    ): kubernetes.apps.v1.Deployment {
        const { config, ports = [] } = args;
        const enabled = config.autoscaling?.enabled === true;
        const paused = config.paused === true;
        return new kubernetes.apps.v1.Deployment(
            `${name}-deployment`,
            {
                metadata: this.metadata(),
                spec: {
                    replicas: leastPods(config),
                    revisionHistoryLimit: revisionsKept,
                    progressDeadlineSeconds: config.progressDeadlineSeconds,
                    strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
                    selector: { matchLabels: { ...selectorLabels(this.platform, this.component) } },
                    template: podTemplate({
                        platform: this.platform,
                        component: this.component,
                        config,
                        serviceAccount: this.serviceAccount(name).metadata.name,
                        annotations: { ...config.podAnnotations, ...args.podAnnotations },
                        ports,
                        volumes: args.volumes ?? [],
                        spread: true,
                        container: {
                            env: args.env,
                            ...containerProbes(args.probes),
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
                customTimeouts: rolloutTimeouts(config),
                // An autoscaler's minimum is the number to start with; from then on the number is the autoscaler's.
                ...(enabled && !paused && { ignoreChanges: ["spec.replicas"] }),
                // In place, it could not be set to 0, being the autoscaler's, and would then stay 0, being ignored.
                ...(enabled && { replacementTrigger: paused, deleteBeforeReplace: true }),
            },
        );
    }

    private createAutoscaler(name: string, { config }: DeployedWorkloadArgs): void {
        if (config.autoscaling?.enabled !== true || config.paused === true) {
            return;
        }
        new kubernetes.autoscaling.v2.HorizontalPodAutoscaler(
            `${name}-autoscaler`,
            { metadata: this.metadata(), spec: autoscalerSpec(config.autoscaling, this.fullname) },
            { parent: this, dependsOn: this.deployment },
        );
    }

    /** Only for more than one pod: with a single one, a budget would either protect nothing or block every drain. */
    private createDisruptionBudget(name: string, { config }: DeployedWorkloadArgs): void {
        if (leastPods(config) < 2) {
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

/** The number of pods to start with, and the fewest that there are from then on. */
function leastPods(config: DeploymentConfig): number {
    if (config.paused === true) return 0;
    return config.autoscaling?.enabled === true ? config.autoscaling.minReplicas : config.replicaCount;
}

/** The provider does not give up before its own timeout, whatever Kubernetes says about the rollout's progress. */
export function rolloutTimeouts(config: DeploymentConfig): pulumi.CustomTimeouts {
    const { autoscaling, replicaCount, progressDeadlineSeconds } = config;
    const pods = autoscaling?.enabled === true ? autoscaling.maxReplicas : replicaCount;
    const timeout = `${progressDeadlineSeconds + pods * secondsPerPod}s`;
    return { create: timeout, update: timeout };
}
