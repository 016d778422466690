/** Metadata of objects that belong to the stack as a whole. */
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
