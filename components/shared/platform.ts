/** What every component knows of the system that it belongs to, and of the place that it is deployed to. */
import type * as pulumi from "@pulumi/pulumi";

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
}

/** `<releaseName>-<suffix>`. */
export function objectName(platform: Release, suffix: string): string {
    return `${platform.releaseName}-${suffix}`;
}
