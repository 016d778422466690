/** HorizontalPodAutoscaler over CPU and memory. */
import type { types } from "@pulumi/kubernetes";

interface ScalingConfig {
    readonly stabilizationWindowSeconds: number;
    readonly policies: readonly { readonly type: string; readonly value: number; readonly periodSeconds: number }[];
}

/** An autoscaler as in the configuration; targets in percent of the request. */
export interface AutoscalingConfig {
    readonly minReplicas: number;
    readonly maxReplicas: number;
    readonly targetCPUUtilization: number;
    readonly targetMemoryUtilization: number;
    readonly behavior: { readonly scaleUp: ScalingConfig; readonly scaleDown: ScalingConfig };
}

/** An autoscaler of the Deployment of that name. */
export function autoscalerSpec(
    config: AutoscalingConfig,
    deployment: string,
): types.input.autoscaling.v2.HorizontalPodAutoscalerSpec {
    return {
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: deployment },
        minReplicas: config.minReplicas,
        maxReplicas: config.maxReplicas,
        metrics: [
            utilization("cpu", config.targetCPUUtilization),
            utilization("memory", config.targetMemoryUtilization),
        ],
        behavior: { scaleUp: scaling(config.behavior.scaleUp), scaleDown: scaling(config.behavior.scaleDown) },
    };
}

function utilization(name: string, averageUtilization: number): types.input.autoscaling.v2.MetricSpec {
    return { type: "Resource", resource: { name, target: { type: "Utilization", averageUtilization } } };
}

function scaling({ stabilizationWindowSeconds, policies }: ScalingConfig): types.input.autoscaling.v2.HPAScalingRules {
    return { stabilizationWindowSeconds, policies: policies.map((policy) => ({ ...policy })) };
}
