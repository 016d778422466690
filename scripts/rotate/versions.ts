/** What a stack file says of the credentials that can be rotated. */
import { parse } from "yaml";
import { isEmbedded } from "../../config/chart.ts";
import { type ServerKey, serverKeys } from "./servers.ts";

export interface Versions {
    readonly jwt: {
        readonly version: number;
        /** Whether tokens of the next one are accepted already. */
        readonly next: boolean;
    };
    /** Of the roles' passwords in the database. */
    readonly database: number;
    /** The passwords of servers, encrypted; absent where they are generated. */
    readonly given: Readonly<Partial<Record<ServerKey, string>>>;
    /** Why there are no passwords of roles, or of a server, where the stack file says so. */
    readonly without: Readonly<Partial<Record<"roles" | ServerKey, string>>>;
}

type Tree = Readonly<Record<string, unknown>>;

/** @param stackFile its content; a value that is no version is refused by the preview of the deployment */
export function versionsOf(stackFile: string, project: string): Versions {
    const file = parse(stackFile) as { readonly config?: Tree | null } | null;
    const all = file?.config ?? {};
    const config = Object.fromEntries(
        Object.entries(all).map(([key, value]) => [key.replace(`${project}:`, ""), plain(value)]),
    );
    const roles = withoutRoles(config);
    const redis = withoutRedis(config);
    return {
        jwt: { version: Number(config["jwtSecretVersion"] ?? 1), next: String(config["jwtSecretNext"]) === "true" },
        database: Number(at(config, "database", "roles", "passwordVersion") ?? 1),
        given: Object.fromEntries(
            serverKeys.filter((key) => key in config).map((key) => [key, JSON.stringify(config[key])]),
        ),
        without: { ...(roles && { roles, postgresPassword: roles }), ...(redis && { redisPassword: redis }) },
    };
}

/** `pulumi config set` without `--path` writes an object as JSON text. */
function plain(value: unknown): unknown {
    if (typeof value !== "string" || !value.startsWith("{")) return value;
    try {
        return JSON.parse(value);
    } catch {
        return undefined; // The preview of the deployment refuses it.
    }
}

function withoutRoles(config: Tree): string | undefined {
    if (config["databaseUrl"] !== undefined)
        return "databaseUrl names a database outside the cluster: make a second login there, and set databaseUrl to it";
    const enabled =
        at(config, "database", "roles", "enabled") ??
        (hasOwnChart(config) && !isSaid(at(config, "databaseMigration", "enabled"), false));
    return isSaid(enabled, false)
        ? "database.roles.enabled is false: services log in as the superuser (docs/secrets.md)"
        : undefined;
}

function withoutRedis(config: Tree): string | undefined {
    if (config["redisUrl"] !== undefined)
        return "redisUrl names a Redis outside the cluster: make a second login there, and set redisUrl to it";
    if (!isSaid(at(config, "redis", "auth", "enabled"), true))
        return "redis.auth.enabled is not true: Redis asks for no password";
    return hasOwnChart(config) ? undefined : "the chart is another one: its Redis has to restart for a new password";
}

/** Whether it is the chart of this repository. */
function hasOwnChart(config: Tree): boolean {
    const { path, repository, oci } = (config["chart"] ?? {}) as Tree;
    const isOwn = path === undefined || (typeof path === "string" && isEmbedded(path));
    return isOwn && repository === undefined && oci === undefined;
}

/** Values that `pulumi config set` has written may be text. */
function isSaid(value: unknown, truth: boolean): boolean {
    return value === truth || value === String(truth);
}

function at(tree: Tree, ...path: readonly string[]): unknown {
    return path.reduce<unknown>((value, key) => (value as Tree | undefined)?.[key], tree);
}
