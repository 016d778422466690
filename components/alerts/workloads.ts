/** Pods and what runs them, by kube-state-metrics and the kubelet's cAdvisor. */
import { type Alert, type AlertContext, minute, named, podsOf, range, selector } from "./alert.ts";

const nearLimit = 0.9;
const manyRestarts = 3;

export function workloadAlerts(context: AlertContext): readonly Alert[] {
    const { deployments, statefulSets } = context.watched;
    const ofDeployments = named("deployment", context, deployments);
    const ofStatefulSets = named("statefulset", context, statefulSets);
    const most = (label: string, metric: string, matcher: string): string =>
        `max by (${label}) (${metric}${selector(context, matcher)})`;
    const available = most("deployment", "kube_deployment_status_replicas_available", ofDeployments);
    const services: readonly Alert[] = [
        {
            name: "TradeStreamServiceDown",
            severity: "critical",
            expression: `${available} == 0`,
            forSeconds: 2 * minute,
            summary: "{{ $labels.deployment }} has no pod that is ready",
            description: "Nobody answers its requests.",
        },
        {
            name: "TradeStreamReplicasMissing",
            severity: "warning",
            // A rollout that does not end keeps its old pods: as many are available as there should be.
            expression: `${most("deployment", "kube_deployment_status_replicas_unavailable", ofDeployments)} > 0`,
            forSeconds: 15 * minute,
            summary: "{{ $labels.deployment }} lacks pods that it should have",
            description: "{{ $value }} of its pods are not available: a rollout does not end, or nodes have no room.",
        },
    ];
    const ready = most("statefulset", "kube_statefulset_status_replicas_ready", ofStatefulSets);
    const dataServiceDown: Alert = {
        name: "TradeStreamDataServiceDown",
        severity: "critical",
        // Scaled to none, it lacks none.
        expression: `${ready} < ${most("statefulset", "kube_statefulset_replicas", ofStatefulSets)} or ${ready} == 0`,
        forSeconds: 2 * minute,
        summary: "{{ $labels.statefulset }} is not ready",
        description: "The services cannot reach their data.",
    };
    return [
        ...(deployments.length > 0 ? services : []),
        ...(statefulSets.length > 0 ? [dataServiceDown] : []),
        {
            name: "TradeStreamContainerRestarts",
            severity: "warning",
            expression:
                "sum by (pod, container) (increase(kube_pod_container_status_restarts_total" +
                `${selector(context, podsOf(context))}[${range(30 * minute, context)}])) >= ${manyRestarts}`,
            forSeconds: 0,
            summary: "Container {{ $labels.container }} of {{ $labels.pod }} restarts again and again",
            description: "It has restarted {{ $value | humanize }} times in half an hour.",
        },
        {
            name: "TradeStreamPodPending",
            severity: "warning",
            expression: `${most("pod", "kube_pod_status_phase", `${podsOf(context)},phase="Pending"`)} == 1`,
            forSeconds: 15 * minute,
            summary: "Pod {{ $labels.pod }} does not start",
            description: "No node takes it, or its image or a volume is missing.",
        },
    ];
}

export function saturationAlerts(context: AlertContext): readonly Alert[] {
    const autoscaled = context.watched.deployments.filter(({ autoscaled }) => autoscaled);
    const autoscalers = selector(context, named("horizontalpodautoscaler", context, autoscaled));
    const containers = selector(context, podsOf(context), 'container!=""');
    const limit = (resource: string): string =>
        "max by (pod, container) (kube_pod_container_resource_limits" +
        `${selector(context, podsOf(context), `resource="${resource}"`)})`;
    const usage = `rate(container_cpu_usage_seconds_total${containers}[${range(5 * minute, context)}])`;
    const atMaximum: Alert = {
        name: "TradeStreamAutoscalerAtMaximum",
        severity: "warning",
        expression:
            `max by (horizontalpodautoscaler) (kube_horizontalpodautoscaler_status_current_replicas${autoscalers})` +
            ` >= max by (horizontalpodautoscaler) (kube_horizontalpodautoscaler_spec_max_replicas${autoscalers})`,
        forSeconds: 30 * minute,
        summary: "{{ $labels.horizontalpodautoscaler }} has as many pods as its autoscaler allows",
        description: "With more load it gets slower: {{ $value }} pods are the maximum.",
    };
    return [
        {
            name: "TradeStreamCpuNearLimit",
            severity: "warning",
            expression: `sum by (pod, container) (${usage}) / ${limit("cpu")} > ${nearLimit}`,
            forSeconds: 15 * minute,
            summary: "Container {{ $labels.container }} of {{ $labels.pod }} uses nearly all the CPU of its limit",
            description: "It uses {{ $value | humanizePercentage }} of its limit, and is slowed down at 100 %.",
        },
        {
            name: "TradeStreamMemoryNearLimit",
            severity: "warning",
            expression:
                `max by (pod, container) (container_memory_working_set_bytes${containers})` +
                ` / ${limit("memory")} > ${nearLimit}`,
            forSeconds: 10 * minute,
            summary: "Container {{ $labels.container }} of {{ $labels.pod }} uses nearly all the memory of its limit",
            description: "It uses {{ $value | humanizePercentage }} of its limit, and is killed at 100 %.",
        },
        ...(autoscaled.length > 0 ? [atMaximum] : []),
    ];
}
