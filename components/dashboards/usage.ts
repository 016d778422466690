/** What pods use of their limits, by the kubelet and kube-state-metrics. */
import { type AlertContext, selector } from "../alerts/alert.ts";
import { type Panel, window } from "./dashboard.ts";

/** @param pods a matcher */
export function usagePanels(context: AlertContext, pods: string): readonly Panel[] {
    const containers = selector(context, pods, 'container!=""');
    const limit = (resource: string): string =>
        `max by (pod, container) (kube_pod_container_resource_limits${selector(context, pods, `resource="${resource}"`)})`;
    const legend = "{{pod}} {{container}}";
    return [
        {
            title: "CPU of the limit",
            unit: "percentunit",
            queries: [
                {
                    expression: `sum by (pod, container) (rate(container_cpu_usage_seconds_total${containers}[${window}])) / ${limit("cpu")}`,
                    legend,
                },
            ],
        },
        {
            title: "Memory of the limit",
            unit: "percentunit",
            queries: [
                {
                    expression: `max by (pod, container) (container_memory_working_set_bytes${containers}) / ${limit("memory")}`,
                    legend,
                },
            ],
        },
        {
            title: "Restarts",
            queries: [
                {
                    expression: `sum by (pod, container) (increase(kube_pod_container_status_restarts_total${selector(context, pods)}[${window}]))`,
                    legend,
                },
            ],
        },
    ];
}
