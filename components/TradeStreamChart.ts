import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { ChartSource } from "../config/chart.ts";
import type { BackupValues, ServerTls } from "../config/chartValues.ts";
import { secretType } from "../config/secretType.ts";
import { services as table } from "../config/services/index.ts";
import { chartValues } from "./chartValues.ts";
import { dataLabels, dataPorts } from "./dataServices.ts";
import { objectLabels } from "./shared/labels.ts";
import { objectMetadata } from "./shared/metadata.ts";
import { from, policySpec, pods, toDns, toPublicHttps } from "./shared/networkPolicy.ts";
import type { Platform } from "./shared/platform.ts";
import { encode } from "./shared/secretData.ts";

export interface TradeStreamChartArgs {
    readonly platform: Platform;
    readonly source: ChartSource;
    /** Values of the stack; they win over the program's. */
    readonly values: pulumi.Input<Readonly<Record<string, unknown>>>;
    /** Sizes of the embedded chart's volumes, by StatefulSet. Default: as they were made, or the chart's. */
    readonly volumeSizes?: Readonly<Record<string, string>>;
    /** Time for an install or an upgrade, in seconds. */
    readonly timeoutSeconds: pulumi.Input<number>;
    /** A release that was installed by hand, as `namespace/name`: its first update takes it over. Default: none. */
    readonly existingRelease?: string;
    /** Registry of PostgreSQL's and Redis' images. Default: the chart's own. */
    readonly imageRegistry?: string | undefined;
    readonly databaseName: pulumi.Input<string>;
    /** max_connections of PostgreSQL. */
    readonly maxConnections: number;
    /** Password of PostgreSQL; without one the chart installs none. */
    readonly postgresPassword?: pulumi.Input<string> | undefined;
    /** Whether Redis is outside the cluster; the chart then installs none. */
    readonly externalRedis: boolean;
    /** Password of Redis; without one Redis asks for none. */
    readonly redisPassword?: pulumi.Input<string> | undefined;
    /** Keyed checksum that changes with the password of Redis. */
    readonly passwordChecksum?: pulumi.Input<string> | undefined;
    /** The certificate of PostgreSQL; without one it speaks no TLS. */
    readonly databaseTls?: ServerTls | undefined;
    /** How PostgreSQL is backed up; without it, it is not. */
    readonly backup?: ChartBackup | undefined;
    /** Components whose pods connect to its data services. */
    readonly clients: Readonly<Record<keyof typeof statefulSets, readonly string[]>>;
    /** Secrets that the chart needs before it is installed: name, key, value. */
    readonly secrets: Readonly<Record<string, Readonly<Record<string, pulumi.Input<string>>>>>;
    /** Whether to create network policies for the chart's pods. */
    readonly networkPolicies: boolean;
    /** Whether the release refuses deletion. */
    readonly protect: boolean;
}

interface ChartBackup extends BackupValues {
    /** Connections to the repository. */
    readonly egress: readonly Egress[];
}

type Egress = kubernetes.types.input.networking.v1.NetworkPolicyEgressRule;

const revisionsKept = 10;

/** The tradestream chart as a Helm release: database, cache, and whatever data services another chart brings. */
export class TradeStreamChart extends pulumi.ComponentResource {
    public readonly release: kubernetes.helm.v3.Release;

    public constructor(name: string, args: TradeStreamChartArgs, opts?: pulumi.ComponentResourceOptions) {
        // An input of the component would be a change when the key has done its work and goes.
        super("tradestream:index:TradeStreamChart", name, { ...args, existingRelease: undefined }, opts);
        const { platform, source } = args;
        const before = [
            ...this.createSecrets(name, args),
            ...(args.networkPolicies ? this.createPolicies(name, args) : []),
        ];
        const { version, repository, contentHash } = source;
        this.release = new kubernetes.helm.v3.Release(
            name,
            {
                name: platform.releaseName,
                namespace: platform.namespace,
                chart: source.chart,
                ...(version !== undefined && { version }),
                ...(repository !== undefined && { repositoryOpts: { repo: repository } }),
                // Helm looks at the version in Chart.yaml only; an edited chart shows here (pulumi-kubernetes#2568).
                ...(contentHash !== undefined && { description: `chart content sha256:${contentHash}` }),
                values: chartValues({
                    ...args,
                    imagePullSecrets: platform.imagePullSecrets,
                    priorityClassName: platform.podDefaults?.priorityClassName,
                }),
                createNamespace: false,
                atomic: true,
                cleanupOnFail: true,
                maxHistory: revisionsKept,
                timeout: args.timeoutSeconds,
            },
            {
                parent: this,
                protect: args.protect,
                dependsOn: before,
                ...(args.existingRelease !== undefined && { import: args.existingRelease }),
            },
        );
        this.growVolumes(name, args);
        this.registerOutputs({ releaseName: this.release.name });
    }

