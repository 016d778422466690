import type * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../config/index.ts";
import { AuthSecrets } from "./AuthSecrets.ts";
import { NotificationSecrets } from "./NotificationSecrets.ts";
import { OAuthSecrets } from "./OAuthSecrets.ts";
import type { Platform } from "./shared/platform.ts";

export interface ServiceSecretsArgs {
    readonly platform: Platform;
    /** Key of the checksums by which pods restart when a Secret changes. */
    readonly checksumKey: pulumi.Input<string>;
}

export interface ServiceSecrets {
    readonly auth: AuthSecrets;
    readonly oauth: OAuthSecrets;
    readonly notification: NotificationSecrets;
}

/** The Secrets of the services, but for those of the database. */
export function serviceSecrets(
    config: StackConfig,
    args: ServiceSecretsArgs,
    opts?: pulumi.ComponentResourceOptions,
): ServiceSecrets {
    const { secrets, jwtSecretVersion, jwtSecretNext } = config;
    const { jwtSecret, resendApiKey, vapidPrivateKey, vapidPublicKey, telegramBotToken } = secrets;
    return {
        auth: new AuthSecrets(
            "auth-secrets",
            { ...args, ...config.authSecrets, jwtSecret, jwtSecretVersion, jwtSecretNext, resendApiKey },
            opts,
        ),
        oauth: new OAuthSecrets(
            "oauth-secrets",
            {
                ...args,
                ...config.oauthSecrets,
                google: { clientId: secrets.googleClientId, clientSecret: secrets.googleClientSecret },
                github: { clientId: secrets.githubClientId, clientSecret: secrets.githubClientSecret },
            },
            opts,
        ),
        notification: new NotificationSecrets(
            "notification-secrets",
            { ...args, ...config.notificationSecrets, vapidPrivateKey, vapidPublicKey, telegramBotToken },
            opts,
        ),
    };
}
