import * as pulumi from "@pulumi/pulumi";
import { secretNames } from "../config/secretNames.ts";
import { managedSecret, type ManagedSecret, type ManagedSecretArgs } from "./managedSecret.ts";

/** An OAuth client. */
export interface OAuthClient {
    readonly clientId?: pulumi.Input<string> | undefined;
    readonly clientSecret?: pulumi.Input<string> | undefined;
}

export interface OAuthSecretsArgs extends ManagedSecretArgs {
    readonly google: OAuthClient;
    readonly github: OAuthClient;
}

/** `<releaseName>-oauth-secrets`. Source: docs/specification.md, "oauth-secrets". */
export class OAuthSecrets extends pulumi.ComponentResource implements ManagedSecret {
    public readonly secretName: pulumi.Output<string>;
    public readonly checksum: pulumi.Output<string> | undefined;

    public constructor(name: string, args: OAuthSecretsArgs, opts?: pulumi.ComponentResourceOptions) {
        super("tradestream:index:OAuthSecrets", name, args, opts);
        const secret = managedSecret(this, name, secretNames.oauth, args, {
            required: {
                "google-client-id": args.google.clientId,
                "google-client-secret": args.google.clientSecret,
                "github-client-id": args.github.clientId,
                "github-client-secret": args.github.clientSecret,
            },
        });
        this.secretName = secret.secretName;
        this.checksum = secret.checksum;
        this.registerOutputs({ secretName: this.secretName });
    }
}