    private createSecrets(name: string, { platform, secrets }: TradeStreamChartArgs): pulumi.Resource[] {
        return Object.entries(secrets).map(
            ([secret, data]) =>
                new kubernetes.core.v1.Secret(
                    `${name}-${secret}`,
                    {
                        metadata: {
                            name: secret,
                            namespace: platform.namespace,
                            labels: { ...objectLabels(platform) },
                        },
                        type: secretType(data),
                        data: encode(data),
                    },
                    { parent: this },
                ),
        );
    }

    /** Claims belong to no release, and a StatefulSet's template of them cannot change: they are grown here. */
    private growVolumes(name: string, args: TradeStreamChartArgs): void {
        const { platform, volumeSizes = {} } = args;
        const installed = installedServices(args).map((service) => statefulSets[service]);
        for (const [statefulSet, storage] of Object.entries(volumeSizes)) {
            if (!installed.some((own) => own === statefulSet)) continue;
            new kubernetes.core.v1.PersistentVolumeClaimPatch(
                `${name}-${statefulSet}-volume`,
                {
                    metadata: {
                        name: `data-${platform.releaseName}-${statefulSet}-0`,
                        namespace: platform.namespace,
                        // The field is the StatefulSet controller's, which made the claim and leaves it alone.
                        annotations: { "pulumi.com/patchForce": "true" },
                    },
                    spec: { resources: { requests: { storage } } },
                },
                // A volume cannot shrink, so that nothing is to be taken back.
                { parent: this, dependsOn: this.release, retainOnDelete: true },
            );
        }
    }

    /** The chart's pods accept connections from the services that use them, and open none but those to the backups. */
    private createPolicies(name: string, args: TradeStreamChartArgs): pulumi.Resource[] {
        const { platform, source, backup, clients } = args;
        const policy = (
            suffix: string,
            spec: kubernetes.types.input.networking.v1.NetworkPolicySpec,
        ): pulumi.Resource =>
            new kubernetes.networking.v1.NetworkPolicy(
                `${name}-${suffix}`,
                {
                    metadata: objectMetadata(platform, suffix),
                    spec,
                },
                { parent: this },
            );
        const data = installedServices(args).map((service) => {
            const isBackedUp = service === "postgresql" && backup !== undefined;
            const peers = [...clients[service], ...(isBackedUp ? ["backup"] : [])].map((client) =>
                pods(platform, client),
            );
            return policy(
                service,
                policySpec(dataLabels(platform, service), {
                    ingress: peers.length > 0 ? [from(peers, dataPorts[service])] : [],
                    ...(isBackedUp && { egress: [toDns, ...backup.egress] }),
                }),
            );
        });
        return source.embedded ? data : [...data, policy("chart", withinRelease(platform))];
    }
}

/** StatefulSets of the data services, without the release's name. */
const statefulSets = { postgresql: "postgresql", redis: "redis-master" } as const;

/** The data services that are not outside the cluster. */
function installedServices({
    postgresPassword,
    externalRedis,
}: TradeStreamChartArgs): readonly (keyof typeof statefulSets)[] {
    return [
        ...(postgresPassword === undefined ? [] : (["postgresql"] as const)),
        ...(externalRedis ? [] : (["redis"] as const)),
    ];
}

/** For the pods of another chart: traffic among themselves, DNS, and HTTPS to public addresses. */
function withinRelease(platform: Platform): kubernetes.types.input.networking.v1.NetworkPolicySpec {
    const release = { podSelector: { matchLabels: { "app.kubernetes.io/instance": platform.releaseName } } };
    return {
        podSelector: {
            ...release.podSelector,
            matchExpressions: [
                {
                    key: "app.kubernetes.io/component",
                    operator: "NotIn",
                    values: Object.values(table).map(({ name }) => name),
                },
            ],
        },
        policyTypes: ["Ingress", "Egress"],
        ingress: [{ from: [release] }],
        egress: [{ to: [release] }, toDns, toPublicHttps],
    };
}
