/** For each alert, metrics with its cause, and the control: metrics that differ in the cause alone. */
import type { AlertName } from "../../../config/monitoring.ts";

/** Series by selector with their values as promtool writes them, such as `0+10x60`. */
export type Series = Readonly<Record<string, string>>;

export interface Case {
    /** Series that both have. Default: none. */
    readonly both?: Series;
    readonly cause: Series;
    readonly control: Series;
    /** Time of both, and when the alert is asked about; as promtool writes durations. */
    readonly interval?: string;
    readonly at: string;
    /** Labels of the alert that tell what is meant, without namespace and severity. Default: none. */
    readonly labels?: Readonly<Record<string, string>>;
}

const own = 'namespace="tradestream"';
const gateway = `${own},pod="tradestream-gateway-api-1"`;
const requests = (code: number, route = "GET /api/status"): string =>
    `gateway_requests_total{${gateway},route="${route}",code="${code}"}`;
const bucket = (le: string): string =>
    `gateway_request_duration_seconds_bucket{${gateway},route="GET /api/status",le="${le}"}`;
const container = `${gateway},container="gateway-api"`;
const deployment = `${own},deployment="tradestream-gateway-api"`;
const statefulSet = `${own},statefulset="tradestream-postgresql"`;
const worker = `${own},cronjob="tradestream-notification-worker"`;
const backup = `${own},cronjob="tradestream-backup-incremental"`;
const claim = `${own},persistentvolumeclaim="data-tradestream-postgresql-0"`;
/** As Prometheus has it where the scrape of cert-manager does not honour labels. */
const certificate = 'namespace="cert-manager",exported_namespace="tradestream",name="gateway-api-tls"';
const autoscaler = `${own},horizontalpodautoscaler="tradestream-gateway-api"`;
const limit = (resource: string): string => `kube_pod_container_resource_limits{${container},resource="${resource}"}`;

const postgresExporter = `${own},pod="tradestream-postgres-exporter-1"`;
const redisExporter = `${own},pod="tradestream-redis-exporter-1"`;

/** Probes, which count for nothing: they would make any ratio small. */
const probes: Series = { [requests(200, "GET /health")]: "0+1000x10000" };
const ofExporters: Series = { [`pg_up{${postgresExporter}}`]: "1x30", [`redis_up{${redisExporter}}`]: "1x30" };
const ofPod = { pod: "tradestream-gateway-api-1" };
const ofContainer = { ...ofPod, container: "gateway-api" };
const ofClaim = { persistentvolumeclaim: "data-tradestream-postgresql-0" };

