/** redis_exporter. Source: https://github.com/oliver006/redis_exporter */
import { z } from "../zod.ts";
import { exporter } from "./exporter.ts";
import type { Service } from "./service.ts";

export const redisExporter = {
    name: "redis-exporter",
    kind: "worker",
    uses: ["redis"],
    schema: z
        .strictObject(exporter("Redis", "oliver006/redis_exporter", "v1.83.0"))
        .prefault({})
        .describe("redis_exporter: metrics of Redis for Prometheus"),
    // A stack may name another login in REDIS_ADDR.
    variables: {},
} as const satisfies Service;

export type ExporterConfig = z.infer<typeof redisExporter.schema>;
