import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { BackupConfig } from "../config/backup.ts";
import { secretNames } from "../config/secretNames.ts";
import { managedSecret, type ManagedSecretArgs } from "./managedSecret.ts";
import { type BackupObjects, configFiles, secretFile } from "./pgbackrest.ts";
import { objectMetadata } from "./shared/metadata.ts";
import { keyedChecksum } from "./shared/secretData.ts";

export interface BackupRepositoryArgs extends Omit<ManagedSecretArgs, "create"> {
    readonly config: BackupConfig;
    /** Name of the namespace, for the default place in the repository. */
    readonly namespace: string;
    /** Directory of the database on its volume. */
    readonly dataDirectory: string;
    /** Encrypts the backups; required unless the Secret is created elsewhere. */
    readonly passphrase?: pulumi.Input<string> | undefined;
    /** Keys of the bucket; required with one, unless the Secret is created elsewhere. */
    readonly accessKey?: pulumi.Input<string> | undefined;
    readonly secretKey?: pulumi.Input<string> | undefined;
}

/** `<releaseName>-backup` and `<releaseName>-backup-secrets`: where the backups are, and how they are reached and encrypted. */
export class BackupRepository extends pulumi.ComponentResource {
    public readonly objects: BackupObjects;

    public constructor(name: string, args: BackupRepositoryArgs, opts?: pulumi.ComponentResourceOptions) {
        super("tradestream:index:BackupRepository", name, args, opts);
        const { platform, config, passphrase, accessKey, secretKey } = args;
        if (config.createSecret && config.s3 && (accessKey === undefined || secretKey === undefined))
            throw new pulumi.ResourceError("A bucket needs accessKey and secretKey.", this);
        const files = configFiles(platform, args.namespace, config, args.dataDirectory);
        const configMap = new kubernetes.core.v1.ConfigMap(
            `${name}-config`,
            { metadata: objectMetadata(platform, "backup"), data: files },
            { parent: this },
        );
        const content =
            passphrase === undefined
                ? undefined
                : pulumi
                      .all([passphrase, accessKey, secretKey])
                      .apply(([passphrase, accessKey, secretKey]) => secretFile({ passphrase, accessKey, secretKey }));
        const { secretName } = managedSecret(
            this,
            name,
            secretNames.backup,
            { ...args, create: config.createSecret },
            { required: { "secrets.conf": content } },
        );
        this.objects = {
            configMap: configMap.metadata.name,
            secret: secretName,
            checksum: keyedChecksum(args.checksumKey, { ...files, "secrets.conf": content }),
        };
        this.registerOutputs({ configMapName: this.objects.configMap, secretName });
    }
}
