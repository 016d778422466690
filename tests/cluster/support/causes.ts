/** For each alert what it is about, made to happen on the cluster and made good again. */
import type { AlertName } from "../../../config/monitoring.ts";
import { get, kubectl, type KubeObject } from "./commands.ts";
import {
    type Cause,
    everywhere,
    failingAlways,
    failingSeldom,
    fullRedis,
    manyConnections,
    slowQueries,
} from "./dataCauses.ts";
import { pause } from "./load.ts";
import { keepDown } from "./node.ts";
import { onCluster } from "./objects.ts";
import type { Watch } from "./prometheus.ts";
import type { Sources } from "./sources.ts";
import * as strains from "./strains.ts";
import { namespace } from "./tradestream.ts";

/** Labels by which an alert is known; names of pods are known by their beginning. */
export type Labels = Readonly<Record<string, string | RegExp>>;

/** An alert with a cause. One alert may be known by several labels. */
export interface Sought {
    readonly cause: Cause;
    readonly labels?: Labels;
    /** How long it has to fire, in seconds, where without its cause it does so for a moment. Default: not at all. */
    readonly lasting?: number;
}

const dashboard = { deployment: "tradestream-agent-dashboard" };
const worker = "tradestream-notification-worker";
const backups = ["cronjob/tradestream-backup-full", "cronjob/tradestream-backup-incremental"];
const autoscaler = "horizontalpodautoscaler/tradestream-gateway-api";
const failing = "tradestream-database-migration-0badc0de";
const inNamespace = ["-n", namespace];

const patch = (object: string, change: object, type = "strategic"): Promise<string> =>
    kubectl("patch", object, ...inNamespace, "--type", type, "--patch", JSON.stringify(change));
const scale = (object: string, replicas: number): Promise<string> =>
    kubectl("scale", object, ...inNamespace, `--replicas=${replicas}`);

/** All alerts: the compiler asks for a cause of a new one. */
export type Causes = Readonly<Record<AlertName, Sought | readonly Sought[]>>;

export function causesOf(watch: Watch, sources: Sources): Causes {
    const fewErrors = failingSeldom(watch);
    const manyErrors = failingAlways();
    const slow = slowQueries();
    const noImage = missingImage();
    const strained: Cause = { places: ["strained"], create: strains.strain, remove: strains.relax };
    const filled: Cause = {
        places: ["volume"],
        prepare: async () => {
            await strains.openVolume();
            await watch.known(`kubelet_volume_stats_available_bytes{persistentvolumeclaim="${strains.claim}"}`);
        },
        create: () => strains.fill(0.95),
        remove: strains.empty,
        close: strains.closeVolume,
    };
    const old: Cause = { places: ["certificate"], create: strains.addCertificates, remove: strains.removeCertificates };
    const suspended = suspendedBackups();
    const silent = silentSources(sources);
    const container = (name: string): Sought => ({
        cause: strained,
        labels: { pod: strains.strained, container: name },
    });
    const ofClaim = { persistentvolumeclaim: strains.claim };
    const ofCertificate = { name: strains.oldCertificate };
    return {
        // In the order in which causes of the same place have their turns.
        TradeStreamErrorBudgetBurnSlow: { cause: fewErrors },
        TradeStreamRedisMemory: { cause: fullRedis },
        TradeStreamDataServiceDown: { cause: lostRedis, labels: { statefulset: "tradestream-redis-master" } },
        TradeStreamDatabaseConnections: { cause: manyConnections },
        TradeStreamErrorBudgetBurnFast: { cause: manyErrors, labels: { severity: "critical" } },
        TradeStreamRouteErrors: { cause: manyErrors, labels: { route: "GET /api/status" } },
        TradeStreamLatency: { cause: slow },
        TradeStreamDatabasePoolExhausted: { cause: slow, labels: { pod: /^tradestream-gateway-api-/ } },
        TradeStreamServiceDown: { cause: noImage, labels: dashboard },
        TradeStreamReplicasMissing: { cause: endlessRollout, labels: dashboard },
        TradeStreamPodPending: { cause: noImage, labels: { pod: /^tradestream-agent-dashboard-/ } },
        TradeStreamContainerRestarts: container("crash"),
        TradeStreamCpuNearLimit: container("cpu"),
        TradeStreamMemoryNearLimit: container("memory"),
        TradeStreamAutoscalerAtMaximum: { cause: lowMaximum },
        // At this speed, a run that takes some seconds counts as failed until it ends.
        TradeStreamCronJobFailed: { cause: hangingRuns, labels: { cronjob: worker }, lasting: 20 },
        TradeStreamCronJobLate: { cause: suspended, labels: { cronjob: /^tradestream-backup-/ } },
        TradeStreamBackupTooOld: { cause: suspended },
        TradeStreamJobFailed: { cause: failedJob, labels: { job_name: failing } },
        TradeStreamCertificateNotReady: { cause: old, labels: { name: strains.missingCertificate } },
        TradeStreamCertificateNotRenewed: { cause: old, labels: ofCertificate },
        TradeStreamCertificateExpiring: { cause: old, labels: ofCertificate },
        TradeStreamVolumeFilling: { cause: filled, labels: ofClaim },
        TradeStreamVolumeFull: { cause: filled, labels: ofClaim },
        TradeStreamMetricsMissing: [
            { cause: lostRedis, labels: { source: "redis-exporter" } },
            ...["gateway-api", "postgres-exporter", "kube-state-metrics", "cert-manager"].map((source) => ({
                cause: silent,
                labels: { source },
            })),
            { cause: lostKubelet, labels: { source: "kubelet" } },
        ],
    };
}

