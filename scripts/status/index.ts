/** What runs of a stack, in which versions, and what is not as it should be; as its cluster says. */
import { readReleases, type Releases } from "../deploy/releases.ts";
import { diagnose } from "../diagnose.ts";
import type { Kubectl } from "../kubectl.ts";
import { type Alertmanager, type Alerts, alertsOf } from "./alerts.ts";
import { type Certificate, certificatesOf } from "./certificates.ts";
import { type Host, hostsOf } from "./hosts.ts";
import { hasCondition, type KubeObject, type PodTemplate, readObjects } from "./objects.ts";

/** Printed by `--json`; docs/operations.md promises its fields. Times in ISO 8601. */
export interface Status extends Alerts {
    readonly stack: string;
    readonly namespace: string;
    readonly time: string;
    /** Whether there are no problems. */
    readonly healthy: boolean;
    /** The Helm release; null where there is none. */
    readonly release: { readonly chart: string | null; readonly revision: number; readonly status: string } | null;
    /** The last good release of `npm run deploy`; null where it has found none. */
    readonly deployed: Deployed | null;
    readonly workloads: readonly Workload[];
    readonly schedules: readonly Schedule[];
    /** The newest migration; null where none has been. */
    readonly migration: Run | null;
    /** The newest smoke test; null where none has been. */
    readonly smokeTest: Run | null;
    /** The last successful backup; null where backups are off. */
    readonly backup: { readonly lastSuccess: string | null; readonly ageSeconds: number | null } | null;
    readonly hosts: readonly Host[];
    readonly certificates: readonly Certificate[];
    /** One sentence for each thing that is not as it should be, with lines of `diagnose` below it. */
    readonly problems: readonly string[];
}

/** What `npm run deploy` knows. A `pulumi up` by hand leaves no trace there. */
export interface Deployed {
    readonly commit: string;
    /** When it was found good. */
    readonly time: string;
    /** Commit of a later deployment that runs, or that was neither found good nor taken back; null where there is none. */
    readonly unfinished: string | null;
}

/** A Deployment or StatefulSet. */
export interface Workload {
    readonly kind: string;
    readonly name: string;
    readonly ready: number;
    readonly wanted: number;
    /** Whether it is to have no pods. */
    readonly paused: boolean;
    /** Restarts of the containers of its pods. */
    readonly restarts: number;
    readonly images: readonly Image[];
    /** Address of the Service of its name within the cluster. */
    readonly address: string | null;
}

/** Image of a container, with the digests that run, or that have run as far as the pods are still there. */
export interface Image {
    readonly image: string;
    readonly digests: readonly string[];
}

/** A Job. */
export interface Run {
    readonly name: string;
    readonly state: "succeeded" | "failed" | "running";
    readonly finished: string | null;
    readonly images: readonly Image[];
}

/** A CronJob. */
export interface Schedule {
    readonly name: string;
    readonly schedule: string;
    readonly suspended: boolean;
    readonly running: number;
    readonly lastStart: string | null;
    readonly lastSuccess: string | null;
    readonly images: readonly Image[];
}

export interface StatusTarget {
    readonly stack: string;
    readonly namespace: string;
    readonly releaseName: string;
    /** Default: nobody is asked for alerts. */
    readonly alertmanager?: Alertmanager | undefined;
}

