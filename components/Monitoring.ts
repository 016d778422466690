import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { MonitoringConfig } from "../config/monitoring.ts";
import { type ExporterConfig, services } from "../config/services/index.ts";
import type { Watched } from "../config/watched.ts";
import { ruleGroups } from "./alerts/index.ts";
import type { DatabaseSource, External } from "./dataServices.ts";
import { Exporter, metricsPort } from "./Exporter.ts";
import { definition } from "./presence.ts";
import { objectLabels, selectorLabels } from "./shared/labels.ts";
import { objectMetadata } from "./shared/metadata.ts";
import type { Platform } from "./shared/platform.ts";
import { promDuration } from "./shared/promDuration.ts";

export interface MonitoringArgs {
    readonly platform: Platform;
    /** Namespace of what is watched, as PromQL names it. */
    readonly namespace: string;
    readonly config: MonitoringConfig;
    readonly watched: Watched;
    /** Path of gateway-api's metrics. */
    readonly metricsPath: string;
    readonly exporters: Readonly<Record<"postgresExporter" | "redisExporter", ExporterConfig>>;
    /** Namespace of Prometheus. */
    readonly monitoringNamespace: string;
    /** Data services outside the cluster. Default: the chart's. */
    readonly external?: External | undefined;
    /** Secret with the addresses of the data services, for the exporters. */
    readonly database: DatabaseSource;
}

const apiVersion = "monitoring.coreos.com/v1";
const longestScrape = 10;

/** What has to exist before, with the operator. */
export const operatorApi = definition("prometheusrules.monitoring.coreos.com");

/**
 * Alerts, the exporters, and what tells Prometheus to scrape those and gateway-api: objects of the Prometheus operator, or a
 * ConfigMap with the rules. Source: https://prometheus-operator.dev/docs/api-reference/api/
 */
export class Monitoring extends pulumi.ComponentResource {
    public constructor(name: string, args: MonitoringArgs, opts?: pulumi.ComponentResourceOptions) {
        super("tradestream:index:Monitoring", name, args, opts);
        const { platform, namespace, config, watched } = args;
        const groups = ruleGroups({ release: platform, namespace, config, watched });
        const labels = { ...config.labels, ...objectLabels(platform) };
        const metadata = (suffix: string) => ({ ...objectMetadata(platform, suffix), labels });
        const custom = (kind: string, suffix: string, spec: object): void => {
            new kubernetes.apiextensions.CustomResource(
                `${name}-${suffix}`,
                { apiVersion, kind, metadata: metadata(suffix), spec },
                { parent: this },
            );
        };
        this.createExporters(args);
        if (config.form === "operator") {
            custom("PrometheusRule", "alerts", { groups });
            if (watched.requests) custom("ServiceMonitor", "gateway-api", serviceMonitor(args));
            if (watched.exporters.length > 0) custom("PodMonitor", "exporters", podMonitor(args));
        } else {
            const data = { "alerts.yaml": JSON.stringify({ groups }, undefined, 2) };
            new kubernetes.core.v1.ConfigMap(
                `${name}-alerts`,
                { metadata: metadata("alerts"), data },
                { parent: this },
            );
        }
        this.registerOutputs({});
    }

    private createExporters({ platform, config, exporters, ...rest }: MonitoringArgs): void {
        const { database, external, monitoringNamespace } = rest;
        const scrapeAnnotations = config.form !== "operator";
        for (const key of ["postgresExporter", "redisExporter"] as const) {
            if (!exporters[key].enabled) continue;
            const component = services[key].name;
            new Exporter(
                component,
                {
                    ...{ platform, component, config: exporters[key], database, external },
                    ...{ scrapeAnnotations, monitoringNamespace },
                },
                { parent: this },
            );
        }
    }
}

/** The pods behind gateway-api's Service, each by its own address. */
function serviceMonitor({ platform, config, metricsPath }: MonitoringArgs): object {
    return {
        selector: { matchLabels: { ...selectorLabels(platform, "gateway-api") } },
        endpoints: [{ port: "http", path: metricsPath, ...timing(config) }],
    };
}

/** The pods of the exporters, which have no Service. */
function podMonitor({ platform, config, watched }: MonitoringArgs): object {
    const component = "app.kubernetes.io/component";
    const labels = Object.entries(selectorLabels(platform, "")).filter(([key]) => key !== component);
    return {
        selector: {
            matchLabels: Object.fromEntries(labels),
            matchExpressions: [{ key: component, operator: "In", values: [...watched.exporters] }],
        },
        podMetricsEndpoints: [{ port: metricsPort, path: "/metrics", ...timing(config) }],
    };
}

function timing({ intervalSeconds }: MonitoringConfig): object {
    return {
        interval: promDuration(intervalSeconds),
        // It may not be longer than the interval.
        scrapeTimeout: promDuration(Math.min(longestScrape, intervalSeconds)),
    };
}
