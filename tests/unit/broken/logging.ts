/** Logs that would go nowhere, or in plain text. */
import type { Change } from "../../support/configuration.ts";
import type { Broken } from "./broken.ts";

const on: Change = { "logging.enabled": true, "logging.endpoint": "https://loki.example.com/otlp" };

export const logging: readonly Broken[] = [
    {
        title: "logs without a destination",
        change: { "logging.enabled": true },
        errors: [
            [
                "logging.endpoint",
                "is missing: logs need a destination",
                "pulumi config set --path logging.endpoint '<https URL>'",
            ],
        ],
    },
    {
        title: "logs over plain HTTP",
        change: { ...on, "logging.endpoint": "http://loki.logs.svc:3100/otlp" },
        errors: [
            [
                "logging.endpoint",
                "is http://loki.logs.svc:3100/otlp, without TLS: logs leave the node, and so does what authorizes them",
                "pulumi config set --path logging.endpoint https://loki.logs.svc:3100/otlp",
            ],
        ],
    },
    {
        title: "credentials in plain text",
        change: { ...on, "logging.headers": { authorization: "Bearer t0ken" } },
        errors: [
            [
                "logging.headers.authorization",
                "is a secret: set logAuthorization with --secret in its place",
                "pulumi config rm --path logging.headers.authorization",
            ],
        ],
    },
    {
        title: "a header twice, in two spellings",
        change: { ...on, "logging.headers": { "X-Scope-OrgID": "a", "x-scope-orgid": "b" } },
        errors: [
            [
                "logging.headers.x-scope-orgid",
                "is the header X-Scope-OrgID again: the case of its letters makes no difference",
                "pulumi config rm --path logging.headers.x-scope-orgid",
            ],
        ],
    },
    {
        title: "credentials that are no header",
        change: { ...on, logAuthorization: "s3cr3t" },
        errors: [
            [
                "logAuthorization",
                "must be the value of a header such as Bearer <token> or Basic <base64>",
                "pulumi config set --secret logAuthorization",
            ],
        ],
    },
    {
        title: "credentials for nothing",
        change: { logAuthorization: "Bearer s3cr3t" },
        errors: [
            [
                "logAuthorization",
                "is set, but logging.enabled is false, so nothing would use it",
                "pulumi config rm logAuthorization",
            ],
        ],
    },
    {
        title: "credentials beside a Secret of somebody else",
        change: { ...on, "loggingSecrets.create": false, logAuthorization: "Bearer s3cr3t" },
        errors: [
            [
                "logAuthorization",
                "is set, but loggingSecrets.create is false, so nothing would use it",
                "pulumi config rm logAuthorization",
            ],
        ],
    },
    {
        title: "an address of the store with bits after the prefix",
        change: { ...on, "logging.cidrs": ["10.20.0.1/16"] },
        errors: [
            [
                "logging.cidrs[0]",
                "is 10.20.0.1/16, an address within 10.20.0.0/16",
                "pulumi config set --path 'logging.cidrs[0]' 10.20.0.0/16",
            ],
        ],
    },
    {
        title: "an agent in a namespace without a name",
        change: { ...on, namespace: "n".repeat(60) },
        errors: [
            [
                "logging.namespace",
                "is missing: the stack's namespace with -logs has 65 characters, more than 63",
                "pulumi config set --path logging.namespace '<namespace>'",
            ],
        ],
    },
    {
        title: "an agent in the namespace of the stack, and a store in two places",
        change: {
            ...on,
            "logging.namespace": "tradestream",
            "logging.storeNamespace": "loki",
            "logging.cidrs": ["10.20.0.0/16"],
        },
        errors: [
            ["logging.cidrs", "is set, and so is logging.storeNamespace", "pulumi config rm --path logging.cidrs"],
            [
                "logging.namespace",
                "is tradestream, the stack's: the agent needs a namespace of its own",
                "pulumi config rm --path logging.namespace",
            ],
        ],
    },
    {
        title: "an endpoint with the path that the agent adds",
        change: { ...on, "logging.endpoint": "https://logs.example.com/otlp/v1/logs" },
        errors: [
            [
                "logging.endpoint",
                "is https://logs.example.com/otlp/v1/logs: the agent adds /v1/logs to it",
                "pulumi config set --path logging.endpoint https://logs.example.com/otlp",
            ],
        ],
    },
];
