/** Says why pods are not ready: the state of their containers, their events, and the last lines of their logs. */
import type { Kubectl } from "./kubectl.ts";

interface ContainerState {
    readonly waiting?: { readonly reason?: string; readonly message?: string };
    readonly terminated?: { readonly reason?: string; readonly exitCode: number; readonly message?: string };
}

interface ContainerStatus {
    readonly name: string;
    readonly ready: boolean;
    readonly restartCount: number;
    readonly state?: ContainerState;
    readonly lastState?: ContainerState;
}

interface Metadata {
    readonly name: string;
    readonly uid: string;
    readonly creationTimestamp: string;
    readonly deletionTimestamp?: string;
    readonly ownerReferences?: readonly { readonly kind: string; readonly uid: string }[];
}

interface Job {
    readonly metadata: Metadata;
    readonly status: { readonly succeeded?: number };
}

interface Pod {
    readonly metadata: Metadata;
    readonly status: {
        readonly phase: string;
        readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
        readonly containerStatuses?: readonly ContainerStatus[];
        readonly initContainerStatuses?: readonly ContainerStatus[];
    };
}

interface Event {
    readonly type: string;
    readonly reason: string;
    readonly message: string;
    readonly involvedObject: { readonly kind: string; readonly name: string; readonly uid: string };
    /** Absent or null where it has come once. */
    readonly lastTimestamp?: string | null;
    readonly eventTime?: string | null;
}

const eventLines = 5;
const logLines = 10;

/** Lines about each pod that is not ready and each warning about what creates pods; none when all is well. */
export async function diagnose(kubectl: Kubectl, namespace: string): Promise<string[]> {
    const list = async <T>(kind: string): Promise<readonly T[]> =>
        (JSON.parse(await kubectl(["get", kind, "-n", namespace, "-o", "json"])) as { items: T[] }).items;
    const [pods, jobs, events] = await Promise.all([list<Pod>("pods"), list<Job>("jobs"), list<Event>("events")]);
    const missing = pods.length === 0 ? [`there are no pods in the namespace ${namespace}`] : [];
    const settled = settledJobs(jobs);
    const unready = pods.filter((pod) => !isFine(pod) && !settled.has(ownerOf(pod)));
    const parts = await Promise.all(unready.map((pod) => describe(pod, events, kubectl, namespace)));
    const lines = [...missing, ...parts.flat()];
    const waiting = new Set(jobs.map(({ metadata }) => metadata.uid).filter((uid) => !settled.has(uid)));
    const creators = events.filter(
        ({ type, involvedObject: { kind, uid } }) =>
            // Events outlive the Jobs of a schedule, and those of earlier runs are history.
            type === "Warning" && kind !== "Pod" && (kind !== "Job" || waiting.has(uid)),
    );
    const warnings = last(creators).map(
        ({ involvedObject, reason, message }) => `${involvedObject.kind} ${involvedObject.name}: ${reason}: ${message}`,
    );
    return [...lines, ...(lines.length > 0 || isBlocked(creators, pods) ? warnings : [])];
}

/** Whether pods are missing altogether: what should create them is refused, and has created none since. */
function isBlocked(events: readonly Event[], pods: readonly Pod[]): boolean {
    return events.some(({ reason, involvedObject, lastTimestamp, eventTime }) => {
        const refused = Date.parse(lastTimestamp ?? eventTime ?? "");
        const hasCreated = pods.some(
            (pod) => ownerOf(pod) === involvedObject.uid && Date.parse(pod.metadata.creationTimestamp) >= refused,
        );
        return reason === "FailedCreate" && !hasCreated;
    });
}

function isFine(pod: Pod): boolean {
    const { metadata, status } = pod;
    if (status.phase === "Succeeded" || metadata.deletionTimestamp !== undefined) return true;
    if (status.conditions?.some(({ type, status: value }) => type === "Ready" && value === "True") === true)
        return true;
    return metadata.ownerReferences?.[0]?.kind === "Job" && isStarting(pod);
}

