/** PostgreSQL and Redis from inside, by their exporters. */
import { type Alert, type AlertContext, minute, podsOf, selector } from "./alert.ts";

const nearlyAll = 0.9;

export function dataServiceAlerts(context: AlertContext): readonly Alert[] {
    const { exporters } = context.watched;
    // Each pod of an exporter has all values.
    const most = (metric: string, component: string): string =>
        `max(${metric}${selector(context, podsOf(context, component))})`;
    const connections = `sum by (pod) (pg_stat_database_numbackends${selector(context, podsOf(context, "postgres-exporter"))})`;
    const ofDatabase: Alert = {
        name: "TradeStreamDatabaseConnections",
        severity: "critical",
        expression: `max(${connections}) / ${most("pg_settings_max_connections", "postgres-exporter")} > ${nearlyAll}`,
        forSeconds: 5 * minute,
        summary: "PostgreSQL has nearly all the connections that it takes",
        description: "{{ $value | humanizePercentage }} of max_connections are open; it refuses further ones.",
    };
    const ofRedis: Alert = {
        name: "TradeStreamRedisMemory",
        severity: "warning",
        // A Redis without maxmemory has 0.
        expression:
            `${most("redis_memory_used_bytes", "redis-exporter")}` +
            ` / (${most("redis_memory_max_bytes", "redis-exporter")} > 0) > ${nearlyAll}`,
        forSeconds: 5 * minute,
        summary: "Redis is nearly full",
        description: "It uses {{ $value | humanizePercentage }} of maxmemory, and then refuses writes or removes data.",
    };
    return [
        ...(exporters.includes("postgres-exporter") ? [ofDatabase] : []),
        ...(exporters.includes("redis-exporter") ? [ofRedis] : []),
    ];
}
