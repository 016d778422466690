import * as random from "@pulumi/random";
import type * as pulumi from "@pulumi/pulumi";
import { ManagedSecret, type ManagedSecretArgs } from "./ManagedSecret.ts";

export interface AuthSecretsArgs extends ManagedSecretArgs {
    /** Signs access tokens. Default: 64 generated letters and digits, the same from then on. */
    readonly jwtSecret?: pulumi.Input<string> | undefined;
    /** Raise it to generate another one; the one before stays valid for verification. */
    readonly jwtSecretVersion: number;
    /** API key of Resend. */
    readonly resendApiKey?: pulumi.Input<string> | undefined;
}

const jwtSecretLength = 64;

/** `<fullname>-auth-secrets`. Source: the spec, "auth-secrets.yaml". */
export class AuthSecrets extends ManagedSecret {
    public constructor(name: string, args: AuthSecretsArgs, opts?: pulumi.ComponentResourceOptions) {
        super("tradestream:index:AuthSecrets", name, {}, opts);
        const generate = args.create !== false && args.jwtSecret === undefined;
        const version = args.jwtSecretVersion;
        this.finish(name, "auth-secrets", args, {
            "jwt-secret": generate ? this.generated(name, version) : args.jwtSecret,
            "jwt-secret-previous": generate && version > 1 ? this.generated(name, version - 1) : undefined,
            "resend-api-key": args.resendApiKey,
        });
    }

    /** A resource per version: the current and the one before it are kept, older ones go. */
    private generated(name: string, version: number): pulumi.Output<string> {
        return new random.RandomPassword(
            `${name}-jwt-v${version}`,
            { length: jwtSecretLength, special: false },
            { parent: this },
        ).result;
    }
}
