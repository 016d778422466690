import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { objectMetadata } from "./shared/metadata.ts";
import { objectName, type Platform } from "./shared/platform.ts";
import { encode, keyedChecksum, type SecretValues } from "./shared/secretData.ts";

/** What every component that makes a Secret is given. */
export interface ManagedSecretArgs {
    readonly platform: Platform;
    /** Random text that keys the checksum. */
    readonly checksumKey: pulumi.Input<string>;
    /** Whether to make the Secret; otherwise one of the same name must exist. Default: true. */
    readonly create?: boolean;
}

/**
 * A component around one Secret, `<fullname>-<suffix>`. Pods refer to it by `secretName` and carry `checksum` in an
 * annotation, so that they roll when its content changes.
 */
export abstract class ManagedSecret extends pulumi.ComponentResource {
    /** Name of the Secret; where the program makes it, known when it exists. */
    public secretName!: pulumi.Output<string>;
    /** Keyed checksum of the content; absent where the Secret is made elsewhere. */
    public checksum: pulumi.Output<string> | undefined;

    /** Makes the Secret, unless it is made elsewhere, and ends the component's construction. */
    protected finish(name: string, suffix: string, args: ManagedSecretArgs, values: SecretValues): void {
        const secretName = objectName(args.platform, suffix);
        if (args.create === false) {
            this.secretName = pulumi.output(secretName);
        } else {
            const secret = new kubernetes.core.v1.Secret(
                name,
                {
                    metadata: objectMetadata(args.platform, suffix),
                    type: "Opaque",
                    data: encode(values),
                },
                { parent: this },
            );
            this.secretName = secret.metadata.name;
            this.checksum = keyedChecksum(args.checksumKey, values);
        }
        this.registerOutputs({ secretName: this.secretName });
    }
}
