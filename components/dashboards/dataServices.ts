/** PostgreSQL and Redis: their pods and volumes, and what their exporters say. */
import { type AlertContext, named, podsOf, selector } from "../alerts/alert.ts";
import { type Dashboard, type Panel, window } from "./dashboard.ts";
import { usagePanels } from "./usage.ts";

export function dataServicesDashboard(context: AlertContext): Dashboard {
    const { exporters } = context.watched;
    return {
        name: "data-services",
        title: "TradeStream data services",
        rows: [
            { title: "PostgreSQL", panels: exporters.includes("postgres-exporter") ? databasePanels(context) : [] },
            { title: "Redis", panels: exporters.includes("redis-exporter") ? redisPanels(context) : [] },
            { title: "Pods and volumes", panels: podPanels(context) },
        ],
    };
}

/** Each pod of an exporter has all values: the greatest counts. */
function ofExporter(context: AlertContext, component: string) {
    const of = selector(context, podsOf(context, component));
    return {
        value: (metric: string): string => `max(sum by (pod) (${metric}${of}))`,
        rate: (metric: string): string => `max(sum by (pod) (rate(${metric}${of}[${window}])))`,
        share: (part: string, rest: string): string => {
            const both = `sum by (pod) (rate(${part}${of}[${window}]))`;
            return `max(${both} / (${both} + sum by (pod) (rate(${rest}${of}[${window}]))))`;
        },
    };
}

function databasePanels(context: AlertContext): readonly Panel[] {
    const { value, rate, share } = ofExporter(context, "postgres-exporter");
    return [
        {
            title: "Connections",
            queries: [
                { expression: value("pg_stat_database_numbackends"), legend: "open" },
                { expression: value("pg_settings_max_connections"), legend: "max_connections" },
            ],
        },
        {
            title: "Transactions",
            unit: "ops",
            queries: [
                { expression: rate("pg_stat_database_xact_commit"), legend: "committed" },
                { expression: rate("pg_stat_database_xact_rollback"), legend: "rolled back" },
            ],
        },
        {
            title: "Reads from memory",
            description:
                "Blocks that were in shared_buffers. Below 99 % for long: more memory, or an index is missing.",
            unit: "percentunit",
            queries: [{ expression: share("pg_stat_database_blks_hit", "pg_stat_database_blks_read") }],
        },
        { title: "Size", unit: "bytes", queries: [{ expression: value("pg_database_size_bytes") }] },
        { title: "Deadlocks", unit: "ops", queries: [{ expression: rate("pg_stat_database_deadlocks") }] },
    ];
}

function redisPanels(context: AlertContext): readonly Panel[] {
    const { value, rate, share } = ofExporter(context, "redis-exporter");
    return [
        {
            title: "Memory",
            unit: "bytes",
            queries: [
                { expression: value("redis_memory_used_bytes"), legend: "used" },
                { expression: value("redis_memory_max_bytes"), legend: "maxmemory" },
            ],
        },
        { title: "Commands", unit: "ops", queries: [{ expression: rate("redis_commands_processed_total") }] },
        {
            title: "Keys that were found",
            unit: "percentunit",
            queries: [{ expression: share("redis_keyspace_hits_total", "redis_keyspace_misses_total") }],
        },
        { title: "Clients", queries: [{ expression: value("redis_connected_clients") }] },
        { title: "Evicted keys", unit: "ops", queries: [{ expression: rate("redis_evicted_keys_total") }] },
    ];
}

function podPanels(context: AlertContext): readonly Panel[] {
    const { statefulSets } = context.watched;
    if (statefulSets.length === 0) return [];
    const names = statefulSets.map((name) => `${context.release.releaseName}-${name}`).join("|");
    const claims = selector(context, `persistentvolumeclaim=~"data-(${names})-.+"`);
    const least = (metric: string): string => `min by (persistentvolumeclaim) (${metric}${claims})`;
    const ready = `kube_statefulset_status_replicas_ready${selector(context, named("statefulset", context, statefulSets))}`;
    return [
        {
            title: "Ready",
            queries: [{ expression: `max by (statefulset) (${ready})`, legend: "{{statefulset}}" }],
        },
        {
            title: "Volumes, used",
            unit: "percentunit",
            queries: [
                {
                    expression: `1 - ${least("kubelet_volume_stats_available_bytes")} / ${least("kubelet_volume_stats_capacity_bytes")}`,
                    legend: "{{persistentvolumeclaim}}",
                },
            ],
        },
        ...usagePanels(context, `pod=~"(${names})-.+"`),
    ];
}
