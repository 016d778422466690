import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { MonitoringConfig } from "../config/monitoring.ts";
import type { Watched } from "../config/watched.ts";
import { ruleGroups } from "./alerts/index.ts";
import { definition } from "./presence.ts";
import { objectLabels, selectorLabels } from "./shared/labels.ts";
import { objectMetadata } from "./shared/metadata.ts";
import type { Platform } from "./shared/platform.ts";
import { promDuration } from "./shared/promDuration.ts";

export interface MonitoringArgs {
    readonly platform: Platform;
    /** Name of the namespace, which the rules hold. */
    readonly namespace: string;
    readonly config: MonitoringConfig;
    readonly watched: Watched;
    /** Path of gateway-api's metrics. */
    readonly metricsPath: string;
}

const apiVersion = "monitoring.coreos.com/v1";
const longestScrape = 10;

/** What has to exist before, with the operator. */
export const operatorApi = definition("prometheusrules.monitoring.coreos.com");

/**
 * Alerts, and what tells Prometheus to scrape gateway-api: objects of the Prometheus operator, or a ConfigMap with the rules.
 * Source: https://prometheus-operator.dev/docs/api-reference/api/
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
        if (config.form === "operator") {
            custom("PrometheusRule", "alerts", { groups });
            if (watched.requests) custom("ServiceMonitor", "gateway-api", scraping(args));
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
}

/** The pods behind gateway-api's Service, each by its own address. */
function scraping({ platform, config, metricsPath }: MonitoringArgs): object {
    const { intervalSeconds } = config;
    return {
        selector: { matchLabels: { ...selectorLabels(platform, "gateway-api") } },
        endpoints: [
            {
                port: "http",
                path: metricsPath,
                interval: promDuration(intervalSeconds),
                // It may not be longer than the interval.
                scrapeTimeout: promDuration(Math.min(longestScrape, intervalSeconds)),
            },
        ],
    };
}
