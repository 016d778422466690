/** The chart's PostgreSQL: its image, and the roles in it. */
import { chartDirectory, isEmbedded } from "./chart.ts";
import { knownValues } from "./chartSchema.ts";
import { stackValues } from "./chartValues.ts";
import type { Settings } from "./schema.ts";
import type { PlainSecrets } from "./secrets.ts";
import { valueAt } from "./values.ts";

/** The image of PostgreSQL, as the chart puts it together; none where a chart that is not at hand decides. */
export function databaseImage(chart: Settings["chart"], imageRegistry: string | undefined) {
    const own = imageRegistry === undefined ? {} : { postgresql: { image: { registry: imageRegistry } } };
    const image = valueAt(knownValues(chart, stackValues(own, chart.values)), ["postgresql", "image"]);
    const text = (key: string): string | undefined => {
        const value = valueAt(image, [key]);
        return typeof value === "string" && value !== "" ? value : undefined;
    };
    const [repository, tag] = [text("repository"), text("tag")];
    if (repository === undefined || tag === undefined) return undefined;
    const registry = text("registry") ?? "docker.io";
    return {
        repository: `${registry}/${repository}`,
        tag,
        digest: text("digest"),
        pullPolicy: text("pullPolicy") ?? "IfNotPresent",
    };
}

/** Whether services have roles of their own in the chart's PostgreSQL. */
export function hasOwnRoles(
    { chart, database, databaseMigration }: Settings,
    { databaseUrl }: Pick<PlainSecrets, "databaseUrl">,
): boolean {
    const directory = chartDirectory(chart);
    const isPossible = databaseUrl === undefined && databaseMigration.enabled;
    return database.roles.enabled ?? (isPossible && directory !== undefined && isEmbedded(directory));
}
