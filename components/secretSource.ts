/** A Secret that an operator in the cluster makes, of what the program gives it. */
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { SecretSource } from "../config/secretSource.ts";
import { definition, type ExpectedObject } from "./presence.ts";
import { objectLabels } from "./shared/labels.ts";
import { objectMetadata } from "./shared/metadata.ts";
import { objectName, type Platform } from "./shared/platform.ts";

/** Settings of a Secret that the program does not create. */
export type ForeignSource = Partial<Pick<SecretSource, "externalSecret" | "sealedSecret">>;

const external = { apiVersion: "external-secrets.io/v1", kind: "ExternalSecret" } as const;
const sealed = { apiVersion: "bitnami.com/v1alpha1", kind: "SealedSecret" } as const;

/** An operator takes seconds; what keeps it from its work does not end by itself. */
const patience = "1m";

/** What has to exist before: the APIs of the operators. */
export function operatorApis(sources: readonly ForeignSource[]): readonly ExpectedObject[] {
    const ids = sources.flatMap(({ externalSecret, sealedSecret }) => [
        ...(externalSecret ? ["externalsecrets.external-secrets.io"] : []),
        ...(sealedSecret ? ["sealedsecrets.bitnami.com"] : []),
    ]);
    return [...new Set(ids)].map(definition);
}

/**
 * The name of the Secret `<releaseName>-<suffix>`, known when the operator says that it has made it; at once where something
 * else makes it.
 * Source: https://external-secrets.io/latest/api/externalsecret/, https://github.com/bitnami/sealed-secrets
 * @param required keys of the Secret that the services read
 */
export function foreignSecret(
    parent: pulumi.ComponentResource,
    name: string,
    suffix: string,
    platform: Platform,
    required: readonly string[],
    { externalSecret, sealedSecret }: ForeignSource,
): pulumi.Output<string> {
    const secretName = objectName(platform, suffix);
    const made = (of: typeof external | typeof sealed, condition: string, spec: object): pulumi.Output<string> => {
        const annotations = { "pulumi.com/waitFor": `condition=${condition}` };
        const metadata = { ...objectMetadata(platform, suffix), annotations };
        const customTimeouts = { create: patience, update: patience };
        const object = new kubernetes.apiextensions.CustomResource(
            name,
            { ...of, metadata, spec },
            { parent, customTimeouts },
        );
        return object.metadata.name;
    };
    const template = { metadata: { labels: objectLabels(platform) }, type: "Opaque" };
    if (externalSecret !== undefined) {
        const { store, storeKind, key, optionalKeys, refreshInterval } = externalSecret;
        return made(external, "Ready", {
            secretStoreRef: { name: store, kind: storeKind },
            refreshInterval,
            target: { name: secretName, template },
            data: [...required, ...optionalKeys].map((property) => ({
                secretKey: property,
                remoteRef: { key, property },
            })),
        });
    }
    if (sealedSecret !== undefined) return made(sealed, "Synced", { encryptedData: sealedSecret, template });
    return pulumi.output(secretName);
}
