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

/** A key of a Secret or a ConfigMap, as in a container's `valueFrom`. */
export interface KeyReference {
    readonly secretKeyRef?: KeySelector | undefined;
    readonly configMapKeyRef?: KeySelector | undefined;
}

interface KeySelector {
    readonly name: string;
    readonly key: string;
    readonly optional?: boolean | undefined;
}

/** A variable's source: a plain value, a Secret's key, or a reference that a stack gives. */
export type Source = pulumi.Input<string> | number | SecretKey | KeyReference;

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
        if (!("secret" in source)) {
            const { secretKeyRef, configMapKeyRef } = source;
            return [
                {
                    name,
                    valueFrom: { ...(secretKeyRef && { secretKeyRef }), ...(configMapKeyRef && { configMapKeyRef }) },
                },
            ];
        }
        const { secret, key, optional } = source;
        return [{ name, valueFrom: { secretKeyRef: { name: secret, key, ...(optional === true && { optional }) } } }];
    });
}
