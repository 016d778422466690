/** The configuration of what runs and ends: notification-worker and the database migration. */
import { z } from "../zod.ts";
import * as format from "../formats.ts";
import * as workload from "./workload.ts";

/** notification-worker, with the defaults of the spec ("Notification Worker Configuration"). */
export const notificationWorker = z
    .strictObject({
        enabled: z.boolean().default(true).describe("Whether to deploy the worker"),
        schedule: format.cron.default("*/5 * * * *").describe("When it runs: a cron expression"),
        timeZone: format.timeZone.default("Etc/UTC").describe("Time zone of the schedule (IANA name)"),
        suspend: z.boolean().default(false).describe("Keep the worker, but start no runs"),
        image: workload.image("tradestreamhq/notification-worker"),
        runAsUser: workload.runAsUser(10001),
        env: workload.environment,
        activeDeadlineSeconds: z.int().min(1).default(240).describe("A run that takes longer is ended, in seconds"),
        startingDeadlineSeconds: z
            .int()
            .min(10)
            .default(120)
            .describe("A run that could not start for so long is skipped, in seconds"),
        backoffLimit: z.int().min(0).max(10).default(1).describe("Further tries of a failed run"),
        successfulJobsHistoryLimit: z.int().min(0).max(100).default(3).describe("Finished runs that are kept"),
        failedJobsHistoryLimit: z.int().min(0).max(100).default(3).describe("Failed runs that are kept"),
        telegramChatId: z.string().min(1).optional().describe("Telegram chat that receives messages"),
        vapidSubject: z
            .string()
            .regex(/^(mailto:\S+@\S+|https:\/\/\S+)$/, "must be mailto:someone@example.com or an https URL")
            .optional()
            .describe("Contact that push services see (RFC 8292)"),
        resources: workload.resources({ requests: ["100m", "128Mi"], limits: ["200m", "256Mi"] }),
        networkPolicy: workload.networkPolicy,
        podAnnotations: workload.annotations.describe("Annotations of the pods"),
        ...workload.scheduling,
    })
    .prefault({})
    .describe("notification-worker: push, Telegram and e-mail notifications");

/** The Job that brings the database's schema up to date before gateway-api starts. */
export const databaseMigration = z
    .strictObject({
        enabled: z.boolean().default(true).describe("Whether to run the migration"),
        image: workload.image("tradestreamhq/database-migration"),
        runAsUser: workload.runAsUser(10001),
        env: workload.environment,
        activeDeadlineSeconds: z.int().min(10).default(600).describe("Time for the whole migration, in seconds"),
        backoffLimit: z.int().min(0).max(10).default(2).describe("Further tries of a failed migration"),
        resources: workload.resources({ requests: ["100m", "128Mi"], limits: ["500m", "256Mi"] }),
        ...workload.scheduling,
    })
    .prefault({})
    .describe("Database migration: a Job that finishes before gateway-api starts");

/** Settings of notification-worker. */
export type NotificationWorkerConfig = z.infer<typeof notificationWorker>;
/** Settings of the database migration. */
export type DatabaseMigrationConfig = z.infer<typeof databaseMigration>;
