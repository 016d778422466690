/** Environment variables of a container. */
import type { types } from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

type EnvVar = types.input.core.v1.EnvVar;

/** A reference to one key of a Secret. */
export interface SecretKey {
    readonly secret: pulumi.Input<string>;
    readonly key: string;
    /** Whether the pod starts without it. Default: false. */
    readonly optional?: boolean;
}

/** A variable's source: a plain value, or a Secret's key. */
export type Source = pulumi.Input<string> | number | SecretKey;

/** Variables in the order given; a source that is `undefined` is left out. */
export function environment(sources: Readonly<Record<string, Source | undefined>>): EnvVar[] {
    return Object.entries(sources).flatMap(([name, source]): EnvVar[] => {
        if (source === undefined) {
            return [];
        }
        if (typeof source === "number") {
            return [{ name, value: String(source) }];
        }
        if (typeof source === "string" || pulumi.Output.isInstance(source) || source instanceof Promise) {
            return [{ name, value: source }];
        }
        const { secret, key, optional } = source;
        return [{ name, valueFrom: { secretKeyRef: { name: secret, key, ...(optional === true && { optional }) } } }];
    });
}
