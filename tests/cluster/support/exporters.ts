/** Exporters of Debian's packages, which only some suites need. */
import { loadImages } from "../../../local/cluster/index.ts";
import { exporterRecipes } from "../../../local/images/catalogue.ts";
import { buildImages } from "../../../local/images/index.ts";
import { createReport } from "../../../local/report.ts";
import type { Change } from "../../support/configuration.ts";
import { cluster } from "./cluster-name.ts";

/** Gives the cluster the images. */
export async function loadExporters(): Promise<void> {
    const report = createReport();
    const images = (await buildImages(report, { recipes: exporterRecipes })).map(({ archive }) => archive);
    await loadImages(cluster, images, report);
}

/** An exporter of one pod. */
export function exporting(of: "postgres" | "redis"): Change {
    const key = `${of}Exporter`;
    return {
        [`${key}.enabled`]: true,
        [`${key}.replicaCount`]: 1,
        [`${key}.image`]: { repository: `debian.tradestream.local/${of}-exporter`, tag: "12" },
    };
}
