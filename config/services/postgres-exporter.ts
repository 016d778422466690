/** postgres_exporter. Source: https://github.com/prometheus-community/postgres_exporter */
import { z } from "../zod.ts";
import { exporter } from "./exporter.ts";
import type { Service } from "./service.ts";

export const postgresExporter = {
    name: "postgres-exporter",
    kind: "worker",
    uses: ["database"],
    schema: z
        .strictObject(exporter("PostgreSQL", "prometheuscommunity/postgres-exporter", "v0.19.1"))
        .prefault({})
        .describe("postgres_exporter: metrics of PostgreSQL for Prometheus"),
    // A stack may name another login in DATA_SOURCE_NAME.
    variables: {},
} as const satisfies Service;