/** Whether nothing has gone wrong yet. A service that starts is waited for; a run of a schedule may start at any time. */
function isStarting({ status }: Pod): boolean {
    if (
        status.phase === "Failed" ||
        status.conditions?.some(({ type, status: value }) => type === "PodScheduled" && value === "False")
    )
        return false;
    const states = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
    return states.every(
        ({ restartCount, state }) =>
            restartCount === 0 &&
            (state?.waiting === undefined || /^(ContainerCreating|PodInitializing)$/.test(state.waiting.reason ?? "")),
    );
}

/** uids of the Jobs whose failed pods are history: a later pod succeeded, or the schedule has started a later run. */
function settledJobs(jobs: readonly Job[]): ReadonlySet<string | undefined> {
    const runs = Map.groupBy(jobs, ({ metadata }) => metadata.ownerReferences?.[0]?.uid ?? metadata.uid);
    return new Set(
        [...runs.values()].flatMap((group) => {
            const [newest, ...earlier] = group.toSorted((a, b) =>
                b.metadata.creationTimestamp.localeCompare(a.metadata.creationTimestamp),
            );
            return [...((newest?.status.succeeded ?? 0) > 0 ? [newest!] : []), ...earlier].map(
                ({ metadata }) => metadata.uid,
            );
        }),
    );
}

function ownerOf({ metadata }: Pod): string | undefined {
    return metadata.ownerReferences?.[0]?.uid;
}

async function describe(pod: Pod, events: readonly Event[], kubectl: Kubectl, namespace: string): Promise<string[]> {
    const { name } = pod.metadata;
    const statuses = [...(pod.status.initContainerStatuses ?? []), ...(pod.status.containerStatuses ?? [])];
    const unready = statuses.filter(({ ready, state }) => !ready && state?.terminated?.exitCode !== 0);
    const scheduled = pod.status.conditions?.find(({ type, status }) => type === "PodScheduled" && status === "False");
    const own = events.filter(({ involvedObject }) => involvedObject.kind === "Pod" && involvedObject.name === name);
    return [
        `pod ${name} is not ready (${pod.status.phase})`,
        ...(scheduled?.message === undefined ? [] : [`  not scheduled: ${scheduled.message}`]),
        ...unready.map((container) => `  container ${container.name}: ${reasonOf(container)}`),
        ...last(own).map(({ type, reason, message }) => `  event ${type} ${reason}: ${message}`),
        ...(await Promise.all(unready.map((container) => logOf(container, name, kubectl, namespace)))).flat(),
    ];
}

function reasonOf({ state, lastState, restartCount }: ContainerStatus): string {
    const ended = state?.terminated ?? lastState?.terminated;
    return [
        state?.waiting?.reason ?? (state?.terminated === undefined ? "running, its readiness probe fails" : "ended"),
        ...(state?.waiting?.message === undefined ? [] : [state.waiting.message]),
        ...(ended === undefined ? [] : [`exit code ${ended.exitCode}${ended.reason ? ` (${ended.reason})` : ""}`]),
        ...(restartCount > 0 ? [`${restartCount} restarts`] : []),
    ].join(", ");
}

async function logOf(container: ContainerStatus, pod: string, kubectl: Kubectl, namespace: string): Promise<string[]> {
    const args = ["logs", pod, "-c", container.name, "-n", namespace, `--tail=${logLines}`];
    const previous = container.state?.waiting !== undefined && container.restartCount > 0 ? ["--previous"] : [];
    try {
        const text = (await kubectl([...args, ...previous])).trimEnd();
        return text === "" ? [] : text.split("\n").map((line) => `  log ${container.name}: ${line}`);
    } catch {
        return []; // The container has not started.
    }
}

function last(events: readonly Event[]): readonly Event[] {
    return events.slice(-eventLines);
}
