import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { DatabaseMigrationConfig } from "../config/services/index.ts";
import { type DatabaseSource, databaseUrl, databaseVolumes, type External, toData } from "./dataServices.ts";
import { clientOf } from "./databaseLogins.ts";
import { type DatabaseServer, rolesContainer, superuserVolumes } from "./databaseRoles.ts";
import { environment } from "./shared/environment.ts";
import { toDns } from "./shared/networkPolicy.ts";
import { nameHash } from "./shared/metadata.ts";
import type { Platform } from "./shared/platform.ts";
import { podTemplate } from "./shared/pod.ts";
import { checksumAnnotations, Workload } from "./Workload.ts";

export interface DatabaseMigrationArgs {
    readonly platform: Platform;
    readonly config: DatabaseMigrationConfig;
    /** Secret with the addresses, and with the roles where there are any. */
    readonly databaseSecrets: DatabaseSource;
    /** The chart's PostgreSQL, to make the roles of the services there before. Default: they have none. */
    readonly roles?: DatabaseServer | undefined;
    /** A database outside the cluster. Default: the chart's PostgreSQL. */
    readonly external?: External | undefined;
    /** Whether the pod has a network policy. */
    readonly networkPolicy: boolean;
}

/**
 * The Job that brings the database's schema up to date. A Helm hook would wait for pods that wait for the schema
 * (helm#2095). What depends on this component starts when the Job has succeeded.
 */
export class DatabaseMigration extends Workload {
    public readonly job: kubernetes.batch.v1.Job;

    public constructor(name: string, args: DatabaseMigrationArgs, opts?: pulumi.ComponentResourceOptions) {
        super("tradestream:index:DatabaseMigration", name, { ...args, component: "database-migration" }, opts);
        const { config, databaseSecrets, platform } = args;
        const policy = this.networkPolicy(name, args.networkPolicy, {
            egress: [toData(platform, "postgresql", args.external), toDns],
        });
        const account = this.serviceAccount(name);
        this.job = new kubernetes.batch.v1.Job(
            `${name}-job`,
            {
                // A Job cannot be changed: another migration is another Job. A failed one is replaced by the next `up`.
                metadata: this.metadata({
                    name: `${this.fullname}-${nameHash(config)}`,
                    annotations: { "pulumi.com/replaceUnready": "true" },
                }),
                spec: {
                    backoffLimit: config.backoffLimit,
                    activeDeadlineSeconds: config.activeDeadlineSeconds,
                    template: podTemplate({
                        platform,
                        component: "database-migration",
                        config,
                        serviceAccount: account.metadata.name,
                        annotations: checksumAnnotations({ "database-secrets": databaseSecrets }),
                        container: {
                            env: environment({
                                DATABASE_URL: databaseUrl("database-migration", databaseSecrets),
                                ...config.env,
                            }),
                        },
                        ...(args.roles && {
                            initContainers: [rolesContainer(platform, databaseSecrets, config.resources, args.roles)],
                            initVolumes: superuserVolumes(databaseSecrets.tls),
                        }),
                        volumes: databaseVolumes(databaseSecrets.tls, clientOf("database-migration", databaseSecrets)),
                        spec: { restartPolicy: "Never" },
                    }),
                },
            },
            // Going back brings the old name again: the old Job must not wait for its deletion beside a failed one.
            { parent: this, dependsOn: policy, deleteBeforeReplace: true },
        );
        this.registerOutputs({ jobName: this.job.metadata.name });
    }
}
