import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { NotificationWorkerConfig } from "../config/services/index.ts";
import { type DatabaseSource, databaseUrl, databaseVolumes, type External, redisUrl, toData } from "./dataServices.ts";
import { clientOf } from "./databaseLogins.ts";
import { environment, type Source } from "./shared/environment.ts";
import { podLabels } from "./shared/labels.ts";
import { toDns, toPublicHttps } from "./shared/networkPolicy.ts";
import type { Platform } from "./shared/platform.ts";
import { podTemplate } from "./shared/pod.ts";
import { checksumAnnotations, type SecretSource, Workload } from "./Workload.ts";

export interface NotificationWorkerArgs {
    readonly platform: Platform;
    readonly config: NotificationWorkerConfig;
    readonly secrets: {
        readonly auth: SecretSource;
        readonly notification: SecretSource;
        readonly database: DatabaseSource;
    };
    /** Database and cache outside the cluster. Default: the chart's. */
    readonly external?: External | undefined;
}

/** notification-worker: runs on a schedule, one run at a time. Source: docs/specification.md, "notification-worker". */
export class NotificationWorker extends Workload {
    public readonly cronJob: kubernetes.batch.v1.CronJob;

    public constructor(name: string, args: NotificationWorkerArgs, opts?: pulumi.ComponentResourceOptions) {
        super("tradestream:index:NotificationWorker", name, { ...args, component: "notification-worker" }, opts);
        const { platform, config } = args;
        const { auth, notification, database } = args.secrets;
        const policy = this.networkPolicy(name, config.networkPolicy.enabled, {
            egress: [
                toData(platform, "postgresql", args.external),
                toData(platform, "redis", args.external),
                toDns,
                toPublicHttps,
            ],
        });
        this.cronJob = new kubernetes.batch.v1.CronJob(
            `${name}-cron-job`,
            {
                metadata: this.metadata(),
                spec: {
                    schedule: config.schedule,
                    timeZone: config.timeZone,
                    suspend: config.suspend || config.paused,
                    concurrencyPolicy: "Forbid",
                    startingDeadlineSeconds: config.startingDeadlineSeconds,
                    successfulJobsHistoryLimit: config.successfulJobsHistoryLimit,
                    failedJobsHistoryLimit: config.failedJobsHistoryLimit,
                    jobTemplate: {
                        metadata: { labels: { ...podLabels(platform, this.component, config.image.tag) } },
                        spec: {
                            backoffLimit: backoffLimit(config.backoffLimit),
                            // With Forbid, a run that hangs would block the schedule for ever.
                            activeDeadlineSeconds: config.activeDeadlineSeconds,
                            template: podTemplate({
                                platform,
                                component: this.component,
                                config,
                                serviceAccount: this.serviceAccount(name).metadata.name,
                                annotations: {
                                    ...config.podAnnotations,
                                    ...checksumAnnotations({
                                        "auth-secrets": auth,
                                        "notification-secrets": notification,
                                        "database-secrets": database,
                                    }),
                                },
                                container: { env: environment(variables(args)) },
                                volumes: databaseVolumes(database.tls, clientOf("notification-worker", database)),
                                spec: { restartPolicy: "OnFailure" },
                            }),
                        },
                    },
                },
            },
            { parent: this, dependsOn: policy },
        );
        this.registerOutputs({ cronJobName: this.cronJob.metadata.name });
    }
}

/**
 * The `backoffLimit` that lets a run be tried so many times again. With `OnFailure` Kubernetes counts restarts, and gives up
 * as soon as their number reaches the limit: a limit of 1 would end the second try right after its start.
 */
function backoffLimit(furtherTries: number): number {
    return furtherTries === 0 ? 0 : furtherTries + 1;
}

function variables({ platform, config, secrets }: NotificationWorkerArgs): Record<string, Source | undefined> {
    const notification = (key: string): Source => ({ secret: secrets.notification.secretName, key });
    return {
        DATABASE_URL: databaseUrl("notification-worker", secrets.database),
        REDIS_URL: redisUrl(platform, secrets.database),
        VAPID_PRIVATE_KEY: notification("vapid-private-key"),
        VAPID_PUBLIC_KEY: notification("vapid-public-key"),
        VAPID_SUBJECT: config.vapidSubject,
        TELEGRAM_BOT_TOKEN: { secret: secrets.notification.secretName, key: "telegram-bot-token", optional: true },
        TELEGRAM_CHAT_ID: config.telegramChatId,
        RESEND_API_KEY: { secret: secrets.auth.secretName, key: "resend-api-key" },
        ...config.env,
    };
}
