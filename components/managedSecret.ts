/** The Secret of a component: pods read it by name, and restart when its content changes. */
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { objectMetadata } from "./shared/metadata.ts";
import { type ForeignSource, foreignSecret } from "./secretSource.ts";
import type { Platform } from "./shared/platform.ts";
import { encode, keyedChecksum, type SecretValues } from "./shared/secretData.ts";

/** What every component with a Secret is given. */
export interface ManagedSecretArgs extends ForeignSource {
    readonly platform: Platform;
    /** Random text that keys the checksum. */
    readonly checksumKey: pulumi.Input<string>;
    /** Whether to create the Secret; otherwise an operator makes it, or one of the same name must exist. Default: true. */
    readonly create?: boolean;
}

/** A Secret as its readers see it. */
export interface ManagedSecret {
    /** Name of the Secret; where the program creates it, known when it exists. */
    readonly secretName: pulumi.Output<string>;
    /** Keyed checksum of the content, encrypted or not; absent where it is known elsewhere only. */
    readonly checksum: pulumi.Output<string> | undefined;
}

export interface ManagedSecretValues {
    readonly required: SecretValues;
    /** Keys that are left out where they have no value. */
    readonly optional?: SecretValues;
}

/**
 * Creates the Secret `<releaseName>-<suffix>` below a component, or, where `create` is false, what an operator makes it of.
 * @throws pulumi.ResourceError when a required value is absent
 */
export function managedSecret(
    parent: pulumi.ComponentResource,
    name: string,
    suffix: string,
    args: ManagedSecretArgs,
    { required, optional = {} }: ManagedSecretValues,
): ManagedSecret {
    if (args.create === false) {
        const secretName = foreignSecret(parent, name, suffix, args.platform, Object.keys(required), args);
        const { sealedSecret } = args;
        return { secretName, checksum: sealedSecret && keyedChecksum(args.checksumKey, sealedSecret) };
    }
    const missing = Object.keys(required).filter((key) => required[key] === undefined);
    if (missing.length > 0) {
        throw new pulumi.ResourceError(`The Secret ${suffix} needs values for ${missing.join(", ")}.`, parent);
    }
    const values = { ...required, ...optional };
    const secret = new kubernetes.core.v1.Secret(
        name,
        { metadata: objectMetadata(args.platform, suffix), type: "Opaque", data: encode(values) },
        { parent },
    );
    return { secretName: secret.metadata.name, checksum: keyedChecksum(args.checksumKey, values) };
}
