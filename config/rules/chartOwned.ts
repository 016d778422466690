/** Values of the chart that belong to the program. */
import { backupChecksum, passwordAnnotation } from "../chartValues.ts";
import { inTurn, keyPath, remove, set } from "../errors/commands.ts";
import type { ConfigError } from "../errors/index.ts";
import { secretOwners } from "../secrets.ts";
import { serviceKeys } from "../services/index.ts";
import type { Path } from "../tree.ts";
import { type JsonObject, valueAt } from "../values.ts";

/** A value that would replace what the program relies on. */
interface Owned {
    readonly path: readonly string[];
    /** What to do instead, or why not. */
    readonly hint: string;
    /** The key that takes a number in its place. */
    readonly instead?: string;
    /** Whether a given value is one that the program cannot work with. Default: every value. */
    readonly when?: (value: unknown) => boolean;
}

const redisHint = "set redis.auth.enabled beside chart instead";
const databaseHint = "set database, or the secret databaseUrl, beside chart instead";
const connections = { hint: "set database.maxConnections beside chart instead", instead: "database.maxConnections" };
const nameHint = "the services look for it under the release's name";
const portHint = "the services and their network policies use its default port";

/**
 * Values by which the chart would deploy what the program deploys, or move or lock what the services look for; those of
 * PostgreSQL and Redis below `global` win over the others in the published chart.
 */
const owned: readonly Owned[] = [
    ...[...serviceKeys, ...Object.keys(secretOwners)].map((key) => ({
        path: [key],
        hint: `set ${key} beside chart instead`,
    })),
    { path: ["postgresql", "enabled"], hint: databaseHint },
    { path: ["postgresql", "auth"], hint: databaseHint },
    { path: ["global", "postgresql"], hint: databaseHint },
    { path: ["postgresql", "primary", "maxConnections"], ...connections },
    { path: ["postgresql", "primary", "settings", "max_connections"], ...connections },
    {
        path: ["postgresql", "primary", "extendedConfiguration"],
        hint: "its max_connections is database.maxConnections beside chart",
        when: (lines) => /^\s*max_connections\b/im.test(String(lines)),
    },
    { path: ["postgresql", "tls"], hint: "set database.tls beside chart instead" },
    { path: ["postgresql", "backup"], hint: "set backup beside chart instead" },
    {
        path: ["postgresql", "primary", "podAnnotations", backupChecksum],
        hint: "it restarts PostgreSQL for another place",
    },
    { path: ["postgresql", "architecture"], hint: nameHint, when: (value) => value !== "standalone" },
    { path: ["redis", "enabled"], hint: "set the secret redisUrl beside chart instead" },
    { path: ["redis", "auth"], hint: redisHint },
    { path: ["global", "redis"], hint: redisHint },
    { path: ["redis", "sentinel", "enabled"], hint: nameHint, when: (value) => value !== false },
    { path: ["redis", "master", "podAnnotations", passwordAnnotation], hint: "it restarts Redis for a new password" },
    ...["postgresql", "redis"].flatMap((service) => [
        { path: [service, "nameOverride"], hint: nameHint },
        { path: [service, "fullnameOverride"], hint: nameHint },
        { path: [service, "containerPorts"], hint: portHint },
        { path: [service, service === "redis" ? "master" : "primary", "containerPorts"], hint: portHint },
        { path: [service, service === "redis" ? "master" : "primary", "service", "ports"], hint: portHint },
    ]),
];

/** An error at a place among the values. */
export interface Located extends ConfigError {
    readonly path: Path;
}

/** An error under `chart.values`. */
export function located(path: Path, problem: string, fix: (key: string) => string): Located {
    const key = keyPath(["chart", "values", ...path]);
    return { path, key, problem, fix: fix(key) };
}

/** Errors for the program's values among those of a stack. */
export function ownedErrors(values: JsonObject): readonly Located[] {
    return owned.flatMap(({ path, hint, instead, when = () => true }) => {
        const value = valueAt(values, path);
        if (value === undefined || value === null || !when(value)) return [];
        const fix = (key: string): string =>
            instead !== undefined && typeof value === "number" ? inTurn(remove(key), set(instead, value)) : remove(key);
        return [located(path, `belongs to the program: ${hint}`, fix)];
    });
}
