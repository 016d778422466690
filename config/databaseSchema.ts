/** Settings of the database. */
import * as format from "./formats.ts";
import { z } from "./zod.ts";

export const database = z
    .strictObject({
        name: z
            .string()
            .regex(/^[a-z_][a-z0-9_]{0,62}$/, "must be a PostgreSQL name: lower-case letters, digits, underscores")
            .default("tradestream")
            .describe("Database of the chart's PostgreSQL"),
        maxConnections: z.int().min(10).max(10000).default(200).describe("max_connections of PostgreSQL"),
        reservedConnections: z
            .int()
            .min(0)
            .default(20)
            .describe("Connections reserved for other clients than gateway-api"),
        roles: z
            .strictObject({
                enabled: z
                    .boolean()
                    .optional()
                    .describe(
                        "Whether services log in to the chart's PostgreSQL with roles of their own, which the migration's " +
                            "Job makes, and not as its superuser. Default: true with the embedded chart and a migration",
                    ),
                passwordVersion: z
                    .int()
                    .min(1)
                    .default(1)
                    .describe(
                        "Raise it by one to rotate the roles' passwords; those of the version before stay valid " +
                            "until `npm run rotate` ends them",
                    ),
            })
            .prefault({})
            .describe("Roles of the services in the database (docs/secrets.md)"),
        tls: z
            .strictObject({
                enabled: z
                    .boolean()
                    .optional()
                    .describe(
                        "Whether the chart's PostgreSQL accepts only connections over TLS, and services verify its " +
                            "certificate. Default: true with the embedded chart, unless the environment is local",
                    ),
                secretName: format.dnsName
                    .optional()
                    .describe(
                        "A Secret that exists, with ca.crt, and of the chart's PostgreSQL tls.crt and tls.key. Default: " +
                            "cert-manager makes it, with an authority of the stack's own",
                    ),
                clientCertificates: z
                    .enum(["required", "offered", "none"])
                    .optional()
                    .describe(
                        "Whether the chart's PostgreSQL asks for a certificate of the role beside its password: `required`; " +
                            "`offered`, where services have theirs and a password alone still logs in; `none`. Default: `required`",
                    ),
            })
            .prefault({})
            .describe("TLS of connections to the database (docs/secrets.md)"),
    })
    .prefault({})
    .describe("The database");
