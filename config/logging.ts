/** Shipping of the pods' logs. */
import { z } from "./zod.ts";
import * as format from "./formats.ts";
import * as workload from "./services/workload.ts";

const { nodeSelector, tolerations, affinity, priorityClassName } = workload.pods;

export const logging = z
    .strictObject({
        enabled: z
            .boolean()
            .default(false)
            .describe("Whether an agent on each node ships the logs of the stack's pods"),
        namespace: format.namespace
            .optional()
            .describe(
                "Namespace of the agent, which exists and allows hostPath volumes (logging.md). Default: the stack's " +
                    "with -logs",
            ),
        endpoint: format.baseUrl
            .optional()
            .describe(
                "OTLP over HTTP: the address that /v1/logs comes behind, such as https://loki.example.com/otlp; https, " +
                    "but in the environment local",
            ),
        headers: z
            .record(
                z.string().regex(/^[A-Za-z0-9-]+$/, "must be the name of a header such as X-Scope-OrgID"),
                z.string().regex(/^[\x20-\x7e]+$/, "must be the value of a header: ASCII in one line"),
            )
            .default({})
            .describe("Headers of the requests, such as the tenant; Authorization is the secret logAuthorization"),
        ca: format.certificates
            .optional()
            .describe("Certificate authorities of the endpoint (PEM). Default: caBundle.pem, else those of the image"),
        cidrs: z
            .array(format.cidr)
            .default([])
            .describe("Address ranges of the endpoint, for the network policy; empty: all public addresses"),
        storeNamespace: format.dnsLabel
            .optional()
            .describe("Namespace of an endpoint in the cluster, in place of cidrs"),
        image: workload.image("otel/opentelemetry-collector-contrib", "0.165.0"),
        resources: workload.resources({ requests: ["25m", "96Mi"], limits: ["250m", "256Mi"] }),
        nodeSelector,
        tolerations,
        affinity,
        priorityClassName,
    })
    .prefault({})
    .describe("Shipping of logs with the OpenTelemetry Collector, secrets redacted");

export type LoggingConfig = z.infer<typeof logging>;

interface LoggingSettings {
    readonly namespace: string;
    readonly logging: LoggingConfig;
    readonly caBundle: { readonly pem?: string | undefined };
}

/** Namespace of the agent. */
export function agentNamespace({ namespace, logging }: Omit<LoggingSettings, "caBundle">): string {
    return logging.namespace ?? `${namespace}-logs`;
}

/** Where the agent runs and what it sends logs to; `undefined` where there is none. */
export function logAgent(settings: LoggingSettings) {
    const { enabled, endpoint, ca = settings.caBundle.pem } = settings.logging;
    return enabled && endpoint !== undefined ? { namespace: agentNamespace(settings), endpoint, ca } : undefined;
}
