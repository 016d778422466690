/**
 * Labels of objects, pods and selectors.
 * Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/
 */
import type { Release } from "./platform.ts";

export type Labels = Readonly<Record<string, string>>;

/** What selects the pods of one component; never changes in the life of a Deployment. */
export function selectorLabels(platform: Release, component: string): Labels {
    return {
        "app.kubernetes.io/name": platform.system,
        "app.kubernetes.io/instance": platform.releaseName,
        "app.kubernetes.io/component": component,
    };
}

/** A tag as the value of a label, which is shorter and ends with a letter or a digit. */
function versionLabel(tag: string): string {
    const longest = 63;
    return tag.slice(0, longest).replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, "");
}

/** Labels of pods. The version is no part of a selector. */
export function podLabels(platform: Release, component: string, version: string): Labels {
    return {
        ...selectorLabels(platform, component),
        "app.kubernetes.io/part-of": platform.system,
        "app.kubernetes.io/version": versionLabel(version),
    };
}

/** Labels of every other object of a component. */
export function objectLabels(platform: Release, component?: string, version?: string): Labels {
    return {
        "app.kubernetes.io/name": platform.system,
        "app.kubernetes.io/instance": platform.releaseName,
        ...(component !== undefined && { "app.kubernetes.io/component": component }),
        "app.kubernetes.io/part-of": platform.system,
        ...(version !== undefined && { "app.kubernetes.io/version": versionLabel(version) }),
        "app.kubernetes.io/managed-by": "pulumi",
    };
}
