/** Rules for production. */
import { isEmbeddedDatabase } from "../database.ts";
import { keyPath, remove, set, setSecret } from "../errors/commands.ts";
import { type ServiceKeyOf, webServices } from "../services/index.ts";
import { isObject, valueAt } from "../values.ts";
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

/** What keeps data that nobody can make again; a cache is none. */
const stores = ["postgresql", "influxdb", "kafka", "minio"];

/** In an emptyDir the data would be gone with the pod. */
const dataIsKept: Rule = ({ settings: { environment, chart } }) =>
    (environment === "production" ? stores : []).flatMap((store) =>
        lossesIn(valueAt(chart.values, [store]), [store]).flatMap((path) => {
            const key = keyPath(["chart", "values", ...path]);
            return path.at(-1) === "enabled"
                ? invalid(key, "is false: production must keep its data when the pod goes", set(key, true))
                : invalid(key, "is Delete: production must keep its volumes", set(key, "Retain"));
        }),
    );

/** Where values of a store give up its volumes. What is off has none; replicas copy what another one keeps. */
function lossesIn(value: unknown, path: readonly string[]): readonly (readonly string[])[] {
    if (!isObject(value) || path.at(-1) === "readReplicas" || value["replicaCount"] === 0) return [];
    if (value["enabled"] === false && path.at(-1) !== "persistence") return [];
    return Object.entries(value).flatMap(([name, child]) => {
        const place = [...path, name];
        const isLoss =
            (path.at(-1) === "persistence" && name === "enabled" && child === false) ||
            (path.at(-1) === "persistentVolumeClaimRetentionPolicy" && child === "Delete");
        return isLoss ? [place] : lossesIn(child, place);
    });
}

/** In any other mode somebody between can answer in the database's place. */
const databaseIsEncrypted: Rule = ({ settings, secrets }) => {
    const { database, environment } = settings;
    if (environment !== "production") return valid;
    if (database.tls.enabled === false && isEmbeddedDatabase(settings, secrets))
        return invalid(
            "database.tls.enabled",
            "is false: production needs TLS to its database",
            remove("database.tls.enabled"),
        );
    const urls = Object.entries(secrets.databaseUrls).map(
        ([service, url]) => [`databaseUrls.${service}`, url] as const,
    );
    return [["databaseUrl", secrets.databaseUrl] as const, ...urls].flatMap(([key, url]) => {
        if (url === undefined) return valid;
        const parameters = new URL(url).searchParams;
        // asyncpg below SQLAlchemy calls it ssl. Of two, drivers differ on which counts.
        const modes = [...parameters.getAll("sslmode"), ...parameters.getAll("ssl")];
        return modes.length === 0 || modes.some((mode) => mode !== "verify-full")
            ? invalid(
                  key,
                  `has ${modes.length === 0 ? "no sslmode" : "a weak sslmode"}: production needs sslmode=verify-full, with the authority in ` +
                      `sslrootcert (database.tls.secretName mounts it as /etc/database-tls/ca.crt)`,
                  setSecret(key),
              )
            : valid;
    });
};

/** Parameters by which clients take any certificate: of redis-py, go-redis and others. */
const unverified =
    /^(ssl_cert_reqs=(cert_)?none|ssl_check_hostname=(false|0|no)|(skip_?verify|insecure\w*)=(true|1))$/i;

const redisIsEncrypted: Rule = ({ settings: { environment }, secrets: { redisUrl } }) => {
    if (environment !== "production" || redisUrl === undefined) return valid;
    if (!redisUrl.startsWith("rediss:"))
        return invalid("redisUrl", "is without TLS: production needs rediss://", setSecret("redisUrl"));
    const parameters = [...new URL(redisUrl).searchParams].map((pair) => pair.join("="));
    return parameters.some((parameter) => unverified.test(parameter))
        ? invalid("redisUrl", "takes any certificate: production verifies that of its Redis", setSecret("redisUrl"))
        : valid;
};

export const productionRules: readonly Rule[] = [
    ...webServices.map(isRedundant),
    isClosed,
    dataIsKept,
    databaseIsEncrypted,
    redisIsEncrypted,
];
