/** Alerts that would be refused, or mean something else. */
import { alertNames } from "../../../config/monitoring.ts";
import type { Broken } from "./broken.ts";

const exporterKey = "postgresExporter.env.DATA_SOURCE_NAME";
const noLogin = [
    exporterKey,
    "is missing: the program makes no roles in this database. Name the Secret with the address of one that has pg_monitor (docs/monitoring.md)",
    `pulumi config set --path ${exporterKey}.secretKeyRef.name '<secret>' && pulumi config set --path ${exporterKey}.secretKeyRef.key '<key>'`,
] as const;

export const monitoring: readonly Broken[] = [
    {
        title: "an exporter that would have the rights of a service in a managed database",
        change: {
            "monitoring.enabled": true,
            "postgresExporter.enabled": true,
            databaseUrl: "postgresql+asyncpg://app:pw@db.example.com/trade?ssl=verify-full",
        },
        errors: [noLogin],
    },
    {
        title: "an exporter that would be the superuser",
        change: {
            "monitoring.enabled": true,
            "postgresExporter.enabled": true,
            "database.roles.enabled": false,
        },
        errors: [noLogin],
    },
    {
        title: "an exporter that nobody asks, and dashboards without monitoring",
        change: { "redisExporter.enabled": true, "monitoring.dashboards.enabled": true },
        errors: ["redisExporter", "monitoring.dashboards"].map(
            (key) =>
                [
                    `${key}.enabled`,
                    "is true, and has no effect: monitoring.enabled is false",
                    "pulumi config set --path monitoring.enabled true",
                ] as const,
        ),
    },
    {
        title: "an Alertmanager that the proxy of the API server does not find",
        change: { "monitoring.alertmanager": "http://alertmanager.monitoring:9093" },
        errors: [
            [
                "monitoring.alertmanager",
                'must be a Service with its port such as alertmanager-operated:9093, https: before it where it speaks TLS, is "http://alertmanager.monitoring:9093"',
                "pulumi config set --path monitoring.alertmanager '<alertmanager>'",
            ],
        ],
    },
    {
        title: "alerts of other windows in production",
        change: { "monitoring.enabled": true, "monitoring.speed": 60 },
        errors: [
            [
                "monitoring.speed",
                "is 60: production has alerts of their real windows",
                "pulumi config set --path monitoring.speed 1",
            ],
        ],
    },
    {
        title: "an objective that nobody reaches, and one without meaning",
        change: { "monitoring.slo.availability": 100, "monitoring.slo.latencyMilliseconds": 0 },
        errors: [
            [
                "monitoring.slo.availability",
                "must be a percentage from 90 to 99.999, is 100",
                "pulumi config set --path monitoring.slo.availability '<availability>'",
            ],
            [
                "monitoring.slo.latencyMilliseconds",
                "must be 1 or more, is 0",
                "pulumi config set --path monitoring.slo.latencyMilliseconds '<integer>'",
            ],
        ],
    },
    {
        title: "names that Prometheus refuses",
        change: {
            "monitoring.metrics.requests": "http-requests",
            "monitoring.metrics.matchers": "route!=/health",
            "monitoring.metrics.codeLabel": "http.status",
            "monitoring.disabledAlerts": ["TradeStreamLatencies"],
        },
        errors: [
            [
                "monitoring.disabledAlerts[0]",
                `must be one of ${alertNames.join(", ")}, is "TradeStreamLatencies"`,
                `pulumi config set --path 'monitoring.disabledAlerts[0]' '<${alertNames.join("|")}>'`,
            ],
            [
                "monitoring.metrics.requests",
                'must be the name of a metric such as http_requests_total, is "http-requests"',
                "pulumi config set --path monitoring.metrics.requests '<requests>'",
            ],
            [
                "monitoring.metrics.codeLabel",
                'must be the name of a label in Prometheus: letters, digits, _, is "http.status"',
                "pulumi config set --path monitoring.metrics.codeLabel '<codeLabel>'",
            ],
            [
                "monitoring.metrics.matchers",
                'must be matchers of PromQL such as route!="GET /health",method="GET", is "route!=/health"',
                "pulumi config set --path monitoring.metrics.matchers '<matchers>'",
            ],
        ],
    },
];
