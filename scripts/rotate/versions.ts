/** The versions of generated credentials that a stack file asks for. */
import { parse } from "yaml";

export interface Versions {
    readonly jwt: {
        readonly version: number;
        /** Whether tokens of the next one are accepted already. */
        readonly next: boolean;
    };
    /** Of the roles' passwords in the database. */
    readonly database: number;
    /** Why there are no such passwords, where the stack file says so. */
    readonly withoutRoles?: string;
}

/** @param stackFile its content; a value that is no version is refused by the preview of the deployment */
export function versionsOf(stackFile: string, project: string): Versions {
    const file = parse(stackFile) as { readonly config?: Readonly<Record<string, unknown>> | null } | null;
    const config = file?.config ?? {};
    const value = (key: string): unknown => config[`${project}:${key}`] ?? config[key];
    const database = objectOf(value("database")) as
        { readonly roles?: { readonly enabled?: unknown; readonly passwordVersion?: unknown } } | undefined;
    const withoutRoles =
        value("databaseUrl") !== undefined
            ? "databaseUrl names a database outside the cluster: make a second login there, and set databaseUrl to it"
            : String(database?.roles?.enabled) === "false"
              ? "database.roles.enabled is false: services log in as the superuser (docs/secrets.md)"
              : undefined;
    return {
        jwt: { version: Number(value("jwtSecretVersion") ?? 1), next: String(value("jwtSecretNext")) === "true" },
        database: Number(database?.roles?.passwordVersion ?? 1),
        ...(withoutRoles !== undefined && { withoutRoles }),
    };
}

/** `pulumi config set` without `--path` writes an object as JSON text. */
function objectOf(value: unknown): unknown {
    if (typeof value !== "string") return value;
    try {
        return JSON.parse(value);
    } catch {
        return undefined; // The preview of the deployment refuses it.
    }
}
