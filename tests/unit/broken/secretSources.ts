import { ciphertext, madeByOperators } from "../../support/secretSources.ts";
import type { Broken } from "./broken.ts";

const externalSecret = { store: "vault", key: "tradestream/auth" };
const others = madeByOperators;

export const secretSources: readonly Broken[] = [
    {
        title: "an external secret beside one that the program creates",
        change: { authSecrets: { externalSecret } },
        errors: [
            [
                "authSecrets.externalSecret",
                "is set, but authSecrets.create is true",
                "pulumi config set --path authSecrets.create false",
            ],
        ],
    },
    {
        title: "a Secret with two sources",
        change: {
            ...others,
            authSecrets: {
                create: false,
                externalSecret,
                sealedSecret: { "jwt-secret": ciphertext, "resend-api-key": ciphertext },
            },
        },
        errors: [
            [
                "authSecrets.sealedSecret",
                "is set, and so is authSecrets.externalSecret: the Secret has one source",
                "pulumi config rm --path authSecrets.sealedSecret",
            ],
        ],
    },
    {
        title: "a sealed secret without a key that a service reads",
        change: {
            ...others,
            notificationSecrets: { create: false, sealedSecret: { "vapid-private-key": ciphertext } },
        },
        errors: [
            [
                "notificationSecrets.sealedSecret.vapid-public-key",
                "is missing: a service reads it",
                "pulumi config set --path notificationSecrets.sealedSecret.vapid-public-key '<ciphertext>'",
            ],
        ],
    },
    ...[
        ["resend-api-key", "is resend-api-key, which a service requires: it is read anyway"],
        ["jwt-secret-previous", "is jwt-secret-previous, which is there twice"],
    ].map(([name, problem]): Broken => {
        const key = "authSecrets.externalSecret.optionalKeys[1]";
        return {
            title: `an external secret with ${name} twice`,
            change: {
                ...others,
                authSecrets: {
                    create: false,
                    externalSecret: { ...externalSecret, optionalKeys: ["jwt-secret-previous", name] },
                },
            },
            errors: [[key, problem!, `pulumi config rm --path '${key}'`]],
        };
    }),
    {
        title: "a secret in plain text where a sealed one belongs",
        change: {
            ...others,
            notificationSecrets: {
                create: false,
                sealedSecret: { "vapid-private-key": ciphertext, "vapid-public-key": "c2VjcmV0" },
            },
        },
        errors: [
            [
                "notificationSecrets.sealedSecret.vapid-public-key",
                "must be what kubeseal --raw prints: base64, 600 characters or more",
                "pulumi config set --path notificationSecrets.sealedSecret.vapid-public-key '<vapid-public-key>'",
            ],
        ],
    },
];
