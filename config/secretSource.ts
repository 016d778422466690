/** Where the Secrets of a stack come from. */
import { z } from "./zod.ts";
import * as format from "./formats.ts";

const externalSecret = z.strictObject({
    store: format.dnsName.describe("Name of the store of the External Secrets Operator"),
    storeKind: z
        .enum(["ClusterSecretStore", "SecretStore"])
        .default("ClusterSecretStore")
        .describe("Kind of the store"),
    key: format.text.describe("Name of the secret in the store; its properties are named as the keys of the Secret"),
    optionalKeys: z
        .array(format.secretKey)
        .default([])
        .describe("Properties beside those that the services require, such as telegram-bot-token"),
    refreshInterval: z
        .string()
        .regex(/^([0-9]+(h|m|s))+$/, "must be a duration such as 1h or 30m")
        .default("1h")
        .describe("How often the operator reads the store"),
});

/** The settings of the Secret `<releaseName>-<suffix>`. */
export const secretSource = (suffix: string) =>
    z
        .strictObject({
            create: z.boolean().default(true).describe(`Whether the program creates <fullname>-${suffix}`),
            externalSecret: externalSecret
                .optional()
                .describe("With create: false, an ExternalSecret has the operator create it"),
            sealedSecret: z
                .record(
                    format.secretKey,
                    // The key of the encryption alone takes more: what is shorter is no ciphertext, but perhaps the secret.
                    z
                        .string()
                        .regex(
                            /^[A-Za-z0-9+/]{600,}={0,2}$/,
                            "must be what kubeseal --raw prints: base64, 600 characters or more",
                        ),
                )
                .optional()
                .describe("With create: false, a SealedSecret: key of the Secret, then what kubeseal --raw prints"),
        })
        .prefault({})
        .describe(
            `The Secret <fullname>-${suffix}; with create: false and nothing else, create it yourself, with the same ` +
                "name and keys",
        );

export type SecretSource = z.infer<ReturnType<typeof secretSource>>;
