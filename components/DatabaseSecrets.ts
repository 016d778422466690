import type * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { ManagedSecret, type ManagedSecretArgs } from "./ManagedSecret.ts";
import { dataPorts } from "./shared/networkPolicy.ts";

export interface DatabaseSecretsArgs extends ManagedSecretArgs {
    /** Name of the database in the chart's PostgreSQL. */
    readonly databaseName: string;
    /** Address of a database outside the cluster. Default: the chart's PostgreSQL, with a generated password. */
    readonly databaseUrl?: pulumi.Input<string> | undefined;
    /** Whether the chart's Redis asks for a (generated) password. */
    readonly redisAuth: boolean;
    /** Whether the database's generated password refuses deletion: the data is lost without it. */
    readonly protect: boolean;
}

const passwordLength = 32;

/**
 * `<fullname>-database-secrets`: the composed addresses of database and cache. The published chart's own Secret has
 * the password only and not the `postgres-url` that the spec reads (field notes).
 */
export class DatabaseSecrets extends ManagedSecret {
    /** Password for the chart's PostgreSQL; absent where the database is outside the cluster. */
    public readonly postgresPassword: pulumi.Output<string> | undefined;
    /** Password for the chart's Redis; absent where it asks for none. */
    public readonly redisPassword: pulumi.Output<string> | undefined;

    public constructor(name: string, args: DatabaseSecretsArgs, opts?: pulumi.ComponentResourceOptions) {
        super("tradestream:index:DatabaseSecrets", name, {}, opts);
        const { releaseName } = args.platform;
        const password = (suffix: string, protect: boolean): pulumi.Output<string> =>
            new random.RandomPassword(
                `${name}-${suffix}`,
                { length: passwordLength, special: false },
                { parent: this, protect },
            ).result;
        this.postgresPassword = args.databaseUrl === undefined ? password("postgres", args.protect) : undefined;
        this.redisPassword = args.redisAuth ? password("redis", false) : undefined;
        const { postgresql, redis } = dataPorts;
        this.finish(name, "database-secrets", args, {
            "postgres-url":
                args.databaseUrl ??
                this.postgresPassword?.apply(
                    (secret) =>
                        `postgresql://postgres:${encodeURIComponent(secret)}@${releaseName}-postgresql:${postgresql}/${encodeURIComponent(args.databaseName)}`,
                ),
            "redis-url": this.redisPassword?.apply(
                (secret) => `redis://:${encodeURIComponent(secret)}@${releaseName}-redis-master:${redis}`,
            ),
        });
    }
}
