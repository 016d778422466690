import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { MonitoringConfig } from "../config/monitoring.ts";
import type { Watched } from "../config/watched.ts";
import { dataServicesDashboard } from "./dashboards/dataServices.ts";
import { toGrafana } from "./dashboards/grafana.ts";
import { servicesDashboard } from "./dashboards/services.ts";
import { objectLabels } from "./shared/labels.ts";
import { nameHash, objectMetadata } from "./shared/metadata.ts";
import { objectName, type Platform } from "./shared/platform.ts";

export interface DashboardsArgs {
    readonly platform: Platform;
    /** Namespace of what is watched, as PromQL names it. */
    readonly namespace: string;
    readonly config: MonitoringConfig;
    readonly watched: Watched;
}

/** Dashboards in ConfigMaps, which the sidecar of Grafana finds by their labels. */
export class Dashboards extends pulumi.ComponentResource {
    public constructor(name: string, args: DashboardsArgs, opts?: pulumi.ComponentResourceOptions) {
        super("tradestream:index:Dashboards", name, args, opts);
        const { platform, namespace, config, watched } = args;
        const labels = { ...config.dashboards.labels, ...objectLabels(platform) };
        const context = { release: platform, namespace, config, watched };
        const all = [servicesDashboard(context), dataServicesDashboard(context)];
        for (const dashboard of all.filter(({ rows }) => rows.some(({ panels }) => panels.length > 0))) {
            const id = `dashboard-${dashboard.name}`;
            // Grafana has the files of all namespaces in one directory.
            const file = `${namespace}-${objectName(platform, dashboard.name)}`;
            new kubernetes.core.v1.ConfigMap(
                `${name}-${dashboard.name}`,
                {
                    metadata: { ...objectMetadata(platform, id), labels },
                    data: { [`${file}.json`]: toGrafana(dashboard, `${dashboard.name}-${nameHash(file)}`, namespace) },
                },
                { parent: this },
            );
        }
        this.registerOutputs({});
    }
}
