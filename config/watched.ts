/** What of a stack there is to watch; alerts follow from it. */
import { longestPeriodSeconds } from "./cron.ts";
import { databaseTls } from "./database.ts";
import { ownsCertificates } from "./exposure.ts";
import type { Settings } from "./schema.ts";
import type { PlainSecrets } from "./secrets.ts";
import { cronJobs, hasCertificates, services, webServices } from "./services/index.ts";

/** Names without the release's, as in `<releaseName>-<name>`; times in seconds. */
export interface Watched {
    /** Whether gateway-api has pods, and Prometheus may scrape them. */
    readonly requests: boolean;
    readonly deployments: readonly { readonly name: string; readonly autoscaled: boolean }[];
    /** StatefulSets of the chart. */
    readonly statefulSets: readonly string[];
    /** CronJobs that start runs, each with the longest that a run may take. */
    readonly cronJobs: readonly { readonly name: string; readonly deadlineSeconds: number }[];
    /** Jobs of a deployment; a hash follows the name. */
    readonly jobs: readonly string[];
    /** Whether cert-manager has certificates here. */
    readonly certificates: boolean;
    /** Exporters of the data services that have pods. */
    readonly exporters: readonly ("postgres-exporter" | "redis-exporter")[];
    /** The age of the last backup when a later one must have succeeded; absent without backups. */
    readonly backupAgeSeconds?: number;
}

const backupJobs = ["full", "incremental", "restoreTest"] as const;
const backupNames = { full: "backup-full", incremental: "backup-incremental", restoreTest: "backup-restore-test" };

export function watchedOf(settings: Settings, secrets: Pick<PlainSecrets, "databaseUrl" | "redisUrl">): Watched {
    const { backup, databaseMigration, smokeTest } = settings;
    const tls = databaseTls(settings, secrets);
    const running = webServices.filter((key) => runs(settings[key]));
    const scheduled = cronJobs.flatMap((key) => {
        const { enabled, paused, suspend, activeDeadlineSeconds } = settings[key];
        const starts = enabled && !paused && !suspend;
        return starts ? [{ name: services[key].name, deadlineSeconds: activeDeadlineSeconds }] : [];
    });
    const backups = backup.enabled
        ? backupJobs.map((kind) => ({ name: backupNames[kind], deadlineSeconds: backup.activeDeadlineSeconds }))
        : [];
    const { full, incremental } = backup.schedule;
    return {
        requests: running.includes("gatewayApi") && settings.gatewayApi.metrics.enabled,
        deployments: running.map((key) => ({
            name: services[key].name,
            autoscaled: settings[key].autoscaling.enabled,
        })),
        statefulSets: [
            ...(secrets.databaseUrl === undefined ? ["postgresql"] : []),
            ...(secrets.redisUrl === undefined ? ["redis-master"] : []),
        ],
        cronJobs: [...scheduled, ...backups],
        jobs: [
            ...(databaseMigration.enabled ? [services.databaseMigration.name] : []),
            ...(backup.enabled ? ["backup"] : []),
            ...(smokeTest.enabled ? ["smoke-test"] : []),
        ],
        certificates:
            (ownsCertificates(settings) && hasCertificates(settings)) ||
            (tls !== undefined && tls.secretName === undefined),
        exporters: (["postgresExporter", "redisExporter"] as const)
            .filter((key) => runs(settings[key]))
            .map((key) => services[key].name),
        ...(backup.enabled && {
            backupAgeSeconds: longestPeriodSeconds([full, incremental]) + backup.activeDeadlineSeconds,
        }),
    };
}

function runs({ enabled, paused }: { readonly enabled: boolean; readonly paused: boolean }): boolean {
    return enabled && !paused;
}
