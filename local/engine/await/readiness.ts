/**
 * When an object counts as ready, from the object alone. The conditions are those of the official provider
 * (pulumi-kubernetes, provider/pkg/await) and of `kubectl rollout status`.
 */
import type { KubeObject } from "../kube/objects.ts";
import { isObject, textOf } from "../values.ts";

export type Readiness =
    | { readonly state: "ready" }
    | { readonly state: "waiting"; readonly why: string }
    | { readonly state: "failed"; readonly why: string };

const ready: Readiness = { state: "ready" };
const waiting = (why: string): Readiness => ({ state: "waiting", why });
const failed = (why: string): Readiness => ({ state: "failed", why });

type Check = (object: KubeObject) => Readiness;

const checks: Readonly<Record<string, Check>> = {
    "apps/Deployment": deployment,
    "apps/StatefulSet": statefulSet,
    "apps/DaemonSet": daemonSet,
    "batch/Job": job,
    "/Pod": pod,
    "/PersistentVolumeClaim": claim,
    "/Service": loadBalancer,
    "networking.k8s.io/Ingress": ingress,
    "apiextensions.k8s.io/CustomResourceDefinition": definition,
};

/** Whether the object is ready. Kinds that never have to be waited for always are. */
export function readiness(object: KubeObject): Readiness {
    const group = object.apiVersion.includes("/") ? object.apiVersion.split("/")[0] : "";
    return checks[`${group}/${object.kind}`]?.(object) ?? ready;
}

/** Whether objects of this kind run pods that can say more about why they are not ready. */
export function runsPods(object: KubeObject): boolean {
    return object.kind === "Pod" || object.apiVersion.startsWith("apps/") || object.apiVersion.startsWith("batch/");
}

/** The condition of a type in the object's status. */
export function condition(
    object: KubeObject,
    type: string,
): { status: string; reason: string; message: string } | undefined {
    const list = status(object)["conditions"];
    const found = Array.isArray(list) ? list.filter(isObject).find((item) => item["type"] === type) : undefined;
    if (found === undefined) return undefined;
    return {
        status: String(found["status"]),
        reason: textOf(found["reason"] ?? ""),
        message: textOf(found["message"] ?? ""),
    };
}

function status(object: KubeObject): Record<string, unknown> {
    return isObject(object["status"]) ? object["status"] : {};
}

function spec(object: KubeObject): Record<string, unknown> {
    return isObject(object["spec"]) ? object["spec"] : {};
}

function count(record: Record<string, unknown>, key: string, fallback = 0): number {
    return typeof record[key] === "number" ? record[key] : fallback;
}

function isObserved(object: KubeObject): boolean {
    return count(status(object), "observedGeneration") >= (object.metadata.generation ?? 0);
}

function deployment(object: KubeObject): Readiness {
    if (!isObserved(object)) return waiting("the controller has not seen it yet");
    const progressing = condition(object, "Progressing");
    if (progressing?.reason === "ProgressDeadlineExceeded") return failed(progressing.message);
    const wanted = count(spec(object), "replicas", 1);
    const { updatedReplicas, replicas, availableReplicas } = {
        updatedReplicas: count(status(object), "updatedReplicas"),
        replicas: count(status(object), "replicas"),
        availableReplicas: count(status(object), "availableReplicas"),
    };
    const blocked = condition(object, "ReplicaFailure");
    const suffix = blocked?.status === "True" ? ` (${blocked.message})` : "";
    if (updatedReplicas < wanted) return waiting(`${updatedReplicas} of ${wanted} replicas updated${suffix}`);
    if (availableReplicas < updatedReplicas)
        return waiting(`${availableReplicas} of ${updatedReplicas} updated replicas available${suffix}`);
    if (replicas > updatedReplicas) return waiting(`${replicas - updatedReplicas} old replicas are ending`);
    if (wanted > 0 && condition(object, "Available")?.status !== "True") return waiting("not available yet");
    return ready;
}

function statefulSet(object: KubeObject): Readiness {
    if (!isObserved(object)) return waiting("the controller has not seen it yet");
    const wanted = count(spec(object), "replicas", 1);
    const readyReplicas = count(status(object), "readyReplicas");
    if (readyReplicas < wanted) return waiting(`${readyReplicas} of ${wanted} replicas ready`);
    const strategy = isObject(spec(object)["updateStrategy"])
        ? (spec(object)["updateStrategy"] as Record<string, unknown>)
        : {};
    const rolling = isObject(strategy["rollingUpdate"]) ? strategy["rollingUpdate"] : {};
    if (strategy["type"] !== "OnDelete" && count(rolling, "partition") === 0) {
        const updated = count(status(object), "updatedReplicas");
        const { currentRevision, updateRevision } = status(object);
        if (currentRevision !== updateRevision) return waiting(`${updated} of ${wanted} replicas updated`);
    }
    return ready;
}

function daemonSet(object: KubeObject): Readiness {
    if (!isObserved(object)) return waiting("the controller has not seen it yet");
    const wanted = count(status(object), "desiredNumberScheduled");
    const updated = count(status(object), "updatedNumberScheduled");
    const available = count(status(object), "numberAvailable");
    if (updated < wanted) return waiting(`${updated} of ${wanted} nodes updated`);
    return available < wanted ? waiting(`available on ${available} of ${wanted} nodes`) : ready;
}

function job(object: KubeObject): Readiness {
    if (spec(object)["suspend"] === true || condition(object, "Complete")?.status === "True") return ready;
    const failure = condition(object, "Failed");
    if (failure?.status === "True") return failed(`the job has failed: ${failure.message || failure.reason}`);
    return waiting(`${count(status(object), "active")} pods run, ${count(status(object), "failed")} have failed`);
}

function pod(object: KubeObject): Readiness {
    const phase = status(object)["phase"];
    if (phase === "Succeeded" || condition(object, "Ready")?.status === "True") return ready;
    return phase === "Failed" ? failed("the pod has failed") : waiting(`phase ${textOf(phase ?? "unknown")}`);
}

function claim(object: KubeObject): Readiness {
    const phase = status(object)["phase"];
    if (phase === "Bound") return ready;
    return phase === "Lost" ? failed("its volume is lost") : waiting("no volume is bound yet");
}

function loadBalancer(object: KubeObject): Readiness {
    if (spec(object)["type"] !== "LoadBalancer" || hasAddress(object)) return ready;
    return waiting("the load balancer has no address yet");
}

function ingress(object: KubeObject): Readiness {
    return hasAddress(object) ? ready : waiting("no ingress controller has given it an address yet");
}

function hasAddress(object: KubeObject): boolean {
    const balancer = status(object)["loadBalancer"];
    return isObject(balancer) && Array.isArray(balancer["ingress"]) && balancer["ingress"].length > 0;
}

function definition(object: KubeObject): Readiness {
    return condition(object, "Established")?.status === "True" ? ready : waiting("not established yet");
}
