/** What the pods of a stack ask for together, at full scale and during a rollout. */
import { knownValues } from "./chartSchema.ts";
import { quantity } from "./quantity.ts";
import type { Settings } from "./schema.ts";
import type { PlainSecrets } from "./secrets.ts";
import { serviceKeys, type WebServiceConfig, webServices } from "./services/index.ts";
import type { WorkloadConfig } from "./services/service.ts";
import { valueAt } from "./values.ts";

export type Side = "requests" | "limits";
export type Resource = "cpu" | "memory";

/** Pods of one kind. */
export interface Need {
    /** A key of the configuration, or words. */
    readonly what: string;
    /** The most that there are at a time. */
    readonly pods: number;
    /** What one of them asks for, in cores and bytes. */
    readonly amount: (side: Side, resource: Resource) => number;
}

type Scale = Partial<Pick<WebServiceConfig, "paused" | "autoscaling" | "replicaCount">>;

/** A Deployment's pods are one more during a rollout (maxSurge); those that terminate only delay it. */
const surge = 1;

/** Full, incremental and first backup and a restore test: each runs once at a time. */
const backupJobs = 4;

/** The pod that cert-manager starts for a challenge of a host (its flags --acme-http01-solver-resource-…). */
const solver = { requests: { cpu: "10m", memory: "64Mi" }, limits: { cpu: "100m", memory: "64Mi" } };

/** The needs of services, of the chart's PostgreSQL and Redis, and of cert-manager; other pods of a chart are not known. */
export function podNeeds(settings: Settings, secrets: PlainSecrets): readonly Need[] {
    const services = serviceKeys.map((key): Need => {
        const config: WorkloadConfig & Scale = settings[key];
        const { enabled, paused = false, autoscaling, replicaCount } = config;
        // A CronJob and a Job have one pod: runs do not overlap, and a failed pod counts no more.
        const most =
            replicaCount === undefined ? 1 : (autoscaling?.enabled ? autoscaling.maxReplicas : replicaCount) + surge;
        return { what: key, pods: enabled && !paused ? most : 0, amount: (...of) => amountOf(config, ...of) };
    });
    const hosts = webServices.flatMap((key) => {
        const { enabled, ingress } = settings[key];
        return enabled && ingress.enabled ? ingress.tls.flatMap((entry) => entry.hosts) : [];
    });
    const challenges: Need = {
        what: "cert-manager's challenges",
        pods: hosts.length,
        amount: (side, resource) => quantity(solver[side][resource]),
    };
    const { backup } = settings;
    const backups: Need = {
        what: "backup",
        pods: backup.enabled ? backupJobs : 0,
        amount: (side, resource) => quantity(backup.resources[side][resource]),
    };
    return [...services, ...chartNeeds(settings, secrets), backups, challenges].filter(({ pods }) => pods > 0);
}

function chartNeeds({ chart }: Settings, { databaseUrl, redisUrl }: PlainSecrets): readonly Need[] {
    const values = knownValues(chart);
    const need = (what: string, group: string): Need => ({
        what,
        pods: 1,
        // What is no amount is an error of its own.
        amount: (side, resource) => quantity(String(valueAt(values, [what, group, "resources", side, resource]))) || 0,
    });
    return [
        ...(databaseUrl === undefined ? [need("postgresql", "primary")] : []),
        ...(redisUrl === undefined ? [need("redis", "master")] : []),
    ];
}

/**
 * What a pod asks for: the most of its containers and sidecars together, and of each init container beside the sidecars that
 * run by then. Source: https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#resource-sharing-within-containers
 */
function amountOf(config: WorkloadConfig, side: Side, resource: Resource): number {
    const { initContainers = [], sidecars = [] } = config;
    const own = quantity(config.resources[side][resource]);
    let staying = 0;
    let most = 0;
    for (const container of [...initContainers, ...sidecars]) {
        const amount = quantity(container.resources[side][resource]);
        if (sidecars.includes(container) || container["restartPolicy"] === "Always") staying += amount;
        else most = Math.max(most, staying + amount);
    }
    return Math.max(most, staying + own);
}
