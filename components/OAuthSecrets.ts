import type * as pulumi from "@pulumi/pulumi";
import { ManagedSecret, type ManagedSecretArgs } from "./ManagedSecret.ts";

/** An OAuth client. */
export interface OAuthClient {
    readonly clientId?: pulumi.Input<string> | undefined;
    readonly clientSecret?: pulumi.Input<string> | undefined;
}

export interface OAuthSecretsArgs extends ManagedSecretArgs {
    readonly google: OAuthClient;
    readonly github: OAuthClient;
}

/** `<fullname>-oauth-secrets`. Source: the spec, "oauth-secrets.yaml". */
export class OAuthSecrets extends ManagedSecret {
    public constructor(name: string, args: OAuthSecretsArgs, opts?: pulumi.ComponentResourceOptions) {
        super("tradestream:index:OAuthSecrets", name, {}, opts);
        this.finish(name, "oauth-secrets", args, {
            "google-client-id": args.google.clientId,
            "google-client-secret": args.google.clientSecret,
            "github-client-id": args.github.clientId,
            "github-client-secret": args.github.clientSecret,
        });
    }
}
