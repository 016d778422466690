/** All alerts of a stack, in groups: an alert is there where what it watches is. */
import { promDuration } from "../shared/promDuration.ts";
import { type Alert, type AlertContext, minute, named, podsOf, selector } from "./alert.ts";
import { dataServiceAlerts } from "./dataServices.ts";
import { backupAlerts, jobAlerts } from "./jobs.ts";
import { requestAlerts } from "./requests.ts";
import { certificateAlerts, volumeAlerts } from "./storage.ts";
import { saturationAlerts, workloadAlerts } from "./workloads.ts";

/** Where people read what to do. */
const page = "docs/monitoring.md";

const groups: Readonly<Record<string, (context: AlertContext) => readonly Alert[]>> = {
    requests: requestAlerts,
    workloads: workloadAlerts,
    saturation: saturationAlerts,
    jobs: jobAlerts,
    backups: backupAlerts,
    certificates: certificateAlerts,
    volumes: volumeAlerts,
    dataServices: dataServiceAlerts,
    sources: sourceAlerts,
};

/** Groups as in a rule file of Prometheus, and as in the spec of a PrometheusRule. */
export function ruleGroups(context: AlertContext) {
    const { alertLabels, disabledAlerts, runbookUrl = page, speed } = context.config;
    const rule = ({ name, severity, expression, forSeconds, labels, summary, description }: Alert) => ({
        alert: name,
        expr: expression,
        ...(forSeconds > 0 && { for: promDuration(forSeconds / speed) }),
        labels: { ...alertLabels, ...labels, severity, namespace: context.namespace },
        annotations: { summary, description, runbook_url: `${runbookUrl}#${name.toLowerCase()}` },
    });
    return Object.entries(groups).flatMap(([group, alertsOf]) => {
        const alerts = alertsOf(context).filter(({ name }) => !disabledAlerts.includes(name));
        return alerts.length === 0
            ? []
            : [{ name: `${context.namespace}-${context.release.releaseName}-${group}`, rules: alerts.map(rule) }];
    });
}

/** What says that an exporter has metrics of its data service. */
const upMetrics = { "postgres-exporter": "pg_up", "redis-exporter": "redis_up" } as const;

/** Without its metrics, no alert above would ever fire. */
function sourceAlerts(context: AlertContext): readonly Alert[] {
    const { requests, deployments, certificates, exporters } = context.watched;
    const deployed = selector(context, named("deployment", context, deployments));
    const certificate = "certmanager_certificate_ready_status";
    const sources = {
        ...(requests && { "gateway-api": `up${selector(context, podsOf(context, "gateway-api"))} == 1` }),
        ...(deployments.length > 0 && { "kube-state-metrics": `kube_deployment_spec_replicas${deployed}` }),
        kubelet: `container_memory_working_set_bytes${selector(context)}`,
        ...(certificates && {
            "cert-manager": `${certificate}${selector(context)} or ${certificate}{exported_namespace="${context.namespace}"}`,
        }),
        ...Object.fromEntries(
            exporters.map((name) => [name, `${upMetrics[name]}${selector(context, podsOf(context, name))} == 1`]),
        ),
    };
    return Object.entries(sources).map(([source, metric]) => ({
        name: "TradeStreamMetricsMissing",
        severity: "warning",
        expression: `absent(${metric})`,
        forSeconds: 15 * minute,
        labels: { source },
        summary: `Prometheus has no metrics from ${source}`,
        description: "What they would tell is not watched.",
    }));
}
