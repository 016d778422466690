/** notification-worker. The defaults are those of docs/specification.md. */
import { z } from "../zod.ts";
import * as format from "../formats.ts";
import type { Service } from "./service.ts";
import * as workload from "./workload.ts";

export const notificationWorker = {
    name: "notification-worker",
    kind: "cronJob",
    uses: ["database", "redis"],
    schema: z
        .strictObject({
            enabled: z.boolean().default(true).describe("Whether to deploy the worker"),
            paused: workload.paused,
            schedule: format.cron.default("*/5 * * * *").describe("When it runs: a cron expression"),
            timeZone: format.timeZone.default("Etc/UTC").describe("Time zone of the schedule (IANA name)"),
            suspend: z.boolean().default(false).describe("Keep the worker, but start no runs"),
            image: workload.image("tradestreamhq/notification-worker"),
            runAsUser: workload.runAsUser(10001),
            env: workload.environment,
            activeDeadlineSeconds: z
                .int()
                .min(1)
                .max(workload.longestDeadline)
                .default(240)
                .describe("Deadline of a run, in seconds"),
            startingDeadlineSeconds: z
                .int()
                .min(10)
                .max(workload.longestDeadline)
                .default(120)
                .describe("Deadline for starting a run; later ones are skipped, in seconds"),
            backoffLimit: z.int().min(0).max(10).default(1).describe("Retries of a failed run"),
            successfulJobsHistoryLimit: z.int().min(0).max(100).default(3).describe("Finished runs that are kept"),
            failedJobsHistoryLimit: z.int().min(0).max(100).default(3).describe("Failed runs that are kept"),
            telegramChatId: z.string().min(1).optional().describe("Telegram chat that receives messages"),
            vapidSubject: z
                .string()
                .regex(/^(mailto:\S+@\S+|https:\/\/\S+)$/, "must be mailto:someone@example.com or an https URL")
                .optional()
                .describe("Contact for push services (RFC 8292)"),
            resources: workload.resources({ requests: ["100m", "128Mi"], limits: ["200m", "256Mi"] }),
            networkPolicy: workload.networkPolicy,
            podAnnotations: workload.annotations.describe("Annotations of the pods"),
            ...workload.pods,
        })
        .prefault({})
        .describe("notification-worker: push, Telegram and e-mail notifications"),
    variables: {
        DATABASE_URL: "databaseUrl",
        REDIS_URL: "redisUrl",
        VAPID_PRIVATE_KEY: "vapidPrivateKey",
        VAPID_PUBLIC_KEY: "vapidPublicKey",
        VAPID_SUBJECT: "notificationWorker.vapidSubject",
        TELEGRAM_BOT_TOKEN: "telegramBotToken",
        TELEGRAM_CHAT_ID: "notificationWorker.telegramChatId",
        RESEND_API_KEY: "resendApiKey",
    },
} as const satisfies Service;

export type NotificationWorkerConfig = z.infer<typeof notificationWorker.schema>;
