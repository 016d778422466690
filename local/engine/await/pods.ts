/** What pods say about why a workload is not ready: their containers' states, their events, their last log lines. */
import type { KubeObject, Objects } from "../kube/objects.ts";
import { isObject, textOf } from "../values.ts";

const logLines = 10;
const shownPods = 3;

type Json = Record<string, unknown>;

/** The pods of a workload that are not well, each with a short reason; newest first. */
export async function troubledPods(
    objects: Objects,
    workload: KubeObject,
): Promise<readonly { pod: Json; reason: string }[]> {
    const pods = workload.kind === "Pod" ? [workload as Json] : await podsOf(objects, workload);
    return pods
        .map((pod) => ({ pod, reason: trouble(pod) }))
        .filter((entry): entry is { pod: Json; reason: string } => entry.reason !== undefined)
        .sort((a, b) => created(b.pod).localeCompare(created(a.pod)));
}

/** Several lines about the pods that keep a workload from being ready. Never throws: it only explains. */
export async function diagnosis(objects: Objects, workload: KubeObject): Promise<string> {
    try {
        const found = await troubledPods(objects, workload);
        const troubled = (found.length > 0 ? found : await endingPods(objects, workload)).slice(0, shownPods);
        const parts = await Promise.all(troubled.map(({ pod, reason }) => describePod(objects, pod, reason)));
        if (parts.length > 0) return parts.join("\n");
        return eventLines(await events(objects, workload.metadata.namespace, workload.metadata.name ?? "")).join("\n");
    } catch {
        return "";
    }
}

/** Pods that have been told to end, and have not: their successors may be waiting for that. */
async function endingPods(objects: Objects, workload: KubeObject): Promise<readonly { pod: Json; reason: string }[]> {
    if (workload.kind === "Pod") return [];
    const ending = (pod: Json): boolean =>
        isObject(pod["metadata"]) && pod["metadata"]["deletionTimestamp"] !== undefined;
    const pods = (await podsOf(objects, workload)).filter(ending);
    return pods.map((pod) => ({ pod, reason: "is still ending" }));
}

async function podsOf(objects: Objects, workload: KubeObject): Promise<Json[]> {
    const spec = isObject(workload["spec"]) ? workload["spec"] : {};
    const selector =
        isObject(spec["selector"]) && isObject(spec["selector"]["matchLabels"])
            ? spec["selector"]["matchLabels"]
            : undefined;
    const labels =
        selector ?? (workload.kind === "Job" ? { "batch.kubernetes.io/job-name": workload.metadata.name } : undefined);
    if (labels === undefined) return [];
    const path = `/api/v1/namespaces/${workload.metadata.namespace ?? "default"}/pods`;
    const query = {
        labelSelector: Object.entries(labels)
            .map(([key, value]) => `${key}=${String(value)}`)
            .join(","),
    };
    return items(await objects.client.request("GET", path, { query }));
}

/** Why a pod is not running as it should; `undefined` when it is. */
function trouble(pod: Json): string | undefined {
    const status = isObject(pod["status"]) ? pod["status"] : {};
    const metadata = isObject(pod["metadata"]) ? pod["metadata"] : {};
    if (metadata["deletionTimestamp"] !== undefined || status["phase"] === "Succeeded") return undefined;
    for (const container of [...list(status["initContainerStatuses"]), ...list(status["containerStatuses"])]) {
        const state = isObject(container["state"]) ? container["state"] : {};
        const name = String(container["name"]);
        const waiting = state["waiting"];
        if (isObject(waiting) && !["PodInitializing", "ContainerCreating"].includes(String(waiting["reason"]))) {
            return `container ${name}: ${[waiting["reason"], waiting["message"]].filter(Boolean).map(String).join(": ")}`;
        }
        const terminated = state["terminated"];
        if (isObject(terminated) && terminated["exitCode"] !== 0) {
            return `container ${name} ended with exit code ${String(terminated["exitCode"])} (${textOf(terminated["reason"] ?? "Error")})`;
        }
    }
    const conditions = list(status["conditions"]);
    const scheduled = conditions.find((item) => item["type"] === "PodScheduled");
    if (scheduled?.["status"] === "False")
        return `cannot be scheduled: ${String(scheduled["message"] ?? scheduled["reason"])}`;
    if (status["phase"] === "Failed")
        return `failed: ${textOf(status["message"] ?? status["reason"] ?? "no reason given")}`;
    const unready = conditions.find((item) => item["type"] === "Ready" && item["status"] === "False");
    return unready === undefined ? undefined : `not ready: ${String(unready["message"] ?? unready["reason"])}`;
}

async function describePod(objects: Objects, pod: Json, reason: string): Promise<string> {
    const metadata = isObject(pod["metadata"]) ? pod["metadata"] : {};
    const [namespace, name] = [String(metadata["namespace"]), String(metadata["name"])];
    const lines = [`pod ${name}: ${reason}`];
    lines.push(...eventLines(await events(objects, namespace, name).catch(() => [])));
    const log = await lastLog(objects, pod, namespace, name).catch(() => "");
    if (log !== "") lines.push("  last log lines:", ...log.split("\n").map((line) => `    ${line}`));
    return lines.join("\n");
}

async function events(objects: Objects, namespace: string | undefined, name: string): Promise<Json[]> {
    const path = `/api/v1/namespaces/${namespace ?? "default"}/events`;
    const found = items(
        await objects.client.request("GET", path, { query: { fieldSelector: `involvedObject.name=${name}` } }),
    );
    return found.filter((event) => event["type"] === "Warning").slice(-3);
}

function eventLines(found: readonly Json[]): string[] {
    return found.map((event) => `  event ${String(event["reason"])}: ${String(event["message"])}`);
}

/** The end of the log of the container that failed; of its previous run when it has been restarted. */
async function lastLog(objects: Objects, pod: Json, namespace: string, name: string): Promise<string> {
    const status = isObject(pod["status"]) ? pod["status"] : {};
    const statuses = [...list(status["initContainerStatuses"]), ...list(status["containerStatuses"])];
    const container =
        statuses.find((item) => item["ready"] !== true && Number(item["restartCount"]) > 0) ??
        statuses.find((item) => item["ready"] !== true);
    if (container === undefined) return "";
    const running = isObject(container["state"]) && container["state"]["running"] !== undefined;
    const query = {
        container: String(container["name"]),
        tailLines: String(logLines),
        ...(Number(container["restartCount"]) > 0 && !running && { previous: "true" }),
    };
    const path = `/api/v1/namespaces/${namespace}/pods/${name}/log`;
    const answer = await objects.client.request("GET", path, { query, accept: "text/plain, */*" });
    return isObject(answer) && typeof answer["message"] === "string" ? answer["message"].trim() : "";
}

function items(answer: unknown): Json[] {
    return isObject(answer) ? list(answer["items"]) : [];
}

function list(value: unknown): Json[] {
    return Array.isArray(value) ? value.filter(isObject) : [];
}

function created(pod: Json): string {
    return isObject(pod["metadata"]) ? textOf(pod["metadata"]["creationTimestamp"] ?? "") : "";
}
