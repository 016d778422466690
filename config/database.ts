/** The chart's PostgreSQL: its image, and the roles in it. */
import { chartDirectory, isEmbedded } from "./chart.ts";
import { knownValues } from "./chartSchema.ts";
import { type ServerTls, stackValues } from "./chartValues.ts";
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

/** The Secret with what connections to the database are verified with; absent where nothing says so. */
export interface DatabaseTlsConfig {
    /** Namespace of the database, for its names. */
    readonly namespace: string;
    /** A Secret that exists. Default: cert-manager makes it. */
    readonly secretName?: string | undefined;
    /** Whether it is for the clients of a database outside the cluster, not for the chart's PostgreSQL too. */
    readonly ofClients: boolean;
    /** Whether the chart's PostgreSQL asks for certificates of the roles. */
    readonly clientCertificates: ServerTls["clientCertificates"];
}

export function databaseTls(settings: Settings, secrets: DatabaseSecrets): DatabaseTlsConfig | undefined {
    const { namespace, database } = settings;
    const { secretName, clientCertificates = "required" } = database.tls;
    const enabled = servesTls(settings, secrets);
    return enabled || secretName !== undefined
        ? { namespace, secretName, ofClients: !enabled, clientCertificates }
        : undefined;
}

/** Whether the chart's PostgreSQL speaks TLS. */
export function servesTls(settings: Settings, secrets: DatabaseSecrets): boolean {
    const { database, environment } = settings;
    return database.tls.enabled ?? (environment !== "local" && isEmbeddedDatabase(settings, secrets));
}

/** Whether services have roles of their own in the chart's PostgreSQL. */
export function hasOwnRoles(settings: Settings, secrets: DatabaseSecrets): boolean {
    const { database, databaseMigration } = settings;
    return database.roles.enabled ?? (databaseMigration.enabled && isEmbeddedDatabase(settings, secrets));
}

type DatabaseSecrets = Pick<PlainSecrets, "databaseUrl">;

/** Whether the database is that of the chart of this repository. */
export function isEmbeddedDatabase({ chart }: Settings, { databaseUrl }: DatabaseSecrets): boolean {
    const directory = chartDirectory(chart);
    return databaseUrl === undefined && directory !== undefined && isEmbedded(directory);
}
