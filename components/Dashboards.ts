import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../config/index.ts";
import { dataServicesDashboard } from "./dashboards/dataServices.ts";
import { toGrafana } from "./dashboards/grafana.ts";
import { servicesDashboard } from "./dashboards/services.ts";
import { objectLabels } from "./shared/labels.ts";
import { nameHash, objectMetadata } from "./shared/metadata.ts";
import { objectName, type Platform } from "./shared/platform.ts";

export interface DashboardsArgs {
    readonly platform: Platform;
    readonly stack: Pick<StackConfig, "namespace" | "monitoring" | "watched">;
}

/** Dashboards in ConfigMaps, which the sidecar of Grafana finds by their labels. */
export class Dashboards extends pulumi.ComponentResource {
    public constructor(name: string, args: DashboardsArgs, opts?: pulumi.ComponentResourceOptions) {
        // The whole configuration is no input of it: any change of it would be one of this component.
        super("tradestream:index:Dashboards", name, {}, opts);
        const { platform, stack } = args;
        const { namespace, monitoring: config, watched } = stack;
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
