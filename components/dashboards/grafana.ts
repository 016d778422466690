/** Dashboards as Grafana reads them. */
import { DashboardBuilder, DatasourceVariableBuilder, RowBuilder } from "@grafana/grafana-foundation-sdk/dashboard";
import { DataqueryBuilder } from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder as NumberBuilder } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as GraphBuilder } from "@grafana/grafana-foundation-sdk/timeseries";
import type { Dashboard, Panel } from "./dashboard.ts";

/** Grafana's grid has 24 columns. */
const columns = 24;
const [height, perRow] = [8, 3];

/** Prometheus is chosen on the dashboard. */
const datasource = { type: "prometheus", uid: "${datasource}" };

/**
 * A dashboard in the JSON of Grafana's files.
 * @param uid what its address keeps
 */
export function toGrafana({ title, rows }: Dashboard, uid: string, namespace: string): string {
    const builder = new DashboardBuilder(`${title} (${namespace})`)
        .uid(uid)
        .tags(["tradestream"])
        .time({ from: "now-6h", to: "now" })
        .refresh("1m")
        .withVariable(new DatasourceVariableBuilder("datasource").label("Prometheus").type("prometheus"));
    let id = 1;
    for (const { title: heading, panels } of rows) {
        if (panels.length === 0) continue;
        builder.withRow(new RowBuilder(heading).id(id++));
        for (const panel of panels) builder.withPanel(panelOf(panel).id(id++));
    }
    return JSON.stringify(builder.build(), undefined, 2);
}

function panelOf({ title, description, unit, kind, queries }: Panel): GraphBuilder | NumberBuilder {
    const panel = kind === "number" ? new NumberBuilder() : new GraphBuilder().min(0);
    panel
        .title(title)
        .datasource(datasource)
        .height(height)
        .span(columns / perRow);
    if (description !== undefined) panel.description(description);
    if (unit !== undefined) panel.unit(unit);
    for (const [index, { expression, legend = title }] of queries.entries())
        panel.withTarget(
            new DataqueryBuilder()
                .datasource(datasource)
                .refId(String.fromCharCode("A".charCodeAt(0) + index))
                .expr(expression)
                .legendFormat(legend),
        );
    return panel;
}
