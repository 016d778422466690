/** The roles that services log in to the chart's PostgreSQL with, instead of its superuser. */
import { createHash, createHmac, pbkdf2Sync } from "node:crypto";
import type { types } from "@pulumi/kubernetes";
import { databaseRoles, type DatabaseUser, loginOf, superuser } from "./databaseLogins.ts";
import { type DatabaseSource, databaseVolumes, type DatabaseTls, verificationVariables } from "./dataServices.ts";
import { environment } from "./shared/environment.ts";
import { objectName, type Platform } from "./shared/platform.ts";
import { type ImageConfig, imageReference, type MountedVolume, type PodConfig } from "./shared/pod.ts";
import { containerSecurityContext } from "./shared/podSecurity.ts";

/** Key of the script in `<releaseName>-database-secrets`. */
export const rolesKey = "roles.sql";

/** The chart's PostgreSQL. */
export interface DatabaseServer {
    /** Its image, which contains psql. */
    readonly image: ImageConfig;
    readonly databaseName: string;
}

const owner = databaseRoles["database-migration"];
const writers = `${databaseRoles["gateway-api"]}, ${databaseRoles["notification-worker"]}`;
const ofTables = "select, insert, update, delete";
const ofSequences = "usage, select";

/**
 * SQL for the superuser that makes the roles and sets their passwords. Everything that the superuser has made in this
 * database becomes the owner's, and the others get their rights on it; they get them on what the owner makes from then on
 * too. Run again, it gives no right back that the owner has taken away. Passwords of the version before stay as they are.
 * @param passwords of the users that have a role
 * @param version of the passwords
 */
export function rolesScript(passwords: Readonly<Partial<Record<DatabaseUser, string>>>, version: number): string {
    const roles = Object.entries(passwords).map(([name, password]) => {
        const user = name as DatabaseUser;
        const role = databaseRoles[user];
        const login = loginOf(user, version);
        return `${created(role)}${login === role ? "" : alternate(role, login)}alter role ${login} login ${unprivileged}
    password '${scramVerifier(password)}';
${user === "postgres-exporter" ? `grant pg_monitor to ${role};\n` : ""}`;
    });
    return `-- An owner changes only between two transactions of others; the Job tries again later.
set lock_timeout = '10s';
${roles.join("")}
do $$
declare
    command text;
begin
    for command in
        with schemas as (
            select oid, nspname from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema'
        ), relations as (
            select c.oid::regclass as name, c.relkind = 'S' as is_sequence,
                -- Of a column: its owner is always that of the table.
                c.relkind = 'S' and exists (select from pg_depend d where d.classid = 'pg_class'::regclass
                    and d.objid = c.oid and d.deptype in ('a', 'i')) as is_of_column
            from pg_class c join schemas on schemas.oid = c.relnamespace
            where c.relowner = current_user::regrole and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
                and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass
                    and d.objid = c.oid and d.deptype = 'e')
        )
        select format('alter database %I owner to ${owner}', current_database())
        union all
        select format('alter schema %1$I owner to ${owner}; grant usage on schema %1$I to ${writers}', n.nspname)
        from pg_namespace n join schemas using (oid) where n.nspowner = current_user::regrole
        union all
        select format('alter table %s owner to ${owner}', name) from relations where not is_of_column
        union all
        select case when is_sequence then format('grant ${ofSequences} on sequence %s to ${writers}', name)
            else format('grant ${ofTables} on %s to ${writers}', name) end from relations
        union all
        select format('alter routine %s owner to ${owner}', p.oid::regprocedure)
        from pg_proc p join schemas on schemas.oid = p.pronamespace
        where p.proowner = current_user::regrole and not exists (select from pg_depend d
            where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype in ('e', 'i'))
        union all
        select format('alter type %s owner to ${owner}', t.oid::regtype)
        from pg_type t join schemas on schemas.oid = t.typnamespace left join pg_class c on c.oid = t.typrelid
        where t.typowner = current_user::regrole and (t.typtype in ('d', 'e', 'r') or c.relkind = 'c')
            and not exists (select from pg_depend d
                where d.classid = 'pg_type'::regclass and d.objid = t.oid and d.deptype = 'e')
    loop
        execute command;
    end loop;
    if to_regnamespace('public') is not null then revoke create on schema public from public; end if;
end $$;
alter default privileges for role ${owner} grant usage on schemas to ${writers};
alter default privileges for role ${owner} grant ${ofTables} on tables to ${writers};
alter default privileges for role ${owner} grant ${ofSequences} on sequences to ${writers};
`;
}

const unprivileged = "nosuperuser nocreatedb nocreaterole noreplication nobypassrls";

function created(role: string): string {
    return `do $$ begin
    if not exists (select from pg_roles where rolname = '${role}') then create role ${role}; end if;
end $$;
`;
}

/** A second login of a role: its sessions begin as the role, so that rights and what they make are the role's. */
function alternate(role: string, login: string): string {
    return `${created(login)}alter role ${role} ${unprivileged};
grant ${role} to ${login};
alter role ${login} set role '${role}';
`;
}

/**
 * What PostgreSQL stores of a password (RFC 5803): the server's log shows statements that fail, and must not show it.
 * The salt follows from the password, which is random itself, so that the same password gives the same text.
 */
export function scramVerifier(password: string): string {
    const iterations = 4096;
    const hmac = (key: Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();
    const salt = createHash("sha256").update(`salt ${password}`).digest().subarray(0, 16);
    const salted = pbkdf2Sync(password, salt, iterations, 32, "sha256");
    const storedKey = createHash("sha256").update(hmac(salted, "Client Key")).digest("base64");
    const serverKey = hmac(salted, "Server Key").toString("base64");
    return `SCRAM-SHA-256$${iterations}:${salt.toString("base64")}$${storedKey}:${serverKey}`;
}

const command = `set -eu
# A server that starts or recovers refuses connections.
timeout 120 sh -c 'until pg_isready --quiet; do sleep 1; done'
printf %s "$ROLES" | psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --single-transaction --file=-
`;

/** What the container below verifies the server with and shows to it: no other container sees the superuser's key. */
export function superuserVolumes(tls: DatabaseTls | undefined): readonly MountedVolume[] {
    return databaseVolumes(tls, superuser, "database-superuser-tls");
}

/** The container that makes the roles before the migration runs. Nothing else in its pod has the superuser's password. */
export function rolesContainer(
    platform: Platform,
    { secretName, tls }: DatabaseSource,
    resources: PodConfig["resources"],
    { image, databaseName }: DatabaseServer,
): types.input.core.v1.Container {
    const server = objectName(platform, "postgresql");
    return {
        name: "database-roles",
        image: imageReference(image),
        imagePullPolicy: image.pullPolicy,
        command: ["/bin/sh", "-c", command],
        env: environment({
            PGHOST: server,
            PGUSER: superuser,
            PGPASSWORD: { secret: server, key: "postgres-password" },
            PGDATABASE: databaseName,
            ...verificationVariables(tls),
            ROLES: { secret: secretName, key: rolesKey },
        }),
        resources: { requests: { ...resources.requests }, limits: { ...resources.limits } },
        securityContext: containerSecurityContext,
        ...(tls && {
            volumeMounts: superuserVolumes(tls).map(({ volume: { name }, mountPath }) => ({
                name,
                mountPath,
                readOnly: true,
            })),
        }),
    };
}