/** @throws when the cluster cannot be asked */
export async function readStatus(target: StatusTarget, kubectl: Kubectl, now = new Date()): Promise<Status> {
    const { stack, namespace, releaseName, alertmanager } = target;
    const [objects, release, releases, diagnosis, alerts] = await Promise.all([
        readObjects(kubectl, namespace),
        releaseOf(releaseName, kubectl, namespace),
        readReleases({ kubectl, namespace, releaseName }),
        diagnose(kubectl, namespace),
        alertsOf(alertmanager, kubectl, namespace),
    ]);
    const hosts = await hostsOf(objects, kubectl, namespace);
    const certificates = await certificatesOf(hosts, kubectl, namespace, now);
    const workloads = ofKind(objects, "Deployment", "StatefulSet").map((each) => workloadOf(each, objects));
    const schedules = ofKind(objects, "CronJob").map((each) => scheduleOf(each, objects));
    const migration = newestRun(objects, "database-migration");
    const smokeTest = newestRun(objects, "smoke-test");
    const chart = ofKind(objects, "StatefulSet").flatMap(({ metadata }) => metadata.labels?.["helm.sh/chart"] ?? [])[0];
    const problems = [
        ...(release !== null && release.status !== "deployed"
            ? [`the release ${releaseName} is ${release.status}`]
            : []),
        ...workloads.flatMap(({ kind, name, ready, wanted }) =>
            ready < wanted ? [`${kind} ${name} has ${ready} of ${wanted} pods ready`] : [],
        ),
        ...schedules.flatMap((each) =>
            isBroken(each) ? [`the run of ${each.name} at ${each.lastStart} did not succeed`] : [],
        ),
        ...[migration, smokeTest].flatMap((run) => (run?.state === "failed" ? [`the Job ${run.name} failed`] : [])),
        ...hosts.flatMap(({ host, by, problem }) => (problem === null ? [] : [`${host}: ${by} ${problem}`])),
        ...certificates.flatMap(({ secretName, problem }) =>
            problem === null ? [] : [`certificate ${secretName}: ${problem}`],
        ),
        ...(alerts.alerts ?? []).flatMap(({ name, severity, summary }) =>
            severity === "critical" ? [`the alert ${name} fires: ${summary ?? "it has no summary"}`] : [],
        ),
        ...diagnosis,
    ];
    return {
        ...{ stack, namespace, time: now.toISOString(), healthy: problems.length === 0 },
        release: release && { chart: chart ?? null, ...release },
        deployed: deployedOf(releases),
        ...{
            workloads,
            schedules,
            migration,
            smokeTest,
            backup: backupOf(objects, now),
            hosts,
            certificates,
            ...alerts,
            problems,
        },
    };
}

function ofKind(objects: readonly KubeObject[], ...kinds: readonly string[]): readonly KubeObject[] {
    return objects.filter(({ kind }) => kinds.includes(kind));
}

/** Helm's newest record, by its labels: its content has the chart's values, secrets among them. */
async function releaseOf(name: string, kubectl: Kubectl, namespace: string) {
    const labels = "{.metadata.labels.version} {.metadata.labels.status}";
    const output = `jsonpath={range .items[*]}${labels}{"\\n"}{end}`;
    const text = await kubectl(["get", "secrets", "-n", namespace, "-l", `owner=helm,name=${name}`, "-o", output]);
    const records = text.split("\n").flatMap((line) => {
        const [revision = "", status = ""] = line.split(" ");
        return status === "" ? [] : [{ revision: Number(revision), status }];
    });
    return records.toSorted((a, b) => b.revision - a.revision)[0] ?? null;
}

function deployedOf({ good: [last], unfinished }: Releases): Deployed | null {
    return last === undefined ? null : { commit: last.commit, time: last.deployed, unfinished: unfinished ?? null };
}

function workloadOf(workload: KubeObject, objects: readonly KubeObject[]): Workload {
    const { kind, metadata, spec, status } = workload;
    const selector = Object.entries(spec.selector?.matchLabels ?? {});
    const pods = ofKind(objects, "Pod").filter((pod) =>
        selector.every(([label, value]) => pod.metadata.labels?.[label] === value),
    );
    const containers = pods.flatMap((pod) => pod.status?.containerStatuses ?? []);
    const { replicas: wanted = 1 } = spec;
    return {
        ...{ kind, name: metadata.name, ready: status?.readyReplicas ?? 0, wanted, paused: wanted === 0 },
        restarts: containers.reduce((sum, { restartCount }) => sum + restartCount, 0),
        images: imagesOf(spec.template, pods),
        address: addressOf(metadata.name, objects),
    };
}

