/** The Job that calls the services after each deployment. */
import * as format from "../formats.ts";
import { z } from "../zod.ts";
import { jobNetworkPolicy } from "./additions.ts";
import type { Service } from "./service.ts";
import * as workload from "./workload.ts";

export const smokeTest = {
    name: "smoke-test",
    kind: "job",
    uses: [],
    schema: z
        .strictObject({
            enabled: z.boolean().default(false).describe("Whether to call the services after each change of the stack"),
            image: workload.image("curlimages/curl", "8.12.1"),
            runAsUser: workload.runAsUser(10001),
            env: workload.environment,
            signIn: z
                .array(z.enum(["google", "github"]))
                .default(["google", "github"])
                .describe("Providers whose sign-in has to redirect there (/auth/oauth/<provider>)"),
            stream: z.boolean().default(true).describe("Whether /api/signals/stream has to send an event"),
            notification: z
                .boolean()
                .default(false)
                .describe(
                    "Whether a notification is to be queued (POST /api/notifications/test, with a token of POST /api/token) " +
                        "and to be known then, for images that have these",
                ),
            hosts: z
                .strictObject({
                    enabled: z
                        .boolean()
                        .default(false)
                        .describe(
                            "Whether to call each public host that serves the path of the readiness probe, by HTTPS where it has a certificate",
                        ),
                    connectTo: format.hostAndPort
                        .optional()
                        .describe("Where to connect for them; default: where the name server sends everybody"),
                })
                .prefault({})
                .describe("Requests through the Ingress or the Gateway"),
            activeDeadlineSeconds: z
                .int()
                .min(10)
                .max(workload.longestDeadline)
                .default(300)
                .describe("Deadline of all checks together, in seconds"),
            resources: workload.resources({ requests: ["25m", "32Mi"], limits: ["200m", "64Mi"] }),
            networkPolicy: jobNetworkPolicy,
            ...workload.pods,
        })
        .prefault({})
        .describe("Smoke test: a Job that calls the services from inside; `up` fails when a check does"),
    variables: {},
} as const satisfies Service;

export type SmokeTestConfig = z.infer<typeof smokeTest.schema>;
