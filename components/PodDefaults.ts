import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { objectMetadata } from "./shared/metadata.ts";
import type { Platform } from "./shared/platform.ts";
import { encode } from "./shared/secretData.ts";

export interface PodDefaultsArgs {
    readonly platform: Omit<Platform, "imagePullSecrets">;
    /** Secrets for private image registries that exist already. */
    readonly imagePullSecrets: readonly string[];
    /** Credentials of a registry, for one more. */
    readonly imagePullSecret?: RegistryCredentials | undefined;
}

export interface RegistryCredentials {
    readonly registry: string;
    readonly username: pulumi.Input<string>;
    readonly password: pulumi.Input<string>;
}

/** What all pods of a stack have in common, and the objects that it takes. */
export class PodDefaults extends pulumi.ComponentResource {
    /** The platform, for all components that make pods. */
    public readonly platform: Platform;

    public constructor(name: string, args: PodDefaultsArgs, opts?: pulumi.ComponentResourceOptions) {
        super("tradestream:index:PodDefaults", name, args, opts);
        const created = args.imagePullSecret && this.createPullSecret(name, args.platform, args.imagePullSecret);
        this.platform = {
            ...args.platform,
            imagePullSecrets: [...args.imagePullSecrets, ...(created === undefined ? [] : [created])],
        };
        this.registerOutputs();
    }

    /** Creates the Secret and returns its name, which is known when it exists. */
    private createPullSecret(
        name: string,
        platform: PodDefaultsArgs["platform"],
        { registry, username, password }: RegistryCredentials,
    ): pulumi.Output<string> {
        const config = pulumi.all([username, password]).apply(([username, password]) => {
            const auth = Buffer.from(`${username}:${password}`, "utf8").toString("base64");
            return JSON.stringify({ auths: { [keyOf(registry)]: { username, password, auth } } });
        });
        const secret = new kubernetes.core.v1.Secret(
            `${name}-image-pull-secret`,
            {
                metadata: objectMetadata(platform, "image-pull-secret"),
                type: "kubernetes.io/dockerconfigjson",
                data: encode({ ".dockerconfigjson": config }),
            },
            { parent: this },
        );
        return secret.metadata.name;
    }
}

/** The kubelet looks for Docker Hub's credentials under an old address (pkg/credentialprovider in kubernetes/kubernetes). */
function keyOf(registry: string): string {
    return registry === "docker.io" ? "https://index.docker.io/v1/" : registry;
}
