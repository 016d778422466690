/** Backups that would not be made, or not be found again. */
import type { Change } from "../../support/configuration.ts";
import type { Broken } from "./broken.ts";

const secrets: Change = {
    backupPassphrase: "a-passphrase-of-30-characters!",
    backupAccessKey: "access",
    backupSecretKey: "secret",
};
const s3: Change = {
    "backup.s3.endpoint": "https://s3.eu-central-1.amazonaws.com",
    "backup.s3.bucket": "tradestream-backups",
    "backup.s3.region": "eu-central-1",
};
const image: Change = {
    "chart.values.postgresql.image.repository": "example/postgresql-pgbackrest",
    "chart.values.postgresql.image.tag": "17.11",
};
/** Backups without an error. */
export const backupsToS3: Change = { "backup.enabled": true, ...s3, ...secrets, ...image };

export const backups: readonly Broken[] = [
    {
        title: "backups without a place",
        change: { "backup.enabled": true, ...image, backupPassphrase: secrets["backupPassphrase"] },
        errors: [
            [
                "backup.s3",
                "is missing: backups need a place",
                "pulumi config set --path backup.s3.endpoint '<https URL>'",
            ],
        ],
    },
    {
        title: "backups in two places",
        change: { ...backupsToS3, "backup.volume.claimName": "backups" },
        errors: [["backup", "names s3 and volume: backups have one place", "pulumi config rm --path backup.volume"]],
    },
    {
        title: "backups of an image without pgBackRest",
        change: { ...backupsToS3, "chart.values.postgresql.image": undefined },
        errors: ["repository", "tag"].map((name) => [
            `chart.values.postgresql.image.${name}`,
            "is missing: backups need an image that contains pgBackRest, and the chart's default has none (docs/backup.md)",
            `pulumi config set --path chart.values.postgresql.image.${name} '<${name}>'`,
        ]),
    },
    {
        title: "backups of a database outside the cluster",
        change: { ...backupsToS3, databaseUrl: "postgresql://app:pw@db.example.com/trade?sslmode=verify-full" },
        errors: [
            [
                "backup.enabled",
                "is true, but the database is outside the cluster (databaseUrl): only the PostgreSQL of the embedded chart is backed up",
                "pulumi config set --path backup.enabled false",
            ],
        ],
    },
    {
        title: "backups without their secrets",
        change: { "backup.enabled": true, ...s3, ...image },
        errors: ["backupPassphrase", "backupAccessKey", "backupSecretKey"].map((key) => [
            key,
            "is missing: backup.enabled is true, and its Secret holds it",
            `pulumi config set --secret ${key}`,
        ]),
    },
    {
        title: "secrets of backups that are not made",
        change: { backupPassphrase: secrets["backupPassphrase"] },
        errors: [
            [
                "backupPassphrase",
                "is set, but nothing would use it: see backup.enabled, backup.s3, backup.createSecret",
                "pulumi config rm backupPassphrase",
            ],
        ],
    },
    {
        title: "a range of the bucket with bits after the prefix",
        change: { ...backupsToS3, "backup.s3.cidrs": ["10.20.1.5/16"] },
        errors: [
            [
                "backup.s3.cidrs[0]",
                "is 10.20.1.5/16, an address within 10.20.0.0/16",
                "pulumi config set --path 'backup.s3.cidrs[0]' 10.20.0.0/16",
            ],
        ],
    },
    {
        title: "an endpoint without encryption, a certificate that is none, and a loss beyond five minutes",
        change: {
            ...backupsToS3,
            "backup.s3.endpoint": "http://minio.example.com",
            "backup.s3.ca": "-----BEGIN CERTIFICATE-----\nbm9uZQ==\n-----END CERTIFICATE-----\n",
            "backup.archiveTimeoutSeconds": 301,
        },
        errors: [
            [
                "backup.s3.endpoint",
                'must be a URL such as https://s3.eu-central-1.amazonaws.com (https, no path), is "http://minio.example.com"',
                "pulumi config set --path backup.s3.endpoint '<endpoint>'",
            ],
            [
                "backup.s3.ca",
                "must be certificates in PEM, one or more: -----BEGIN CERTIFICATE-----, base64, -----END CERTIFICATE-----, and no key",
                "pulumi config set --path backup.s3.ca '<ca>'",
            ],
            [
                "backup.archiveTimeoutSeconds",
                "must be 300 or less, is 301",
                "pulumi config set --path backup.archiveTimeoutSeconds '<integer>'",
            ],
        ],
    },
    {
        title: "chart values that archive elsewhere",
        change: { ...backupsToS3, "chart.values.postgresql.backup.enabled": false },
        errors: [
            [
                "chart.values.postgresql.backup",
                "belongs to the program: set backup beside chart instead",
                "pulumi config rm --path chart.values.postgresql.backup",
            ],
        ],
    },
    {
        title: "backups that may run into the next",
        change: { ...backupsToS3, "backup.schedule.incremental": "30 * * * *" },
        errors: [
            [
                "backup.activeDeadlineSeconds",
                "is 14400, and the schedule 30 * * * * starts a run every 3600 s: a hung run would block the next",
                "pulumi config set --path backup.activeDeadlineSeconds 2880",
            ],
        ],
    },
    ...["192.168.1.1", "trade..backups"].map((bucket): Broken => ({
        title: `the bucket ${bucket}`,
        change: { ...backupsToS3, "backup.s3.bucket": bucket },
        errors: [
            [
                "backup.s3.bucket",
                `must be a bucket such as tradestream-backups (no address), is "${bucket}"`,
                "pulumi config set --path backup.s3.bucket '<bucket>'",
            ],
        ],
    })),
    {
        title: "a place above the volume",
        change: { ...backupsToS3, "backup.prefix": "/../etc" },
        errors: [
            [
                "backup.prefix",
                'must be a path such as /tradestream/production, is "/../etc"',
                "pulumi config set --path backup.prefix '<prefix>'",
            ],
        ],
    },
    {
        title: "two runs at once",
        change: { ...backupsToS3, "backup.schedule.full": "0 1 * * 1-6" },
        errors: [
            [
                "backup.schedule.incremental",
                "is 0 1 * * 1-6, and backup.schedule.full is 0 1 * * 1-6: some of their runs begin at once",
                "pulumi config set --path backup.schedule.incremental '<cron expression>'",
            ],
        ],
    },
    {
        title: "two runs at once on Sundays",
        change: { ...backupsToS3, "backup.schedule.incremental": "0 1 * * *" },
        errors: [
            [
                "backup.schedule.incremental",
                "is 0 1 * * *, and backup.schedule.full is 0 1 * * 0: some of their runs begin at once",
                "pulumi config set --path backup.schedule.incremental '<cron expression>'",
            ],
        ],
    },
    {
        title: "a scratch volume that holds nothing",
        change: { ...backupsToS3, "backup.scratchSize": "0" },
        errors: [
            [
                "backup.scratchSize",
                'must be a quantity from 1Mi to 1Pi, is "0"',
                "pulumi config set --path backup.scratchSize '<scratchSize>'",
            ],
        ],
    },
];
