import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { BackupConfig } from "../config/backup.ts";
import { superuser } from "./databaseLogins.ts";
import { databaseVolumes, type DatabaseTls, dataPorts, toData, verificationVariables } from "./dataServices.ts";
import {
    backupName,
    type BackupObjects,
    backupScript,
    repositoryVolumes,
    restoreTestScript,
    scratchDirectory,
    toRepository,
} from "./pgbackrest.ts";
import { environment, type Source } from "./shared/environment.ts";
import { podLabels } from "./shared/labels.ts";
import { nameHash } from "./shared/metadata.ts";
import { toDns } from "./shared/networkPolicy.ts";
import { objectName, type Platform } from "./shared/platform.ts";
import { type ImageConfig, type MountedVolume, podTemplate } from "./shared/pod.ts";
import { Workload } from "./Workload.ts";

export interface DatabaseBackupArgs {
    readonly platform: Platform;
    readonly config: BackupConfig;
    /** The image of PostgreSQL, which contains pgBackRest. */
    readonly image: ImageConfig;
    readonly repository: BackupObjects;
    /** What the pods verify the server with. Default: nothing. */
    readonly tls?: DatabaseTls | undefined;
    /** Whether the pods have a network policy. */
    readonly networkPolicy: boolean;
}

type JobSpec = kubernetes.types.input.batch.v1.JobSpec;

/** That of the chart's PostgreSQL: a restore test makes its files anew. */
const runAsUser = 10001;
const furtherTries = 2;

/**
 * Scheduled backups of the chart's PostgreSQL and a scheduled restore test, as CronJobs. A Job checks at deployment that
 * the repository can be written and that the log arrives there, and makes the first backup.
 */
export class DatabaseBackup extends Workload {
    private readonly args: DatabaseBackupArgs;

    public constructor(name: string, args: DatabaseBackupArgs, opts?: pulumi.ComponentResourceOptions) {
        const { platform, config, image } = args;
        super(
            "tradestream:index:DatabaseBackup",
            name,
            { ...args, component: "backup", config: { ...config, image } },
            opts,
        );
        this.args = args;
        const policy = this.networkPolicy(name, args.networkPolicy, {
            egress: [toData(platform, "postgresql"), toDns, ...toRepository(config)],
        });
        const serviceAccount = this.serviceAccount(name).metadata.name;
        const opened = { parent: this, dependsOn: policy };
        const { full, incremental, restoreTest } = config.schedule;
        this.cronJob(name, "full", full, this.backup(serviceAccount, "full"), opened);
        this.cronJob(name, "incremental", incremental, this.backup(serviceAccount, "incr"), opened);
        this.cronJob(name, "restore-test", restoreTest, this.restoreTest(serviceAccount), opened);
        new kubernetes.batch.v1.Job(
            `${name}-first`,
            {
                metadata: this.metadata({
                    // A Job cannot be changed: another place of the backups is another Job.
                    name: `${this.fullname}-${nameHash([config, image])}`,
                    annotations: { "pulumi.com/replaceUnready": "true" },
                }),
                // An incremental backup without a full one before it is a full one.
                spec: this.backup(serviceAccount, "incr"),
            },
            opened,
        );
        this.registerOutputs({});
    }

    private backup(serviceAccount: pulumi.Input<string>, type: "full" | "incr"): JobSpec {
        const { platform, tls } = this.args;
        const secret = objectName(platform, "postgresql");
        const variables = {
            PGHOST: objectName(platform, "postgresql"),
            PGPORT: dataPorts.postgresql,
            PGPASSWORD: { secret, key: "postgres-password" },
            ...verificationVariables(tls),
        };
        return this.job(serviceAccount, backupScript(type), variables, databaseVolumes(tls, superuser));
    }

    private restoreTest(serviceAccount: pulumi.Input<string>): JobSpec {
        const { platform, config, repository } = this.args;
        const resources = { requests: { storage: config.scratchSize } };
        const scratch = {
            name: "scratch",
            ephemeral: { volumeClaimTemplate: { spec: { accessModes: ["ReadWriteOnce"], resources } } },
        };
        return this.job(serviceAccount, restoreTestScript, { PGBACKREST_STANZA: platform.releaseName }, [
            ...repositoryVolumes(repository, config),
            { volume: scratch, mountPath: scratchDirectory, readOnly: false },
        ]);
    }

    private job(
        serviceAccount: pulumi.Input<string>,
        script: string,
        variables: Readonly<Record<string, Source>>,
        volumes: readonly MountedVolume[] = [],
    ): JobSpec {
        const { platform, config, image, repository } = this.args;
        return {
            backoffLimit: furtherTries,
            activeDeadlineSeconds: config.activeDeadlineSeconds,
            template: podTemplate({
                platform,
                component: this.component,
                config: { ...config, image, runAsUser },
                serviceAccount,
                annotations: { "checksum/backup": repository.checksum },
                container: {
                    command: ["/bin/sh", "-c", script],
                    env: environment({ PGUSER: superuser, PGDATABASE: "postgres", ...variables }),
                },
                volumes,
                spec: { restartPolicy: "Never" },
            }),
        };
    }

    private cronJob(
        name: string,
        kind: Parameters<typeof backupName>[1],
        schedule: string,
        spec: JobSpec,
        opts: pulumi.ComponentResourceOptions,
    ): void {
        const { platform, config, image } = this.args;
        new kubernetes.batch.v1.CronJob(
            `${name}-${kind}`,
            {
                metadata: this.metadata({ name: backupName(platform, kind) }),
                spec: {
                    schedule,
                    timeZone: config.timeZone,
                    concurrencyPolicy: "Forbid",
                    startingDeadlineSeconds: 3600,
                    successfulJobsHistoryLimit: 3,
                    failedJobsHistoryLimit: 3,
                    jobTemplate: {
                        metadata: { labels: { ...podLabels(platform, this.component, image.tag) } },
                        spec,
                    },
                },
            },
            opts,
        );
    }
}
