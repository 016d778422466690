/** Waits until objects are ready, or gone. */
import { EngineError } from "../errors.ts";
import { describeRef, refOf } from "../kube/objects.ts";
import type { KubeObject, Objects } from "../kube/objects.ts";
import { isObject } from "../values.ts";
import { diagnosis, troubledPods } from "./pods.ts";
import { readiness, runsPods } from "./readiness.ts";
import type { Readiness } from "./readiness.ts";
import { watchUntil } from "./watch.ts";

/** How long an object may take to become ready, or to go, unless the program says otherwise. Seconds. */
export const defaultTimeout = 600;
/** How often pods are asked what keeps them from being ready. Milliseconds. */
const podInterval = 5000;
/** How often it is told what keeps an object that is being deleted. Milliseconds. */
const goneInterval = 10_000;
/** After this time without news it is asked whether an object is still there. Milliseconds. */
const watchTime = 30_000;

export interface AwaitOptions {
    /** Seconds. */
    readonly timeout: number;
    readonly signal: AbortSignal;
    /** Told what is being waited for, each time that changes. */
    readonly progress: (text: string) => void;
}

/**
 * Resolves with the object as it is when it is ready. Throws an {@link EngineError} that says why, with the pods'
 * reasons, events and log lines, when it fails or takes too long.
 */
export async function untilReady(objects: Objects, applied: KubeObject, options: AwaitOptions): Promise<KubeObject> {
    if (applied.metadata.annotations?.["pulumi.com/skipAwait"] === "true") return applied;
    if (applied.apiVersion === "v1" && applied.kind === "PersistentVolumeClaim" && (await bindsLate(objects, applied)))
        return applied;
    let last = applied;
    let why = "";
    const judge = (object: KubeObject): Readiness => {
        last = object;
        const result = readiness(object);
        if (result.state === "waiting" && result.why !== why) {
            why = result.why;
            options.progress(why);
        }
        return result;
    };
    let result = judge(applied);
    if (result.state === "waiting") {
        const stopPods = reportPods(objects, () => last, options.progress);
        try {
            result = (await follow(objects, applied, judge, options)) ?? {
                state: "failed",
                why: `not ready after ${options.timeout} s: ${why}`,
            };
        } finally {
            stopPods();
        }
    }
    if (result.state === "ready") result = await serviceHasEndpoints(objects, last, options);
    if (result.state === "ready") return last;
    const details = runsPods(last) ? await diagnosis(objects, last) : "";
    throw new EngineError(
        [`${describeRef(refOf(last))}: ${result.why}`, details].filter((text) => text !== "").join("\n"),
    );
}

/** Resolves when the object with this uid does not exist any more. Throws when it stays. */
export async function untilGone(objects: Objects, object: KubeObject, options: AwaitOptions): Promise<void> {
    const ref = refOf(object);
    const end = Date.now() + options.timeout * 1000;
    let last: KubeObject | undefined = object;
    while (Date.now() < end) {
        last = await objects.get(ref, options.signal);
        if (last === undefined || last.metadata.uid !== object.metadata.uid) return;
        const slow = setInterval(() => options.progress(`waits for ${holdOf(last)}`), goneInterval);
        const watch = watchUntil(
            objects.client,
            await objects.collection(ref),
            { fieldSelector: `metadata.name=${ref.name}`, resourceVersion: last.metadata.resourceVersion ?? "" },
            (type, event) => {
                last = event as KubeObject;
                return type === "DELETED" ? true : undefined;
            },
            { timeout: Math.min(watchTime, end - Date.now()), signal: options.signal },
        );
        if ((await watch.finally(() => clearInterval(slow))) === true) return;
    }
    const status =
        isObject(last?.["status"]) && Array.isArray(last["status"]["conditions"]) ? last["status"]["conditions"] : [];
    const reasons = status
        .filter(isObject)
        .filter((item) => item["status"] === "True")
        .map((item) => String(item["message"]));
    throw new EngineError([`${describeRef(ref)} is still there after ${options.timeout} s`, ...reasons].join("; "));
}

/** What keeps an object that is being deleted. */
function holdOf(object: KubeObject | undefined): string {
    return (object?.metadata["finalizers"] as string[] | undefined)?.join(", ") ?? "its end";
}

async function follow(
    objects: Objects,
    object: KubeObject,
    judge: (object: KubeObject) => Readiness,
    options: AwaitOptions,
): Promise<Readiness | undefined> {
    return watchUntil<Readiness>(
        objects.client,
        await objects.collection(refOf(object)),
        { fieldSelector: `metadata.name=${object.metadata.name}` },
        (type, event) => {
            if (type === "DELETED") return { state: "failed", why: "somebody has deleted it" };
            const result = judge(event as KubeObject);
            return result.state === "waiting" ? undefined : result;
        },
        { timeout: options.timeout * 1000, signal: options.signal },
    );
}

/** A Service with a selector is ready when at least one pod behind it is. */
async function serviceHasEndpoints(objects: Objects, object: KubeObject, options: AwaitOptions): Promise<Readiness> {
    const spec = isObject(object["spec"]) ? object["spec"] : {};
    const selector = spec["selector"];
    const needsPods = object.apiVersion === "v1" && object.kind === "Service" && spec["type"] !== "ExternalName";
    if (!needsPods || !isObject(selector) || Object.keys(selector).length === 0) return { state: "ready" };
    options.progress("waits for a ready pod behind it");
    const found = await watchUntil(
        objects.client,
        `/apis/discovery.k8s.io/v1/namespaces/${object.metadata.namespace ?? "default"}/endpointslices`,
        { labelSelector: `kubernetes.io/service-name=${object.metadata.name}` },
        (type, slice) => {
            const endpoints = Array.isArray(slice["endpoints"]) ? slice["endpoints"].filter(isObject) : [];
            const anyReady = endpoints.some(
                (endpoint) => isObject(endpoint["conditions"]) && endpoint["conditions"]["ready"] !== false,
            );
            return type !== "DELETED" && anyReady ? true : undefined;
        },
        { timeout: options.timeout * 1000, signal: options.signal },
    );
    return found === true
        ? { state: "ready" }
        : { state: "failed", why: `no ready pod behind it after ${options.timeout} s` };
}

/** Whether the claim's storage class binds a volume only when a pod uses it: then there is nothing to wait for. */
async function bindsLate(objects: Objects, claim: KubeObject): Promise<boolean> {
    const spec = isObject(claim["spec"]) ? claim["spec"] : {};
    const name = spec["storageClassName"];
    if (typeof name !== "string" || name === "") return false;
    const ref = { apiVersion: "storage.k8s.io/v1", kind: "StorageClass", namespace: undefined, name };
    const storageClass = await objects.get(ref).catch(() => undefined);
    return storageClass?.["volumeBindingMode"] === "WaitForFirstConsumer";
}

function reportPods(objects: Objects, workload: () => KubeObject, progress: (text: string) => void): () => void {
    if (!runsPods(workload())) return () => undefined;
    let told = "";
    const ask = async (): Promise<void> => {
        const [first] = await troubledPods(objects, workload());
        const text =
            first === undefined
                ? ""
                : `pod ${String((first.pod["metadata"] as { name: string }).name)}: ${first.reason}`;
        if (text !== "" && text !== told) progress(text);
        told = text;
    };
    const timer = setInterval(() => void ask().catch(() => undefined), podInterval);
    return () => clearInterval(timer);
}
