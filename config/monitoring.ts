/** Metrics and alerts. */
import { z } from "./zod.ts";
import * as format from "./formats.ts";

/** All alerts; components/alerts says what each watches. */
export const alertNames = [
    "TradeStreamErrorBudgetBurnFast",
    "TradeStreamErrorBudgetBurnSlow",
    "TradeStreamRouteErrors",
    "TradeStreamLatency",
    "TradeStreamDatabasePoolExhausted",
    "TradeStreamServiceDown",
    "TradeStreamReplicasMissing",
    "TradeStreamDataServiceDown",
    "TradeStreamContainerRestarts",
    "TradeStreamPodPending",
    "TradeStreamCpuNearLimit",
    "TradeStreamMemoryNearLimit",
    "TradeStreamAutoscalerAtMaximum",
    "TradeStreamCronJobFailed",
    "TradeStreamCronJobLate",
    "TradeStreamJobFailed",
    "TradeStreamBackupTooOld",
    "TradeStreamCertificateNotReady",
    "TradeStreamCertificateNotRenewed",
    "TradeStreamCertificateExpiring",
    "TradeStreamVolumeFilling",
    "TradeStreamVolumeFull",
    "TradeStreamDatabaseConnections",
    "TradeStreamRedisMemory",
    "TradeStreamMetricsMissing",
] as const;

export type AlertName = (typeof alertNames)[number];

const metric = z.string().regex(/^[a-zA-Z_:][\w:]*$/, "must be the name of a metric such as http_requests_total");
const label = z.string().regex(/^[a-zA-Z_]\w*$/, "must be the name of a label in Prometheus: letters, digits, _");
const matcher = /[a-zA-Z_]\w*\s*(=|!=|=~|!~)\s*"([^"\\\n]|\\.)*"/.source;

/** The metrics of gateway-api, under the names that the placeholder service has. */
const metrics = z
    .strictObject({
        requests: metric.default("gateway_requests_total").describe("Counter of the requests answered"),
        duration: metric
            .default("gateway_request_duration_seconds")
            .describe("Histogram of the seconds until an answer began"),
        codeLabel: label.default("code").describe("Label with the status code, such as 503"),
        routeLabel: label.default("route").describe("Label with the route"),
        matchers: z
            .string()
            .regex(
                new RegExp(`^(${matcher}(\\s*,\\s*${matcher})*)?$`),
                'must be matchers of PromQL such as route!="GET /health",method="GET"',
            )
            .default('route!~"GET /(health|ready|metrics)"')
            .describe("Which requests count: those of users, and not those of probes and of Prometheus"),
        connectionsInUse: metric
            .default("gateway_database_connections_in_use")
            .describe("Gauge of the database connections of a pod that work"),
        connectionsMax: metric
            .default("gateway_database_connections_max")
            .describe("Gauge of the most database connections of a pod"),
    })
    .prefault({})
    .describe("Names of gateway-api's metrics, for an image that has other ones");

export const monitoring = z
    .strictObject({
        enabled: z.boolean().default(false).describe("Whether there are alerts"),
        form: z
            .enum(["operator", "configMap"])
            .default("operator")
            .describe(
                "operator: a PrometheusRule and a ServiceMonitor for the Prometheus operator; configMap: a ConfigMap " +
                    "with the same rules, while the annotations of the pods tell Prometheus where to scrape",
            ),
        labels: z
            .record(format.labelKey, format.labelValue)
            .default({})
            .describe("Labels by which Prometheus finds these objects, such as release: kube-prometheus-stack"),
        intervalSeconds: z.int().min(1).max(120).default(30).describe("Time between two scrapes, in seconds"),
        runbookUrl: format.url
            .optional()
            .describe("Address of docs/monitoring.md where those who are called can read it; default: its path"),
        alertLabels: z
            .record(label, z.string())
            .default({})
            .describe("Labels of all alerts beside severity, namespace and those of their series, such as team"),
        alertmanager: z
            .string()
            .regex(
                /^((https:)?[a-z]([-a-z0-9]{0,61}[a-z0-9])?:[-a-z0-9]+)?$/,
                "must be a Service with its port such as alertmanager-operated:9093, https: before it where it speaks TLS",
            )
            .default("alertmanager-operated:9093")
            .describe(
                "Service of Alertmanager in networkPolicy.monitoringNamespace, which `npm run status` asks what fires " +
                    "(the Prometheus operator makes this one); empty: nobody is asked",
            ),
        disabledAlerts: z
            .array(z.enum(alertNames))
            .default([])
            .describe("Alerts that are left out, such as those of metrics that an image lacks"),
        slo: z
            .strictObject({
                availability: format
                    .percentage("90", "99.999")
                    .default("99.9")
                    .describe("Requests of 30 days that must not end in a server error, in percent"),
                latencyMilliseconds: z
                    .int()
                    .min(1)
                    .max(60_000)
                    .default(500)
                    .describe("Time in which 95 % of all answers must begin, in milliseconds"),
            })
            .prefault({})
            .describe("Service level objectives of gateway-api"),
        metrics,
        dashboards: z
            .strictObject({
                enabled: z.boolean().default(false).describe("Whether there are dashboards for Grafana, in ConfigMaps"),
                labels: z
                    .record(format.labelKey, format.labelValue)
                    .default({ grafana_dashboard: "1" })
                    .describe("Labels by which Grafana's sidecar finds them"),
            })
            .prefault({})
            .describe("Dashboards of the services and of the data services"),
        speed: z
            .int()
            .min(1)
            .max(600)
            .default(1)
            .describe("Divides windows and waiting times of all alerts, to try them out; production refuses it"),
    })
    .prefault({})
    .describe("Metrics and alerts, by Prometheus and kube-state-metrics");

export type MonitoringConfig = z.infer<typeof monitoring>;
