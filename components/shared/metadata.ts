/** Metadata of objects that belong to the stack as a whole. */
import { createHash } from "node:crypto";
import type { types } from "@pulumi/kubernetes";
import { objectLabels } from "./labels.ts";
import { objectName, type Platform } from "./platform.ts";

/** Named `<releaseName>-<suffix>`, in the stack's namespace, with the labels of all its objects. */
export function objectMetadata(
    platform: Pick<Platform, "namespace" | "releaseName" | "system">,
    suffix: string,
): types.input.meta.v1.ObjectMeta {
    return {
        name: objectName(platform, suffix),
        namespace: platform.namespace,
        labels: { ...objectLabels(platform) },
    };
}

/** A part of the name of an object that cannot be changed: eight hexadecimal digits that follow from what it is made of. */
export function nameHash(value: unknown): string {
    return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 8);
}
