/** What every component knows of the system that it belongs to, and of the place that it is deployed to. */
import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { MountedVolume } from "./pod.ts";

/** What names and labels begin with. */
export interface Release {
    /** Name of the system, in the labels `app.kubernetes.io/name` and `app.kubernetes.io/part-of`. */
    readonly system: string;
    /** Name of this installation, which every object's name begins with; also that of its Helm release. */
    readonly releaseName: string;
}

/** Where all objects of a stack go. */
export interface Platform extends Release {
    /** Namespace of all objects. */
    readonly namespace: pulumi.Input<string>;
    /** Secrets for private image registries. */
    readonly imagePullSecrets: readonly pulumi.Input<string>[];
    /** What all pods have beside what is their own. Default: nothing. */
    readonly podDefaults?: PodDefaults;
}

/** What a stack gives to all of its pods. */
export interface PodDefaults {
    /** Variables of the main container; its own of the same name win. */
    readonly variables: Readonly<Record<string, string>>;
    readonly volumes: readonly MountedVolume[];
    readonly annotations: Readonly<Record<string, pulumi.Input<string>>>;
    /** Connections that all pods may open. */
    readonly egress: readonly types.input.networking.v1.NetworkPolicyEgressRule[];
    /** Default: none. */
    readonly priorityClassName?: pulumi.Input<string> | undefined;
    /** Whether a pod waits rather than makes its zone more crowded than another one. Default: false. */
    readonly strictZones?: boolean;
}

/** `<releaseName>-<suffix>`. */
export function objectName(platform: Release, suffix: string): string {
    return `${platform.releaseName}-${suffix}`;
}
