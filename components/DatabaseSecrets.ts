import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { managedSecret, type ManagedSecret, type ManagedSecretArgs } from "./managedSecret.ts";
import { dataPorts } from "./dataServices.ts";

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
 * `<releaseName>-database-secrets`: the composed addresses of database and cache. The published chart's own Secret has
 * the password only, without the `postgres-url` that the services read.
 */
export class DatabaseSecrets extends pulumi.ComponentResource implements ManagedSecret {
    public readonly secretName: pulumi.Output<string>;
    public readonly checksum: pulumi.Output<string> | undefined;

    /** Password for the chart's PostgreSQL; absent where the database is outside the cluster. */
    public readonly postgresPassword: pulumi.Output<string> | undefined;
    /** Password for the chart's Redis; absent where it asks for none. */
    public readonly redisPassword: pulumi.Output<string> | undefined;

    public constructor(name: string, args: DatabaseSecretsArgs, opts?: pulumi.ComponentResourceOptions) {
        super("tradestream:index:DatabaseSecrets", name, args, opts);
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
        const secret = managedSecret(this, name, "database-secrets", args, {
            required: {
                "postgres-url":
                    args.databaseUrl ??
                    this.postgresPassword?.apply(
                        (secret) =>
                            `postgresql://postgres:${encodeURIComponent(secret)}@${releaseName}-postgresql:${postgresql}/${encodeURIComponent(args.databaseName)}`,
                    ),
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
