/** Rules for production. */
import { keyPath, set, setSecret } from "../errors/commands.ts";
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
const databaseIsEncrypted: Rule = ({ settings: { environment }, secrets: { databaseUrl } }) => {
    const parameters = databaseUrl === undefined ? undefined : new URL(databaseUrl).searchParams;
    // asyncpg below SQLAlchemy calls it ssl.
    const mode = parameters?.get("sslmode") ?? parameters?.get("ssl") ?? null;
    return environment === "production" && databaseUrl !== undefined && mode !== "verify-full"
        ? invalid(
              "databaseUrl",
              `has ${mode === null ? "no sslmode" : "a weak sslmode"}: production needs sslmode=verify-full, with the authority in ` +
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