function imagesOf(template: PodTemplate | undefined, pods: readonly KubeObject[]): readonly Image[] {
    return (template?.spec.containers ?? []).map(({ name, image }) => {
        // Pods of an earlier image may still be there.
        const running = pods.filter(({ spec }) => spec.containers?.find((each) => each.name === name)?.image === image);
        const found = running.flatMap(({ status }) =>
            (status?.containerStatuses ?? []).flatMap((each) =>
                each.name === name ? (/sha256:[0-9a-f]+$/.exec(each.imageID) ?? []) : [],
            ),
        );
        return { image, digests: [...new Set<string>(found)] };
    });
}

/** Pods of Jobs and of the Jobs of a CronJob. */
function podsLike(job: KubeObject, objects: readonly KubeObject[]): readonly KubeObject[] {
    return ofKind(objects, "Pod").filter((pod) => componentOf(pod) === componentOf(job));
}

function addressOf(name: string, objects: readonly KubeObject[]): string | null {
    const { clusterIP, ports } = ofKind(objects, "Service").find(({ metadata }) => metadata.name === name)?.spec ?? {};
    const [port] = ports ?? [];
    return clusterIP === undefined || port === undefined ? null : `${clusterIP}:${port.port}`;
}

function scheduleOf(cronJob: KubeObject, objects: readonly KubeObject[]): Schedule {
    const { metadata, spec, status } = cronJob;
    return {
        ...{ name: metadata.name, schedule: spec.schedule ?? "", suspended: spec.suspend === true },
        running: Array.isArray(status?.active) ? status.active.length : 0,
        lastStart: status?.lastScheduleTime ?? null,
        lastSuccess: status?.lastSuccessfulTime ?? null,
        images: imagesOf(spec.jobTemplate?.spec.template, podsLike(cronJob, objects)),
    };
}

/** Whether the last run has ended without success. */
function isBroken({ suspended, running, lastStart, lastSuccess }: Schedule): boolean {
    return !suspended && running === 0 && lastStart !== null && (lastSuccess === null || lastSuccess < lastStart);
}

function componentOf({ metadata }: KubeObject): string | undefined {
    return metadata.labels?.["app.kubernetes.io/component"];
}

function newestRun(objects: readonly KubeObject[], component: string): Run | null {
    const jobs = ofKind(objects, "Job").filter((job) => componentOf(job) === component);
    const newest = jobs.toSorted((a, b) => b.metadata.creationTimestamp.localeCompare(a.metadata.creationTimestamp))[0];
    if (newest === undefined) return null;
    const state = hasCondition(newest, "Complete")
        ? "succeeded"
        : hasCondition(newest, "Failed")
          ? "failed"
          : "running";
    const images = imagesOf(newest.spec.template, podsLike(newest, objects));
    return { name: newest.metadata.name, state, finished: newest.status?.completionTime ?? null, images };
}

/** By the CronJobs that back up, and the Job of the deployment that made the first backup. */
function backupOf(objects: readonly KubeObject[], now: Date): Status["backup"] {
    const ours = objects.filter((each) => componentOf(each) === "backup");
    const makers = ours.filter(
        ({ kind, metadata }) => kind === "CronJob" && /-(full|incremental)$/.test(metadata.name),
    );
    if (makers.length === 0) return null;
    const first = ofKind(ours, "Job").filter(
        (job) => job.metadata.labels?.["app.kubernetes.io/managed-by"] === "pulumi",
    );
    const times = [
        ...makers.map(({ status }) => status?.lastSuccessfulTime),
        ...first.map(({ status }) => status?.completionTime),
    ];
    const lastSuccess =
        times
            .filter((time) => time !== undefined)
            .toSorted()
            .at(-1) ?? null;
    const age = lastSuccess === null ? null : Math.round((now.getTime() - Date.parse(lastSuccess)) / 1000);
    return { lastSuccess, ageSeconds: age };
}
