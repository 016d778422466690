import { createHash } from "node:crypto";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../config/index.ts";
import { secretNames } from "../config/secretNames.ts";
import { services } from "../config/services/index.ts";
import { dataPorts } from "./dataServices.ts";
import { objectLabels } from "./shared/labels.ts";
import { objectMetadata } from "./shared/metadata.ts";
import { objectName, type Platform, type PodDefaults as Defaults } from "./shared/platform.ts";
import { type ProxyConfig, proxyEgress, proxyVariables } from "./shared/proxy.ts";
import { encode } from "./shared/secretData.ts";

export interface PodDefaultsArgs {
    readonly platform: Omit<Platform, "imagePullSecrets" | "podDefaults">;
    /** Secrets for private image registries that exist already. */
    readonly imagePullSecrets: readonly string[];
    /** Credentials of a registry, for one more. */
    readonly imagePullSecret?: RegistryCredentials | undefined;
    /** PriorityClass of all pods; created where it has a value. Default: none. */
    readonly priorityClass: { readonly name?: string | undefined; readonly value?: number | undefined };
    /** Whether a pod waits rather than makes its zone more crowded than another one. */
    readonly strictZones: boolean;
    /** Certificate authorities: text in PEM, or a ConfigMap that exists. Default: none. */
    readonly caBundle: {
        readonly pem?: string | undefined;
        readonly configMap?: { readonly name: string; readonly key: string } | undefined;
    };
    readonly proxy: ProxyConfig;
}

export interface RegistryCredentials {
    readonly registry: string;
    readonly username: pulumi.Input<string>;
    readonly password: pulumi.Input<string>;
}

/** What the pods of a stack have in common in every namespace. */
export function ofAllPods(
    config: Pick<StackConfig, "imagePullSecrets" | "secrets" | "topologySpread" | "proxy">,
): Pick<PodDefaultsArgs, "imagePullSecrets" | "imagePullSecret" | "strictZones" | "proxy"> {
    return {
        imagePullSecrets: config.imagePullSecrets,
        imagePullSecret: config.secrets.imagePullSecret,
        strictZones: config.topologySpread.whenUnsatisfiable === "DoNotSchedule",
        proxy: config.proxy,
    };
}

const bundleDirectory = "/etc/ca-bundle";
const bundleFile = "ca.crt";

/** What all pods of a stack have in common, and the objects that it takes. */
export class PodDefaults extends pulumi.ComponentResource {
    /** The platform, for all components that make pods. */
    public readonly platform: Platform;
    private readonly name: string;

    public constructor(name: string, args: PodDefaultsArgs, opts?: pulumi.ComponentResourceOptions) {
        super("tradestream:index:PodDefaults", name, args, opts);
        this.name = name;
        const { platform, proxy } = args;
        const bundle = this.caBundle(args);
        this.platform = {
            ...platform,
            imagePullSecrets: [...args.imagePullSecrets, ...this.pullSecrets(args)],
            podDefaults: {
                variables: { ...proxyVariables(proxy, ownNames(platform)), ...bundle.variables },
                volumes: bundle.volumes,
                annotations: bundle.annotations,
                egress: proxyEgress(proxy),
                priorityClassName: this.priorityClass(args),
                strictZones: args.strictZones,
            },
        };
        this.registerOutputs();
    }

    /** Creates the Secret, if any, and returns its name, which is known when it exists. */
    private pullSecrets({ platform, imagePullSecret }: PodDefaultsArgs): readonly pulumi.Output<string>[] {
        if (imagePullSecret === undefined) return [];
        const { registry, username, password } = imagePullSecret;
        const config = pulumi.all([username, password]).apply(([username, password]) => {
            const auth = Buffer.from(`${username}:${password}`, "utf8").toString("base64");
            return JSON.stringify({ auths: { [keyOf(registry)]: { username, password, auth } } });
        });
        const secret = new kubernetes.core.v1.Secret(
            `${this.name}-image-pull-secret`,
            {
                metadata: objectMetadata(platform, secretNames.imagePull),
                type: "kubernetes.io/dockerconfigjson",
                data: encode({ ".dockerconfigjson": config }),
            },
            { parent: this },
        );
        return [secret.metadata.name];
    }

    private priorityClass({ platform, priorityClass }: PodDefaultsArgs): pulumi.Input<string> | undefined {
        const { name, value } = priorityClass;
        if (name === undefined || value === undefined) return name;
        const created = new kubernetes.scheduling.v1.PriorityClass(
            `${this.name}-priority-class`,
            { metadata: { name, labels: { ...objectLabels(platform) } }, value },
            { parent: this },
        );
        return created.metadata.name;
    }

    private caBundle({ platform, caBundle }: PodDefaultsArgs): Pick<Defaults, "variables" | "volumes" | "annotations"> {
        const { pem, configMap } = caBundle;
        if (pem === undefined && configMap === undefined) return { variables: {}, volumes: [], annotations: {} };
        const file = `${bundleDirectory}/${bundleFile}`;
        const { name, key } = pem === undefined ? configMap! : this.bundleOf(platform, pem);
        return {
            variables: { NODE_EXTRA_CA_CERTS: file, SSL_CERT_FILE: file },
            volumes: [
                {
                    volume: { name: "ca-bundle", configMap: { name, items: [{ key, path: bundleFile }] } },
                    mountPath: bundleDirectory,
                },
            ],
            // A process reads the file once, when it starts.
            annotations: pem === undefined ? {} : { "checksum/ca-bundle": sha256(pem) },
        };
    }

    private bundleOf(platform: PodDefaultsArgs["platform"], pem: string) {
        const created = new kubernetes.core.v1.ConfigMap(
            `${this.name}-ca-bundle`,
            { metadata: objectMetadata(platform, "ca-bundle"), data: { [bundleFile]: pem } },
            { parent: this },
        );
        return { name: created.metadata.name, key: bundleFile };
    }
}

/** The kubelet looks for Docker Hub's credentials under an old address (pkg/credentialprovider in kubernetes/kubernetes). */
function keyOf(registry: string): string {
    return registry === "docker.io" ? "https://index.docker.io/v1/" : registry;
}

/** Names without a dot by which pods ask the Services of the stack. */
function ownNames(platform: PodDefaultsArgs["platform"]): readonly string[] {
    const data = Object.keys(dataPorts).map((name) => (name === "redis" ? "redis-master" : name));
    return [...Object.values(services).map(({ name }) => name), ...data].map((name) => objectName(platform, name));
}

function sha256(text: string): string {
    return createHash("sha256").update(text).digest("hex");
}
