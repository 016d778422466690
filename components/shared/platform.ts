/** What every component knows of the place that it is deployed to. */
import type * as pulumi from "@pulumi/pulumi";

/** What names and labels are made from. */
export interface Release {
    /** Name of the Helm release; also the full name that every object's name begins with. */
    readonly releaseName: string;
}

/** Where all objects of a stack go. */
export interface Platform extends Release {
    /** Namespace of all objects. */
    readonly namespace: pulumi.Input<string>;
    /** Secrets for private image registries. */
    readonly imagePullSecrets: readonly string[];
}

/** The parts of TradeStream that the program deploys, as in `app.kubernetes.io/component`. */
export type Component = "gateway-api" | "agent-dashboard" | "notification-worker" | "database-migration";

/** `<fullname>-<suffix>`: the spec's names. */
export function objectName(platform: Release, suffix: string): string {
    return `${platform.releaseName}-${suffix}`;
}
