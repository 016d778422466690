/** ResourceQuota and LimitRange of a namespace. */
import type { types } from "@pulumi/kubernetes";

/** Amounts by resource; an absent one is not limited. */
interface Amounts {
    readonly cpu?: string | undefined;
    readonly memory?: string | undefined;
}

/** Limits as in the configuration. */
export interface NamespaceLimits {
    /** For all pods together. */
    readonly quota: { readonly requests: Amounts; readonly limits: Amounts; readonly pods?: number | undefined };
    /** For each container. */
    readonly limitRange: { readonly defaultRequest: Amounts; readonly default: Amounts };
}

interface Specs {
    readonly quota?: types.input.core.v1.ResourceQuotaSpec;
    readonly limitRange?: types.input.core.v1.LimitRangeSpec;
}

/** The specs of both objects; none where nothing is limited. */
export function namespaceLimits(limits: NamespaceLimits | undefined): Specs {
    if (limits === undefined) return {};
    const { requests, limits: most, pods } = limits.quota;
    const hard = given({
        "requests.cpu": requests.cpu,
        "requests.memory": requests.memory,
        "limits.cpu": most.cpu,
        "limits.memory": most.memory,
        pods: pods?.toString(),
    });
    const item = Object.fromEntries(
        Object.entries(limits.limitRange)
            .map(([name, amounts]) => [name, given({ ...amounts })] as const)
            .filter(([, amounts]) => Object.keys(amounts).length > 0),
    );
    return {
        ...(Object.keys(hard).length > 0 && { quota: { hard } }),
        ...(Object.keys(item).length > 0 && { limitRange: { limits: [{ type: "Container", ...item }] } }),
    };
}

function given(amounts: Readonly<Record<string, string | undefined>>): Record<string, string> {
    return Object.fromEntries(
        Object.entries(amounts).filter((entry): entry is [string, string] => entry[1] !== undefined),
    );
}
