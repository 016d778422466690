import type * as pulumi from "@pulumi/pulumi";
import type { ExporterConfig } from "../config/services/index.ts";
import {
    type DatabaseSource,
    databaseUrl,
    databaseVolumes,
    type External,
    redisUrl,
    toData,
    verificationVariables,
} from "./dataServices.ts";
import { clientOf } from "./databaseLogins.ts";
import { DeployedWorkload } from "./DeployedWorkload.ts";
import { environment, type Source } from "./shared/environment.ts";
import { from, namespace, toDns } from "./shared/networkPolicy.ts";
import type { Platform } from "./shared/platform.ts";
import type { MountedVolume } from "./shared/pod.ts";
import { checksumAnnotations } from "./Workload.ts";

export interface ExporterArgs {
    readonly platform: Platform;
    readonly component: keyof typeof kinds;
    readonly config: ExporterConfig;
    /** Secret with the addresses of the data services. */
    readonly database: DatabaseSource;
    /** Data services outside the cluster. Default: the chart's. */
    readonly external?: External | undefined;
    /** Whether annotations of the pods tell Prometheus to scrape them. */
    readonly scrapeAnnotations: boolean;
    /** Namespace of Prometheus. */
    readonly monitoringNamespace: string;
}

/** What differs between the exporters. */
interface Kind {
    /** What it measures. */
    readonly of: "postgresql" | "redis";
    readonly port: number;
    /** Path that is answered whatever the data service does: it is no reason to restart the exporter. */
    readonly healthPath: string;
    readonly variables: (args: ExporterArgs) => Readonly<Record<string, Source | undefined>>;
    readonly volumes?: (args: ExporterArgs) => readonly MountedVolume[];
}

const kinds = {
    "postgres-exporter": {
        of: "postgresql",
        port: 9187,
        healthPath: "/",
        variables: ({ database, external }) => ({
            DATA_SOURCE_NAME: database.ownRoles === true ? databaseUrl("postgres-exporter", database) : undefined,
            // Where its address says nothing of TLS.
            PGSSLMODE: external?.postgresql ? "verify-full" : "disable",
            ...verificationVariables(database.tls),
        }),
        volumes: ({ database }) => databaseVolumes(database.tls, clientOf("postgres-exporter", database)),
    },
    "redis-exporter": {
        of: "redis",
        port: 9121,
        healthPath: "/health",
        variables: ({ platform, database }) => ({ REDIS_ADDR: redisUrl(platform, database) }),
    },
} as const satisfies Readonly<Record<string, Kind>>;

/** Name of the port that Prometheus scrapes. */
export const metricsPort = "metrics";

const timings = { initialDelaySeconds: 0, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 };

/** What no stack needs to decide: nobody waits for a scrape that ends. */
const fixed = { preStopSleepSeconds: 0, terminationGracePeriodSeconds: 30, progressDeadlineSeconds: 300 };

/** Pods that ask a data service for its metrics whenever Prometheus asks them. */
export class Exporter extends DeployedWorkload {
    public constructor(name: string, args: ExporterArgs, opts?: pulumi.ComponentResourceOptions) {
        const { component } = args;
        const { of, port, healthPath, variables, volumes }: Kind = kinds[component];
        const { config, platform, database, external } = args;
        const health = { path: healthPath, port: metricsPort, ...timings };
        super(
            "tradestream:index:Exporter",
            name,
            {
                platform,
                component,
                config: { ...config, ...fixed },
                env: environment({ ...variables(args), ...config.env }),
                ports: [{ name: metricsPort, containerPort: port }],
                probes: { liveness: { ...health, periodSeconds: 30 }, readiness: health },
                volumes: volumes?.(args) ?? [],
                podAnnotations: {
                    ...checksumAnnotations({ "database-secrets": database }),
                    ...(args.scrapeAnnotations && {
                        "prometheus.io/scrape": "true",
                        "prometheus.io/port": String(port),
                        "prometheus.io/path": "/metrics",
                    }),
                },
                networkRules: {
                    ingress: [from([namespace(args.monitoringNamespace)], port)],
                    egress: [toData(platform, of, external), toDns],
                },
            },
            opts,
        );
        this.registerOutputs({ deploymentName: this.deployment.metadata.name });
    }
}
