/** The Job that updates the schema of the database before gateway-api starts. */
import { z } from "../zod.ts";
import { jobNetworkPolicy } from "./additions.ts";
import type { Service } from "./service.ts";
import * as workload from "./workload.ts";

export const databaseMigration = {
    name: "database-migration",
    kind: "job",
    uses: ["database"],
    schema: z
        .strictObject({
            enabled: z.boolean().default(true).describe("Whether to run the migration"),
            image: workload.image("tradestreamhq/database-migration"),
            runAsUser: workload.runAsUser(10001),
            env: workload.environment,
            activeDeadlineSeconds: z
                .int()
                .min(10)
                .max(workload.longestDeadline)
                .default(600)
                .describe("Deadline of the whole migration, in seconds"),
            backoffLimit: z.int().min(0).max(10).default(2).describe("Retries of a failed migration"),
            // No default: the Job's name follows from the configuration, and would change.
            irreversible: z
                .boolean()
                .optional()
                .describe(
                    "Whether no earlier release runs after it: a deployment that fails behind it stays; default: false",
                ),
            resources: workload.resources({ requests: ["100m", "128Mi"], limits: ["500m", "256Mi"] }),
            networkPolicy: jobNetworkPolicy,
            ...workload.pods,
        })
        .prefault({})
        .describe("Database migration: a Job that finishes before gateway-api starts"),
    variables: { DATABASE_URL: "databaseUrl" },
} as const satisfies Service;

export type DatabaseMigrationConfig = z.infer<typeof databaseMigration.schema>;
