import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { secretNames } from "../config/secretNames.ts";
import { deriveVapidKeys } from "../config/vapid.ts";
import { managedSecret, type ManagedSecret, type ManagedSecretArgs } from "./managedSecret.ts";

export interface NotificationSecretsArgs extends ManagedSecretArgs {
    /** Key pair for web push, in base64url. Default: a pair derived from generated text, the same from then on. */
    readonly vapidPrivateKey?: pulumi.Input<string> | undefined;
    readonly vapidPublicKey?: pulumi.Input<string> | undefined;
    /** Token of the Telegram bot. Default: none, and the Secret has no such key. */
    readonly telegramBotToken?: pulumi.Input<string> | undefined;
}

/** More than 256 bits in letters and digits. */
const vapidSeedLength = 64;

/** `<releaseName>-notification-secrets`. Source: docs/specification.md, "notification-secrets". */
export class NotificationSecrets extends pulumi.ComponentResource implements ManagedSecret {
    public readonly secretName: pulumi.Output<string>;
    public readonly checksum: pulumi.Output<string> | undefined;

    public constructor(name: string, args: NotificationSecretsArgs, opts?: pulumi.ComponentResourceOptions) {
        super("tradestream:index:NotificationSecrets", name, args, opts);
        const given = [args.vapidPrivateKey, args.vapidPublicKey].some((key) => key !== undefined);
        const generated = given || args.create === false ? undefined : this.generateVapidKeys(name);
        const secret = managedSecret(this, name, secretNames.notification, args, {
            required: {
                "vapid-private-key": generated?.apply((keys) => keys.privateKey) ?? args.vapidPrivateKey,
                "vapid-public-key": generated?.apply((keys) => keys.publicKey) ?? args.vapidPublicKey,
            },
            optional: { "telegram-bot-token": args.telegramBotToken },
        });
        this.secretName = secret.secretName;
        this.checksum = secret.checksum;
        this.registerOutputs({ secretName: this.secretName });
    }

    private generateVapidKeys(name: string) {
        const seed = new random.RandomPassword(
            `${name}-vapid-seed`,
            // No RandomBytes: its id, which Pulumi stores and shows in plain text, is the value itself.
            { length: vapidSeedLength, special: false },
            { parent: this },
        );
        return seed.result.apply(deriveVapidKeys);
    }
}
