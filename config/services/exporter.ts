/** What the exporters for Prometheus have in common. */
import { z } from "../zod.ts";
import * as workload from "./workload.ts";

/** Fields of an exporter's schema. */
export function exporter(of: string, repository: string, tag: string) {
    return {
        enabled: z.boolean().default(false).describe(`Whether to deploy an exporter of the metrics of ${of}`),
        paused: workload.paused,
        replicaCount: z
            .int()
            .min(1)
            .max(10)
            .default(2)
            .describe("Number of pods, each with all metrics; alerts and dashboards take the greatest values"),
        image: workload.image(repository, tag),
        runAsUser: workload.runAsUser(10001),
        env: workload.environment,
        resources: workload.resources({ requests: ["10m", "32Mi"], limits: ["100m", "64Mi"] }),
        networkPolicy: workload.networkPolicy,
        podAnnotations: workload.annotations.describe("Annotations of the pods"),
        ...workload.pods,
    };
}
