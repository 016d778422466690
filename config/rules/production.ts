/** Rules for production. */
import { isEmbeddedDatabase } from "../database.ts";
import { keyPath, remove, set, setSecret } from "../errors/commands.ts";
import { type ServiceKeyOf, webServices } from "../services/index.ts";
import { valueAt } from "../values.ts";
import { invalid, type Rule, valid } from "./rule.ts";

const isRedundant =
    (service: ServiceKeyOf<"web">): Rule =>
    ({ settings }) => {
        const { enabled, autoscaling, replicaCount } = settings[service];
        const [name, pods] = autoscaling.enabled
            ? (["autoscaling.minReplicas", autoscaling.minReplicas] as const)
            : (["replicaCount", replicaCount] as const);
        return settings.environment !== "production" || !enabled || pods >= 2
            ? valid
            : invalid(`${service}.${name}`, `is ${pods}: production needs 2 or more`, set(`${service}.${name}`, 2));
    };

const isClosed: Rule = ({ settings: { environment, networkPolicy } }) =>
    environment === "production" && !networkPolicy.defaultDeny
        ? invalid(
              "networkPolicy.defaultDeny",
              "is false: production must deny traffic that no policy allows",
              set("networkPolicy.defaultDeny", true),
          )
        : valid;

/** In an emptyDir the data would be gone with the pod. */
const dataIsKept: Rule = ({ settings: { environment, chart } }) => {
    const path = ["postgresql", "primary", "persistence", "enabled"];
    const key = keyPath(["chart", "values", ...path]);
    return environment === "production" && valueAt(chart.values, path) === false
        ? invalid(key, "is false: production must keep its data when the pod goes", set(key, true))
        : valid;
};

/** In any other mode somebody between can answer in the database's place. */
const databaseIsEncrypted: Rule = ({ settings, secrets }) => {
    const { database, environment } = settings;
    const { databaseUrl } = secrets;
    if (environment !== "production") return valid;
    if (database.tls.enabled === false && isEmbeddedDatabase(settings, secrets))
        return invalid(
            "database.tls.enabled",
            "is false: production needs TLS to its database",
            remove("database.tls.enabled"),
        );
    if (databaseUrl === undefined) return valid;
    const parameters = new URL(databaseUrl).searchParams;
    // asyncpg below SQLAlchemy calls it ssl. Of two, drivers differ on which counts.
    const modes = [...parameters.getAll("sslmode"), ...parameters.getAll("ssl")];
    return modes.length === 0 || modes.some((mode) => mode !== "verify-full")
        ? invalid(
              "databaseUrl",
              `has ${modes.length === 0 ? "no sslmode" : "a weak sslmode"}: production needs sslmode=verify-full, with the authority in ` +
                  `sslrootcert (database.tls.secretName mounts it as /etc/database-tls/ca.crt)`,
              setSecret("databaseUrl"),
          )
        : valid;
};

const redisIsEncrypted: Rule = ({ settings: { environment }, secrets: { redisUrl } }) =>
    environment === "production" && redisUrl !== undefined && !redisUrl.startsWith("rediss:")
        ? invalid("redisUrl", "is without TLS: production needs rediss://", setSecret("redisUrl"))
        : valid;

export const productionRules: readonly Rule[] = [
    ...webServices.map(isRedundant),
    isClosed,
    dataIsKept,
    databaseIsEncrypted,
    redisIsEncrypted,
];
