/** agent-dashboard, the frontend. The defaults are those of docs/specification.md. */
import { z } from "../zod.ts";
import type { Service } from "./service.ts";
import { webService } from "./web.ts";
import * as workload from "./workload.ts";

export const agentDashboard = {
    name: "agent-dashboard",
    kind: "web",
    uses: [],
    schema: z
        .strictObject({
            ...webService({
                repository: "tradestreamhq/agent-dashboard",
                port: 80,
                uid: 10001,
                requests: ["50m", "64Mi"],
                limits: ["100m", "128Mi"],
                liveness: workload.probe("/", { initialDelay: 5, period: 10, timeout: 5 }),
                readiness: workload.probe("/", { initialDelay: 3, period: 5, timeout: 3 }),
                autoscaled: false,
            }),
        })
        .prefault({})
        .describe("agent-dashboard: the frontend"),
    variables: {},
} as const satisfies Service;

export type AgentDashboardConfig = z.infer<typeof agentDashboard.schema>;
