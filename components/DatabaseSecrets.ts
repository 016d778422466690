import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { managedSecret, type ManagedSecret, type ManagedSecretArgs } from "./managedSecret.ts";
import { authorityFile, type DatabaseSource, type DatabaseTls, dataPorts, urlKey } from "./dataServices.ts";
import { databaseRoles, type DatabaseUser, databaseUsers, rolesKey, rolesScript } from "./databaseRoles.ts";

export interface DatabaseSecretsArgs extends ManagedSecretArgs {
    /** Name of the database in the chart's PostgreSQL. */
    readonly databaseName: string;
    /** Address of a database outside the cluster. Default: the chart's PostgreSQL, with a generated password. */
    readonly databaseUrl?: pulumi.Input<string> | undefined;
    /** Whether each service logs in to the chart's PostgreSQL with a role of its own, not as its superuser. */
    readonly ownRoles: boolean;
    /** What services verify the database with. Default: its address decides. */
    readonly tls?: DatabaseTls | undefined;
    /** Whether the chart's Redis asks for a (generated) password. */
    readonly redisAuth: boolean;
    /** Whether the database's generated password refuses deletion: the data is lost without it. */
    readonly protect: boolean;
}

const passwordLength = 32;

/**
 * `<releaseName>-database-secrets`: the composed addresses of database and cache. The published chart's own Secret has
 * the password only, without the `postgres-url` that the services read.
 */
export class DatabaseSecrets extends pulumi.ComponentResource implements ManagedSecret, DatabaseSource {
    public readonly secretName: pulumi.Output<string>;
    public readonly checksum: pulumi.Output<string> | undefined;
    public readonly ownRoles: boolean;
    public readonly tls: DatabaseTls | undefined;

    /** Password for the chart's PostgreSQL; absent where the database is outside the cluster. */
    public readonly postgresPassword: pulumi.Output<string> | undefined;
    /** Password for the chart's Redis; absent where it asks for none. */
    public readonly redisPassword: pulumi.Output<string> | undefined;

    public constructor(name: string, args: DatabaseSecretsArgs, opts?: pulumi.ComponentResourceOptions) {
        super("tradestream:index:DatabaseSecrets", name, args, opts);
        const { releaseName } = args.platform;
        this.ownRoles = args.ownRoles;
        this.tls = args.tls;
        const password = (suffix: string, protect: boolean): pulumi.Output<string> =>
            new random.RandomPassword(
                `${name}-${suffix}`,
                { length: passwordLength, special: false },
                { parent: this, protect },
            ).result;
        this.postgresPassword = args.databaseUrl === undefined ? password("postgres", args.protect) : undefined;
        this.redisPassword = args.redisAuth ? password("redis", false) : undefined;
        const { postgresql, redis } = dataPorts;
        const verify = args.tls ? `?sslmode=verify-full&sslrootcert=${authorityFile}` : "";
        const server = `${releaseName}-postgresql:${postgresql}`;
        const url = (role: string, secret: string): string =>
            `postgresql://${role}:${encodeURIComponent(secret)}@${server}/${encodeURIComponent(args.databaseName)}${verify}`;
        const secret = managedSecret(this, name, "database-secrets", args, {
            required: {
                "postgres-url": args.databaseUrl ?? this.postgresPassword?.apply((secret) => url("postgres", secret)),
                ...(args.ownRoles && ownRoles((user) => password(user, false), url)),
            },
            optional: {
                "redis-url": this.redisPassword?.apply(
                    (secret) => `redis://:${encodeURIComponent(secret)}@${releaseName}-redis-master:${redis}`,
                ),
            },
        });
        this.secretName = secret.secretName;
        this.checksum = secret.checksum;
        this.registerOutputs({ secretName: this.secretName });
    }
}

/** The addresses of the services that have a role, and the script that makes the roles. */
function ownRoles(
    password: (user: DatabaseUser) => pulumi.Output<string>,
    url: (role: string, password: string) => string,
): Record<string, pulumi.Output<string>> {
    const passwords = databaseUsers.map((user) => [user, password(user)] as const);
    const urls = passwords.map(([user, secret]) => [
        urlKey(user, { ownRoles: true }),
        secret.apply((text) => url(databaseRoles[user], text)),
    ]);
    const script = pulumi.all(passwords.map(([, secret]) => secret)).apply(rolesScript);
    return { ...(Object.fromEntries(urls) as Record<string, pulumi.Output<string>>), [rolesKey]: script };
}
