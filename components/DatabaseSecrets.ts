import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { secretNames } from "../config/secretNames.ts";
import { managedSecret, type ManagedSecret, type ManagedSecretArgs } from "./managedSecret.ts";
import { type DatabaseSource, type DatabaseTls, dataPorts, verification } from "./dataServices.ts";
import { type DatabaseUser, type Logins, loginOf, superuser, urlKey, usersOf } from "./databaseLogins.ts";
import { rolesKey, rolesScript } from "./databaseRoles.ts";
import { keyedChecksum } from "./shared/secretData.ts";

export interface DatabaseSecretsArgs extends ManagedSecretArgs {
    /** Name of the database in the chart's PostgreSQL. */
    readonly databaseName: string;
    /** Address of a database outside the cluster. Default: the chart's PostgreSQL, with a generated password. */
    readonly databaseUrl?: pulumi.Input<string> | undefined;
    /** The same with another login, by service. Default: all have that of `databaseUrl`. */
    readonly databaseUrls?: Readonly<Partial<Record<DatabaseUser, pulumi.Input<string>>>> | undefined;
    /** Whether each service logs in to the chart's PostgreSQL with a role of its own, not as its superuser. */
    readonly ownRoles: boolean;
    /** Version of the roles' passwords; raised, others are generated, and those of the version before stay. */
    readonly passwordVersion: number;
    /** Whether the exporter is one of these services. */
    readonly exporter: boolean;
    /** What services verify the database with. Default: its address decides. */
    readonly tls?: DatabaseTls | undefined;
    /** Address of a Redis outside the cluster. */
    readonly redisUrl?: pulumi.Input<string> | undefined;
    /** Whether the chart's Redis asks for a password. */
    readonly redisAuth: boolean;
    /** Password of the chart's PostgreSQL. Default: 32 generated letters and digits, the same from then on. */
    readonly postgresPassword?: pulumi.Input<string> | undefined;
    /** Password of the chart's Redis. Default: as above. */
    readonly redisPassword?: pulumi.Input<string> | undefined;
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
    public readonly passwordVersion: number;
    public readonly hasRedisUrl: boolean;
    public readonly tls: DatabaseTls | undefined;

    /** Password for the chart's PostgreSQL; absent where the database is outside the cluster. */
    public readonly postgresPassword: pulumi.Output<string> | undefined;
    /** Password for the chart's Redis; absent where it asks for none. */
    public readonly redisPassword: pulumi.Output<string> | undefined;
    /** Keyed checksum of it, which other passwords do not change. */
    public readonly redisChecksum: pulumi.Output<string> | undefined;

    public constructor(name: string, args: DatabaseSecretsArgs, opts?: pulumi.ComponentResourceOptions) {
        super("tradestream:index:DatabaseSecrets", name, args, opts);
        const { releaseName } = args.platform;
        const { databaseUrl, databaseUrls = {} } = args;
        const ownUrls = databaseUrl !== undefined && Object.keys(databaseUrls).length > 0;
        this.ownRoles = args.ownRoles || ownUrls;
        this.passwordVersion = args.passwordVersion;
        this.hasRedisUrl = args.redisAuth || args.redisUrl !== undefined;
        this.tls = args.tls;
        const password = (suffix: string, protect: boolean): pulumi.Output<string> =>
            new random.RandomPassword(
                `${name}-${suffix}`,
                { length: passwordLength, special: false },
                { parent: this, protect },
            ).result;
        // Generated in any case, and kept: a release before the given one needs the same again.
        const given = (suffix: string, protect: boolean, value: pulumi.Input<string> | undefined) => {
            const generated = password(suffix, protect);
            return value === undefined ? generated : pulumi.secret(value);
        };
        this.postgresPassword =
            args.databaseUrl === undefined ? given("postgres", args.protect, args.postgresPassword) : undefined;
        this.redisPassword = args.redisAuth ? given("redis", false, args.redisPassword) : undefined;
        this.redisChecksum = this.redisPassword && keyedChecksum(args.checksumKey, { password: this.redisPassword });
        const { postgresql, redis } = dataPorts;
        const parameters = Object.entries(verification(args.tls)).map((pair) => pair.join("="));
        const verify = args.tls ? `?${parameters.join("&")}` : "";
        const server = `${releaseName}-postgresql:${postgresql}`;
        const url = (role: string, secret: string): string =>
            `postgresql://${role}:${encodeURIComponent(secret)}@${server}/${encodeURIComponent(args.databaseName)}${verify}`;
        const secret = managedSecret(this, name, secretNames.database, args, {
            required: {
                "postgres-url": args.databaseUrl ?? this.postgresPassword?.apply((secret) => url(superuser, secret)),
                ...(ownUrls &&
                    Object.fromEntries(
                        usersOf({}).map((user) => [urlKey(user, this), databaseUrls[user] ?? databaseUrl]),
                    )),
                ...(args.ownRoles && this.logins(args, (suffix) => password(suffix, false), url)),
            },
            optional: {
                "redis-url":
                    args.redisUrl ??
                    this.redisPassword?.apply(
                        (secret) => `redis://:${encodeURIComponent(secret)}@${releaseName}-redis-master:${redis}`,
                    ),
            },
        });
        this.secretName = secret.secretName;
        this.checksum = secret.checksum;
        this.registerOutputs({ secretName: this.secretName });
    }

    /** The addresses of the services that have a role, of the version before too, and the script that makes the roles. */
    private logins(
        logins: Logins,
        password: (suffix: string) => pulumi.Output<string>,
        url: (role: string, password: string) => string,
    ): Record<string, pulumi.Output<string>> {
        const passwords = (version: number): [DatabaseUser, pulumi.Output<string>][] =>
            usersOf(logins).map((user) => [user, password(version === 1 ? user : `${user}-v${version}`)]);
        const urls = (
            version: number,
            secrets: [DatabaseUser, pulumi.Output<string>][],
        ): [string, pulumi.Output<string>][] =>
            secrets.map(([user, secret]) => [
                urlKey(user, { ownRoles: true, passwordVersion: version }),
                secret.apply((text) => url(loginOf(user, version), text)),
            ]);
        const version = this.passwordVersion;
        const current = passwords(version);
        return {
            ...Object.fromEntries(urls(version, current)),
            ...(version > 1 && Object.fromEntries(urls(version - 1, passwords(version - 1)))),
            [rolesKey]: pulumi.all(Object.fromEntries(current)).apply((secrets) => rolesScript(secrets, version)),
        };
    }
}