export const cases: Readonly<Record<AlertName, Case | Readonly<Record<string, Case>>>> = {
    TradeStreamErrorBudgetBurnFast: {
        "within an hour": {
            both: { ...probes, [requests(200)]: "0+1000x100" },
            cause: { [requests(503)]: "0+20x100" },
            control: { [requests(503)]: "0+5x100" },
            at: "70m",
        },
        "that is over": {
            both: { ...probes, [requests(200)]: "0+100x100" },
            cause: { [requests(503)]: "0+9x70" },
            control: { [requests(503)]: "0+9x30 270x40" },
            at: "68m",
        },
    },
    TradeStreamErrorBudgetBurnSlow: {
        both: { ...probes, [requests(200)]: "0+10000x1000" },
        cause: { [requests(503)]: "0+15x1000" },
        control: { [requests(503)]: "0+8x1000" },
        interval: "10m",
        at: "80h",
    },
    TradeStreamRouteErrors: {
        "of one route": {
            both: { [requests(200, "GET /api/work")]: "0+1000x60", [requests(200)]: "0+10x60" },
            cause: { [requests(503)]: "0+1x60" },
            control: { [requests(503)]: "0+1x60", [requests(201)]: "0+20x60" },
            at: "30m",
            labels: { route: "GET /api/status" },
        },
        "of a few requests": {
            cause: { [requests(500)]: "0+2x60" },
            control: { [requests(500)]: "0+1x60" },
            at: "30m",
            labels: { route: "GET /api/status" },
        },
    },
    TradeStreamLatency: {
        both: { [bucket("+Inf")]: "0+100x60", [bucket("1")]: "0+100x60" },
        cause: { [bucket("0.5")]: "0+90x60" },
        control: { [bucket("0.5")]: "0+96x60" },
        at: "30m",
    },
    TradeStreamDatabasePoolExhausted: {
        both: { [`gateway_database_connections_max{${gateway}}`]: "10x30" },
        cause: { [`gateway_database_connections_in_use{${gateway}}`]: "10x30" },
        control: { [`gateway_database_connections_in_use{${gateway}}`]: "10x9 8x20" },
        at: "12m",
        labels: ofPod,
    },
    TradeStreamServiceDown: {
        cause: { [`kube_deployment_status_replicas_available{${deployment}}`]: "2x2 0x10" },
        control: { [`kube_deployment_status_replicas_available{${deployment}}`]: "2x2 1x10" },
        at: "6m",
        labels: { deployment: "tradestream-gateway-api" },
    },
    TradeStreamReplicasMissing: {
        cause: { [`kube_deployment_status_replicas_unavailable{${deployment}}`]: "1x30" },
        control: { [`kube_deployment_status_replicas_unavailable{${deployment}}`]: "1x9 0 1x20" },
        at: "20m",
        labels: { deployment: "tradestream-gateway-api" },
    },
    TradeStreamDataServiceDown: {
        "that is not ready": {
            both: { [`kube_statefulset_replicas{${statefulSet}}`]: "1x10" },
            cause: { [`kube_statefulset_status_replicas_ready{${statefulSet}}`]: "0x10" },
            control: { [`kube_statefulset_status_replicas_ready{${statefulSet}}`]: "0x1 1x9" },
            at: "5m",
            labels: { statefulset: "tradestream-postgresql" },
        },
        "that is scaled to none": {
            cause: {
                [`kube_statefulset_replicas{${statefulSet}}`]: "0x10",
                [`kube_statefulset_status_replicas_ready{${statefulSet}}`]: "0x10",
            },
            control: {
                [`kube_statefulset_replicas{${statefulSet}}`]: "1x10",
                [`kube_statefulset_status_replicas_ready{${statefulSet}}`]: "1x10",
            },
            at: "5m",
            labels: { statefulset: "tradestream-postgresql" },
        },
    },
    TradeStreamContainerRestarts: {
        cause: { [`kube_pod_container_status_restarts_total{${container}}`]: "0x5 1+1x5 6x20" },
        control: { [`kube_pod_container_status_restarts_total{${container}}`]: "0x5 1x25" },
        at: "30m",
        labels: ofContainer,
    },
    TradeStreamPodPending: {
        cause: { [`kube_pod_status_phase{${gateway},phase="Pending"}`]: "1x30" },
        control: { [`kube_pod_status_phase{${gateway},phase="Pending"}`]: "1x10 0x20" },
        at: "20m",
        labels: ofPod,
    },
    TradeStreamCpuNearLimit: {
        both: { [limit("cpu")]: "0.5x60" },
        cause: { [`container_cpu_usage_seconds_total{${container}}`]: "0+28x60" },
        control: { [`container_cpu_usage_seconds_total{${container}}`]: "0+26x60" },
        at: "30m",
        labels: ofContainer,
    },
    TradeStreamMemoryNearLimit: {
        both: { [limit("memory")]: "536870912x30" },
        cause: { [`container_memory_working_set_bytes{${container}}`]: "500000000x30" },
        control: { [`container_memory_working_set_bytes{${container}}`]: "470000000x30" },
        at: "15m",
        labels: ofContainer,
    },
    TradeStreamAutoscalerAtMaximum: {
        both: { [`kube_horizontalpodautoscaler_spec_max_replicas{${autoscaler}}`]: "10x60" },
        cause: { [`kube_horizontalpodautoscaler_status_current_replicas{${autoscaler}}`]: "10x60" },
        control: { [`kube_horizontalpodautoscaler_status_current_replicas{${autoscaler}}`]: "10x20 9 10x30" },
        at: "45m",
        labels: { horizontalpodautoscaler: "tradestream-gateway-api" },
    },
    TradeStreamCronJobFailed: {
        "after others that succeeded": {
            both: { [`kube_cronjob_status_last_schedule_time{${worker}}`]: "0+0x4 300x4 600x10" },
            cause: { [`kube_cronjob_status_last_successful_time{${worker}}`]: "30x20" },
            control: { [`kube_cronjob_status_last_successful_time{${worker}}`]: "30x9 540x2 830x9" },
            at: "16m",
            labels: { cronjob: "tradestream-notification-worker" },
        },
        "as the first one": {
            cause: { [`kube_cronjob_status_last_schedule_time{${worker}}`]: "60x20" },
            control: { [`kube_cronjob_status_last_successful_time{${worker}}`]: "60x20" },
            at: "10m",
            labels: { cronjob: "tradestream-notification-worker" },
        },
    },
    TradeStreamCronJobLate: {
        "with a run that is due": {
            both: { [`kube_cronjob_spec_suspend{${worker}}`]: "0x30" },
            cause: { [`kube_cronjob_next_schedule_time{${worker}}`]: "300x30" },
            control: { [`kube_cronjob_next_schedule_time{${worker}}`]: "300x10 900x10 1500x10" },
            at: "22m",
            labels: { cronjob: "tradestream-notification-worker" },
        },
        // kube-state-metrics then has no time of the next run.
        "that is suspended": {
            cause: { [`kube_cronjob_spec_suspend{${worker}}`]: "1x30" },
            control: { [`kube_cronjob_spec_suspend{${worker}}`]: "0x30" },
            at: "22m",
            labels: { cronjob: "tradestream-notification-worker" },
        },
    },
    TradeStreamJobFailed: {
        cause: {
            [`kube_job_failed{${own},job_name="tradestream-database-migration-0a1b2c3d",condition="true"}`]: "1x5",
        },
        control: { [`kube_job_failed{${own},job_name="tradestream-backup-full-28391020",condition="true"}`]: "1x5" },
        at: "3m",
        labels: { job_name: "tradestream-database-migration-0a1b2c3d" },
    },
    TradeStreamBackupTooOld: {
        "after the last one": {
            cause: { [`kube_cronjob_status_last_successful_time{${backup}}`]: "3600x200" },
            control: { [`kube_cronjob_status_last_successful_time{${backup}}`]: "3600x50 86400x150" },
            interval: "15m",
            at: "30h",
        },
        "of which there was never one": {
            cause: { [`kube_cronjob_created{${backup}}`]: "0x200" },
            control: { [`kube_cronjob_created{${backup}}`]: "36000x200" },
            interval: "15m",
            at: "30h",
        },
    },
    TradeStreamCertificateNotReady: {
        cause: { [`certmanager_certificate_ready_status{${certificate},condition="False"}`]: "1x60" },
        control: { [`certmanager_certificate_ready_status{${certificate},condition="False"}`]: "1x5 0x55" },
        at: "40m",
        labels: { name: "gateway-api-tls" },
    },
    TradeStreamCertificateNotRenewed: {
        cause: { [`certmanager_certificate_renewal_timestamp_seconds{${certificate}}`]: "36000x200" },
        control: { [`certmanager_certificate_renewal_timestamp_seconds{${certificate}}`]: "0x200" },
        interval: "10m",
        at: "17h",
        labels: { name: "gateway-api-tls" },
    },
    TradeStreamCertificateExpiring: {
        cause: { [`certmanager_certificate_expiration_timestamp_seconds{${certificate}}`]: "86400x100" },
        control: { [`certmanager_certificate_expiration_timestamp_seconds{${certificate}}`]: "90000x100" },
        at: "30m",
        labels: { name: "gateway-api-tls" },
    },
    TradeStreamVolumeFilling: {
        both: { [`kubelet_volume_stats_capacity_bytes{${claim}}`]: "1000x200" },
        cause: { [`kubelet_volume_stats_available_bytes{${claim}}`]: "490-1x200" },
        control: { [`kubelet_volume_stats_available_bytes{${claim}}`]: "490x200" },
        interval: "10m",
        at: "10h",
        labels: ofClaim,
    },
    TradeStreamVolumeFull: {
        both: { [`kubelet_volume_stats_capacity_bytes{${claim}}`]: "1000x20" },
        cause: { [`kubelet_volume_stats_available_bytes{${claim}}`]: "90x20" },
        control: { [`kubelet_volume_stats_available_bytes{${claim}}`]: "110x20" },
        at: "10m",
        labels: ofClaim,
    },
    TradeStreamDatabaseConnections: {
        both: {
            [`pg_settings_max_connections{${postgresExporter}}`]: "200x20",
            [`pg_stat_database_numbackends{${postgresExporter},datname="postgres"}`]: "1x20",
            // The other pod says the same: it does not count twice.
            [`pg_stat_database_numbackends{${own},pod="tradestream-postgres-exporter-2",datname="tradestream"}`]:
                "170x20",
        },
        cause: { [`pg_stat_database_numbackends{${postgresExporter},datname="tradestream"}`]: "185x20" },
        control: { [`pg_stat_database_numbackends{${postgresExporter},datname="tradestream"}`]: "175x20" },
        at: "10m",
    },
    TradeStreamRedisMemory: {
        "near its maximum": {
            both: { [`redis_memory_max_bytes{${redisExporter}}`]: "200000000x20" },
            cause: { [`redis_memory_used_bytes{${redisExporter}}`]: "190000000x20" },
            control: { [`redis_memory_used_bytes{${redisExporter}}`]: "170000000x20" },
            at: "10m",
        },
        "of which there is one": {
            both: { [`redis_memory_used_bytes{${redisExporter}}`]: "190000000x20" },
            cause: { [`redis_memory_max_bytes{${redisExporter}}`]: "200000000x20" },
            control: { [`redis_memory_max_bytes{${redisExporter}}`]: "0x20" },
            at: "10m",
        },
    },
    TradeStreamMetricsMissing: {
        "of gateway-api": {
            both: {
                ...ofExporters,
                [`kube_deployment_spec_replicas{${deployment}}`]: "2x30",
                [`container_memory_working_set_bytes{${container}}`]: "1x30",
                [`certmanager_certificate_ready_status{${certificate},condition="True"}`]: "1x30",
            },
            cause: { [`up{${gateway},job="tradestream-gateway-api"}`]: "0x30" },
            control: { [`up{${gateway},job="tradestream-gateway-api"}`]: "1x30" },
            at: "20m",
            labels: { source: "gateway-api" },
        },
        "of cert-manager": {
            both: {
                ...ofExporters,
                [`up{${gateway},job="tradestream-gateway-api"}`]: "1x30",
                [`kube_deployment_spec_replicas{${deployment}}`]: "2x30",
                [`container_memory_working_set_bytes{${container}}`]: "1x30",
            },
            cause: {},
            control: { [`certmanager_certificate_ready_status{${certificate},condition="True"}`]: "1x30" },
            at: "20m",
            labels: { source: "cert-manager" },
        },
        "of a Redis that its exporter does not reach": {
            both: {
                [`up{${gateway},job="tradestream-gateway-api"}`]: "1x30",
                [`kube_deployment_spec_replicas{${deployment}}`]: "2x30",
                [`container_memory_working_set_bytes{${container}}`]: "1x30",
                [`certmanager_certificate_ready_status{${certificate},condition="True"}`]: "1x30",
                [`pg_up{${postgresExporter}}`]: "1x30",
            },
            cause: { [`redis_up{${redisExporter}}`]: "0x30" },
            control: { [`redis_up{${redisExporter}}`]: "1x30" },
            at: "20m",
            labels: { source: "redis-exporter" },
        },
    },
};
