/** What services log in to the database with: names of roles, and keys of the Secret with their addresses. */
import type { StackConfig } from "../config/index.ts";

/** The role of each service that has one. The first owns the schema, the last reads statistics; the others read and write rows. */
export const databaseRoles = {
    "database-migration": "database_migration",
    "gateway-api": "gateway_api",
    "notification-worker": "notification_worker",
    "postgres-exporter": "postgres_exporter",
} as const;

/** Makes the roles and the backups. */
export const superuser = "postgres";

export type DatabaseUser = keyof typeof databaseRoles;
/** All that there may be. */
export const databaseUsers = Object.keys(databaseRoles) as readonly DatabaseUser[];

/** How services are known to the database. */
export interface Logins {
    /** Whether each service has an address of its own in the Secret. Default: they share one. */
    readonly ownRoles?: boolean;
    /** Version of the roles' passwords. Default: 1. */
    readonly passwordVersion?: number;
    /** Whether the exporter is one of the services. Default: false. */
    readonly exporter?: boolean;
}

export function loginsOf({ ownRoles, database, postgresExporter }: StackConfig): Required<Logins> {
    return { ownRoles, passwordVersion: database.roles.passwordVersion, exporter: postgresExporter.enabled };
}

/** The services that have a role. */
export function usersOf({ exporter }: Logins): readonly DatabaseUser[] {
    return databaseUsers.filter((user) => user !== "postgres-exporter" || exporter === true);
}

/** The name that a service logs in with. Whichever it is, its sessions act as the service's role. */
export function loginOf(user: DatabaseUser, passwordVersion: number): string {
    const role = databaseRoles[user];
    return isAlternate(passwordVersion) ? `${role}_alternate` : role;
}

/** The same where services may have no role of their own. */
export function clientOf(user: DatabaseUser, { ownRoles, passwordVersion = 1 }: Logins): string {
    return ownRoles === true ? loginOf(user, passwordVersion) : superuser;
}

/** All names that pods log in with, those of the release before included. */
export function clientsOf(logins: Logins): readonly string[] {
    const { ownRoles, passwordVersion = 1 } = logins;
    const versions = passwordVersion > 1 ? [passwordVersion, passwordVersion - 1] : [passwordVersion];
    const roles = versions.flatMap((version) => usersOf(logins).map((user) => loginOf(user, version)));
    return [superuser, ...(ownRoles === true ? roles : [])];
}

/**
 * Key of a service's address in the Secret. What pods of the release before read stays there during an update: the key of
 * the specification, and that of the passwords' version before.
 */
export function urlKey(user: DatabaseUser, { ownRoles, passwordVersion = 1 }: Logins): string {
    const key = ownRoles === true && user !== "gateway-api" ? `${user}-postgres-url` : "postgres-url";
    return isAlternate(passwordVersion) ? `${key}-alternate` : key;
}

/** Passwords of even versions belong to a second login of each role, so that those of two versions are valid at once. */
function isAlternate(passwordVersion: number): boolean {
    return passwordVersion % 2 === 0;
}
