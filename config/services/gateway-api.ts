/** gateway-api, the backend. The defaults are those of docs/specification.md. */
import { z } from "../zod.ts";
import * as format from "../formats.ts";
import type { Service } from "./service.ts";
import { webService } from "./web.ts";
import * as workload from "./workload.ts";

export const gatewayApi = {
    name: "gateway-api",
    kind: "web",
    uses: ["database", "redis"],
    schema: z
        .strictObject({
            ...webService({
                repository: "tradestreamhq/gateway-api",
                port: 8000,
                uid: 1000,
                requests: ["200m", "256Mi"],
                limits: ["500m", "512Mi"],
                liveness: workload.probe("/health", { initialDelay: 10, period: 10, timeout: 5 }),
                readiness: workload.probe("/health", { initialDelay: 5, period: 5, timeout: 3 }),
                autoscaled: true,
            }),
            database: z
                .strictObject({ poolSize: z.int().min(1).max(1000).default(10).describe("Connections of each pod") })
                .prefault({})
                .describe("Database connections"),
            urls: z
                .strictObject({
                    api: format.baseUrl.describe("Public address of the API"),
                    frontend: format.baseUrl.describe("Public address of the dashboard"),
                })
                .describe("Public addresses"),
            cors: z
                .strictObject({
                    origins: z
                        .array(format.origin)
                        .default([])
                        .describe("Origins that browsers may send requests from"),
                    format: z
                        .enum(["csv", "json"])
                        .default("csv")
                        .describe(
                            "How CORS_ORIGINS is written: comma-separated as in the specification, or the JSON array that the published image reads",
                        ),
                })
                .prefault({})
                .describe("Cross-origin requests"),
            rateLimit: z
                .strictObject({
                    perMinute: z.int().min(1).max(1_000_000).default(60).describe("Requests of one client"),
                })
                .prefault({})
                .describe("Rate limit of the service"),
            metrics: z
                .strictObject({
                    enabled: z
                        .boolean()
                        .default(true)
                        .describe(
                            "Whether Prometheus may scrape the pods, by annotations or by the ServiceMonitor of monitoring",
                        ),
                    path: format.urlPath.default("/metrics").describe("Path of the metrics"),
                })
                .prefault({})
                .describe("Prometheus scraping"),
        })
        .describe("gateway-api: the backend"),
    variables: {
        DATABASE_URL: "databaseUrl",
        DATABASE_POOL_SIZE: "gatewayApi.database.poolSize",
        REDIS_URL: "redisUrl",
        JWT_SECRET: "jwtSecret",
        JWT_PREVIOUS_SECRET: "jwtSecretVersion",
        JWT_ALGORITHM: "",
        GOOGLE_CLIENT_ID: "googleClientId",
        GOOGLE_CLIENT_SECRET: "googleClientSecret",
        GITHUB_CLIENT_ID: "githubClientId",
        GITHUB_CLIENT_SECRET: "githubClientSecret",
        RESEND_API_KEY: "resendApiKey",
        API_URL: "gatewayApi.urls.api",
        FRONTEND_URL: "gatewayApi.urls.frontend",
        CORS_ORIGINS: "gatewayApi.cors.origins",
        RATE_LIMIT_PER_MINUTE: "gatewayApi.rateLimit.perMinute",
    },
    stub: { urls: { api: "https://api.example", frontend: "https://example" } },
} as const satisfies Service;

export type GatewayApiConfig = z.infer<typeof gatewayApi.schema>;
