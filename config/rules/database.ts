/** Rules over the database and the cache. */
import { databaseImage, hasOwnRoles, isEmbeddedDatabase, servesTls } from "../database.ts";
import { keyPath, remove, set, setSecret } from "../errors/commands.ts";
import { serviceKeys, services } from "../services/index.ts";
import type { DataService, Service } from "../services/service.ts";
import { invalid, type Rule, valid } from "./rule.ts";

const off = set("database.roles.enabled", false);

const rolesAreMade: Rule = ({ settings: { database, databaseMigration }, secrets: { databaseUrl } }) => {
    if (database.roles.enabled !== true) return valid;
    if (databaseUrl !== undefined)
        return invalid(
            "database.roles.enabled",
            "is true, but the database is outside the cluster (databaseUrl): its roles are its operator's",
            off,
        );
    return databaseMigration.enabled
        ? valid
        : invalid("database.roles.enabled", "is true, but databaseMigration.enabled is false: its Job makes them", off);
};

const versionRotates: Rule = ({ settings, secrets }) => {
    const { passwordVersion } = settings.database.roles;
    return passwordVersion === 1 || hasOwnRoles(settings, secrets)
        ? valid
        : invalid(
              "database.roles.passwordVersion",
              `is ${passwordVersion}, but rotates nothing: no service has a role of its own in the database`,
              remove("database.roles.passwordVersion"),
          );
};

/** The step that makes the roles needs psql. */
const imageIsKnown: Rule = ({ settings: { chart, database, imageRegistry } }) => {
    if (database.roles.enabled !== true || databaseImage(chart, imageRegistry) !== undefined) return valid;
    return ["repository", "tag"].flatMap((name) => {
        const key = keyPath(["chart", "values", "postgresql", "image", name]);
        return invalid(key, "is missing: database.roles needs an image with psql", set(key, `<${name}>`));
    });
};

const noServer = "has no effect: no PostgreSQL of the embedded chart speaks TLS here";

const certificateIsUsed: Rule = ({ settings, secrets }) => {
    const { enabled, secretName } = settings.database.tls;
    if (enabled === true && !isEmbeddedDatabase(settings, secrets))
        return invalid(
            "database.tls.enabled",
            `is true, but ${secrets.databaseUrl === undefined ? "the chart is another one" : "the database is outside the cluster (databaseUrl)"}: ` +
                "only the PostgreSQL of the embedded chart gets a certificate",
            remove("database.tls.enabled"),
        );
    return secretName === undefined || servesTls(settings, secrets) || secrets.databaseUrl !== undefined
        ? valid
        : invalid("database.tls.secretName", noServer, remove("database.tls.secretName"));
};

const passwordIsUsed: Rule = ({ settings: { redis }, secrets: { redisUrl } }) =>
    redis.auth.enabled && redisUrl !== undefined
        ? invalid(
              "redis.auth.enabled",
              "is true, but Redis is outside the cluster (redisUrl): its password is in its address",
              remove("redis.auth.enabled"),
          )
        : valid;

const passwordsAreUsed: Rule = ({ settings: { redis }, secrets: { databaseUrl, postgresPassword, redisPassword } }) => [
    ...(postgresPassword !== undefined && databaseUrl !== undefined
        ? invalid(
              "postgresPassword",
              "is set, but the database is outside the cluster (databaseUrl), so nothing would use it",
              remove("postgresPassword"),
          )
        : valid),
    ...(redisPassword !== undefined && !redis.auth.enabled
        ? invalid(
              "redisPassword",
              "is set, but redis.auth.enabled is false, so nothing would use it",
              remove("redisPassword"),
          )
        : valid),
];

const clientsAreAsked: Rule = ({ settings, secrets }) => {
    const { clientCertificates, secretName } = settings.database.tls;
    const key = "database.tls.clientCertificates";
    if (clientCertificates !== undefined && !servesTls(settings, secrets)) return invalid(key, noServer, remove(key));
    if (clientCertificates === undefined && secretName !== undefined && servesTls(settings, secrets))
        return invalid(
            key,
            "is missing: with database.tls.secretName the Secrets of the roles have to exist as well (docs/secrets.md)",
            set(key, "required"),
        );
    return clientCertificates === "none" && settings.environment === "production"
        ? invalid(key, "is none: in production a stolen password alone must not log in", remove(key))
        : valid;
};

const rangesAreOfServer =
    (key: "databaseUrl" | "redisUrl", ranges: "databaseCidrs" | "redisCidrs"): Rule =>
    ({ settings: { networkPolicy }, secrets }) =>
        secrets[key] !== undefined || networkPolicy[ranges].length === 0
            ? valid
            : invalid(
                  `networkPolicy.${ranges}`,
                  `has no effect: without ${key}, services connect to the chart's own pods`,
                  remove(`networkPolicy.${ranges}`),
              );

/** The pod itself, where a sidecar may pass connections on. */
const loopback = /^(localhost|127(\.\d+){3}|\[::1\]|0\.0\.0\.0)$/i;

/** A login is all in which the address of a service may differ: the rest of the program knows one database. */
const urlsAreOfOneDatabase: Rule = ({ secrets: { databaseUrl, databaseUrls } }) =>
    Object.entries(databaseUrls).flatMap(([service, url]) => {
        const key = `databaseUrls.${service}`;
        if (url === undefined) return valid;
        if (databaseUrl === undefined)
            return invalid(key, "is set, but databaseUrl is not, so nothing would use it", remove(key));
        return placeOf(url) === placeOf(databaseUrl)
            ? valid
            : invalid(key, "leads to another server or database than databaseUrl", setSecret(key));
    });

function placeOf(url: string): string {
    const { hostname, port, pathname } = new URL(url);
    return `${hostname}:${port || "5432"}${pathname}`;
}

const serverIsElsewhere =
    (key: "databaseUrl" | "redisUrl", used: DataService): Rule =>
    ({ settings, secrets: { [key]: url } }) => {
        if (url === undefined || !loopback.test(new URL(url).hostname)) return valid;
        const alone = serviceKeys.filter((service) => {
            const { enabled, sidecars = [] } = settings[service];
            return enabled && sidecars.length === 0 && (services[service] as Service).uses.includes(used);
        });
        return alone.length === 0
            ? valid
            : invalid(key, `leads to the pod itself, where no sidecar answers: ${alone.join(", ")}`, setSecret(key));
    };

export const databaseRules: readonly Rule[] = [
    serverIsElsewhere("databaseUrl", "database"),
    serverIsElsewhere("redisUrl", "redis"),
    urlsAreOfOneDatabase,
    rolesAreMade,
    versionRotates,
    imageIsKnown,
    certificateIsUsed,
    passwordIsUsed,
    passwordsAreUsed,
    clientsAreAsked,
    rangesAreOfServer("databaseUrl", "databaseCidrs"),
    rangesAreOfServer("redisUrl", "redisCidrs"),
];
