/** Backups of the chart's PostgreSQL. */
import { z } from "./zod.ts";
import * as format from "./formats.ts";
import * as workload from "./services/workload.ts";

const { nodeSelector, tolerations, affinity } = workload.pods;

const s3 = z
    .strictObject({
        endpoint: format.httpsUrl.describe("Address of the S3 API; https, as pgBackRest has no other form"),
        bucket: z
            .string()
            .regex(
                /^(?!.*\.\.|[\d.]+$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
                "must be a bucket such as tradestream-backups (no address)",
            )
            .describe("Bucket, which exists"),
        region: z
            .string()
            .regex(/^[a-z0-9-]+$/, "must be a region such as eu-central-1")
            .describe("Region of the bucket"),
        uriStyle: z
            .enum(["host", "path"])
            .default("host")
            .describe("Where the bucket's name stands in an address; path for most servers that are not Amazon's"),
        ca: format.certificates
            .optional()
            .describe("Certificate authorities of the endpoint (PEM). Default: those of the image"),
        cidrs: z
            .array(format.cidr)
            .default([])
            .describe("Address ranges of the endpoint, for the network policies; empty: all public addresses"),
    })
    .optional()
    .describe("A bucket, with the secrets backupAccessKey and backupSecretKey");

const volume = z
    .strictObject({
        claimName: format.dnsName.describe(
            "PersistentVolumeClaim that exists; ReadWriteMany where the cluster has several nodes",
        ),
    })
    .optional()
    .describe("A volume: the simple form, as far from the database as its storage is");

export const backup = z
    .strictObject({
        enabled: z.boolean().default(false).describe("Whether PostgreSQL is backed up"),
        s3,
        volume,
        prefix: z
            .string()
            .regex(/^(\/(?!\.\.?(\/|$))[\w.-]+)+$/, "must be a path such as /tradestream/production")
            .optional()
            .describe("Directory in the bucket or the volume. Default: / with the stack's namespace and release"),
        createSecret: z
            .boolean()
            .default(true)
            .describe("Whether the program creates <fullname>-backup-secrets; false: it exists, with secrets.conf"),
        schedule: z
            .strictObject({
                full: format.cron.default("0 1 * * 0").describe("Full backups: a cron expression"),
                incremental: format.cron.default("0 1 * * 1-6").describe("Incremental backups: a cron expression"),
                restoreTest: format.cron
                    .default("0 5 * * 0")
                    .describe("Check of the whole repository and a restore of the latest state to a scratch volume"),
            })
            .prefault({})
            .describe("When the CronJobs run"),
        timeZone: format.timeZone.default("Etc/UTC").describe("Time zone of the schedules (IANA name)"),
        retentionDays: z
            .int()
            .min(1)
            .max(3650)
            .default(28)
            .describe("Days that can be restored; older full backups are deleted once a newer one is as old"),
        archiveTimeoutSeconds: z
            .int()
            .min(10)
            .max(300)
            .default(60)
            .describe("Time until the log of a write is archived at the latest: what a lost volume costs, in seconds"),
        activeDeadlineSeconds: z
            .int()
            .min(60)
            .max(workload.longestDeadline)
            .default(14_400)
            .describe("Deadline of a backup and of a restore test, in seconds"),
        scratchSize: format.volumeSize
            .default("20Gi")
            .describe("Volume of a restore test, in bytes; as large as PostgreSQL's"),
        resources: workload.resources({ requests: ["100m", "128Mi"], limits: ["1", "512Mi"] }),
        nodeSelector,
        tolerations,
        affinity,
    })
    .prefault({})
    .describe("Backups of the chart's PostgreSQL with pgBackRest: base backups, and the write-ahead log as it grows");

export type BackupConfig = z.infer<typeof backup>;

/** Directory of the repository in the bucket or the volume. */
export function repositoryPath({ prefix }: BackupConfig, namespace: string, releaseName: string): string {
    return prefix ?? `/${namespace}/${releaseName}`;
}