/** A container's image that no node has and no registry serves. */
const nowhere = "stand-in.tradestream.local/does-not-exist:v1";

interface Template {
    readonly spec: { readonly containers: readonly { readonly name: string; readonly image: string }[] };
}

function withImage({ spec }: KubeObject, image?: string): object {
    const [container] = (spec["template"] as Template).spec.containers;
    return { template: { spec: { containers: [{ name: container!.name, image: image ?? container!.image }] } } };
}

/** A release of agent-dashboard with an image that is not there, while the old pods end. */
function missingImage(): Cause {
    const object = `deployment/${dashboard.deployment}`;
    let before: KubeObject;
    return {
        places: ["agent-dashboard"],
        create: async () => {
            before = (await get("deployment", dashboard.deployment, ...inNamespace))[0]!;
            const strategy = { rollingUpdate: { maxUnavailable: "100%" } };
            await patch(object, { spec: { strategy, ...withImage(before, nowhere) } });
        },
        remove: () => patch(object, { spec: { strategy: before.spec["strategy"], ...withImage(before) } }),
    };
}

const setEnv = (object: string, variable: string): Promise<string> =>
    kubectl("set", "env", object, ...inNamespace, variable);

/** Its new pods are never ready, and the old ones stay. */
const endlessRollout: Cause = {
    places: ["agent-dashboard"],
    create: () => setEnv(`deployment/${dashboard.deployment}`, "STAND_IN_FAIL=ready"),
    remove: () => setEnv(`deployment/${dashboard.deployment}`, "STAND_IN_FAIL-"),
};

const lostRedis: Cause = (() => {
    const object = "statefulset/tradestream-redis-master";
    let before: KubeObject;
    return {
        places: ["redis"],
        create: async () => {
            before = (await get("statefulset", "tradestream-redis-master", ...inNamespace))[0]!;
            await patch(object, { spec: withImage(before, nowhere) });
        },
        remove: async () => {
            await patch(object, { spec: withImage(before) });
            // A StatefulSet waits for a pod that never starts.
            await kubectl("delete", "pod", "tradestream-redis-master-0", ...inNamespace, "--now");
        },
    };
})();

const maximum = (maxReplicas: number): Promise<string> => patch(autoscaler, { spec: { maxReplicas } }, "merge");
const lowMaximum: Cause = { places: ["autoscaler"], create: () => maximum(2), remove: () => maximum(3) };

const hanging = "STAND_IN_HANG_SECONDS";
const hangingRuns: Cause = {
    places: ["notification-worker"],
    create: () => setEnv(`cronjob/${worker}`, `${hanging}=300`),
    remove: async () => {
        await setEnv(`cronjob/${worker}`, `${hanging}-`);
        await kubectl("delete", "jobs", ...inNamespace, "-l", "app.kubernetes.io/component=notification-worker");
    },
};

function suspendedBackups(): Cause {
    const suspend = (is: boolean) => Promise.all(backups.map((name) => patch(name, { spec: { suspend: is } })));
    return { places: ["backups"], create: () => suspend(true), remove: () => suspend(false) };
}

/** The migration once more, which fails. */
const failedJob: Cause = {
    places: ["jobs"],
    create: async () => {
        const jobs = await get("jobs", ...inNamespace, "-l", "app.kubernetes.io/component=database-migration");
        const { metadata, spec } = jobs[0]!.spec["template"] as {
            readonly metadata: { readonly labels: Readonly<Record<string, string>> };
            readonly spec: { readonly containers: readonly { readonly env?: readonly object[] }[] };
        };
        const own = Object.entries(metadata.labels).filter(([label]) => !/controller-uid|job-name/.test(label));
        const fails = { name: "STAND_IN_FAIL", value: "1" };
        const containers = spec.containers.map((each) => ({ ...each, env: [...(each.env ?? []), fails] }));
        const template = { metadata: { labels: Object.fromEntries(own) }, spec: { ...spec, containers } };
        const job = { apiVersion: "batch/v1", kind: "Job", metadata: { name: failing, namespace } };
        await onCluster("create", [{ ...job, spec: { backoffLimit: 0, template } }]);
    },
    remove: () => kubectl("delete", "job", failing, ...inNamespace),
};

/** Without them, other alerts cannot be seen. */
function silentSources(sources: Sources): Cause {
    const watched = { "deployment/tradestream-gateway-api": 2, "deployment/tradestream-postgres-exporter": 1 };
    const scaled = (all: boolean) =>
        Promise.all(Object.entries(watched).map(([object, replicas]) => scale(object, all ? replicas : 0)));
    return {
        places: [everywhere],
        create: () => Promise.all([scaled(false), sources.stopStateMetrics(), sources.scaleCertManager(0)]),
        remove: () => Promise.all([scaled(true), sources.startStateMetrics(), sources.scaleCertManager(1)]),
    };
}

/** Long enough for what it has said to be too old, and for the alert to wait. */
const withoutKubelet = 40;
const lostKubelet: Cause = (() => {
    let down: Promise<unknown> = Promise.resolve();
    return {
        places: [everywhere],
        create: () => {
            down = keepDown("kubelet", withoutKubelet);
            return pause(1000);
        },
        remove: () => down,
    };
})();
