import * as random from "@pulumi/random";
import * as pulumi from "@pulumi/pulumi";
import { secretNames } from "../config/secretNames.ts";
import { managedSecret, type ManagedSecret, type ManagedSecretArgs } from "./managedSecret.ts";

export interface AuthSecretsArgs extends ManagedSecretArgs {
    /** Signs access tokens. Default: 64 generated letters and digits, the same from then on. */
    readonly jwtSecret?: pulumi.Input<string> | undefined;
    /** Raise it to generate another one; the one before stays valid for verification. */
    readonly jwtSecretVersion: number;
    /** Whether the next one is valid for verification already, in place of the one before. */
    readonly jwtSecretNext: boolean;
    readonly resendApiKey?: pulumi.Input<string> | undefined;
}

const jwtSecretLength = 64;

/** `<releaseName>-auth-secrets`. Source: docs/specification.md, "auth-secrets". */
export class AuthSecrets extends pulumi.ComponentResource implements ManagedSecret {
    public readonly secretName: pulumi.Output<string>;
    public readonly checksum: pulumi.Output<string> | undefined;

    public constructor(name: string, args: AuthSecretsArgs, opts?: pulumi.ComponentResourceOptions) {
        super("tradestream:index:AuthSecrets", name, args, opts);
        const generate = args.create !== false && args.jwtSecret === undefined;
        const version = args.jwtSecretVersion;
        const other = args.jwtSecretNext ? version + 1 : version - 1;
        const secret = managedSecret(this, name, secretNames.auth, args, {
            required: {
                "jwt-secret": generate ? this.generated(name, version) : args.jwtSecret,
                "resend-api-key": args.resendApiKey,
            },
            optional: {
                "jwt-secret-previous": generate && other > 0 ? this.generated(name, other) : undefined,
            },
        });
        this.secretName = secret.secretName;
        this.checksum = secret.checksum;
        this.registerOutputs({ secretName: this.secretName });
    }

    /** A resource per version: the current and one beside it are kept, others go. */
    private generated(name: string, version: number): pulumi.Output<string> {
        return new random.RandomPassword(
            `${name}-jwt-v${version}`,
            { length: jwtSecretLength, special: false },
            { parent: this },
        ).result;
    }
}
