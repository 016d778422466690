/** What the workloads of a rendering request: for their fewest pods, and for the most that there can be. */
import { valueAt } from "../../config/values.ts";
import { parseQuantity } from "../../policy-pack/model/quantity.ts";
import { idOf } from "./objects.ts";
import type { Tree } from "../render/configuration.ts";

/** The least and the most. */
export type Range = readonly [number, number];

/** A number of pods, and what they request together: cores, bytes, bytes. */
export type Amounts = Readonly<Record<"pods" | "cpu" | "memory" | "storage", Range>>;

export const none: Amounts = { pods: [0, 0], cpu: [0, 0], memory: [0, 0], storage: [0, 0] };

/** Where each kind has the template of its pods. A DaemonSet has as many as there are nodes, which no rendering tells. */
const templates: Readonly<Record<string, readonly string[]>> = {
    Pod: [],
    Deployment: ["spec", "template"],
    StatefulSet: ["spec", "template"],
    Job: ["spec", "template"],
    CronJob: ["spec", "jobTemplate", "spec", "template"],
};

/** What each workload and volume claim requests, by kind and name. */
export function requests(objects: readonly Tree[]): ReadonlyMap<string, Amounts> {
    return new Map(
        objects.flatMap((object) => {
            const template = templates[String(object["kind"])];
            const isClaim = object["kind"] === "PersistentVolumeClaim";
            if (template === undefined && !isClaim) return [];
            const pods = template === undefined ? ([0, 0] as const) : scale(object, objects);
            const spec = valueAt(object, [...(template ?? []), "spec"]);
            const claims = isClaim ? [object] : list(valueAt(object, ["spec", "volumeClaimTemplates"]));
            const volumes = sum(
                claims.map((claim) => amount(valueAt(claim, ["spec", "resources", "requests", "storage"]))),
            );
            const amounts: Amounts = {
                pods,
                cpu: times(pods, ofPod(spec, "cpu")),
                memory: times(pods, ofPod(spec, "memory")),
                storage: isClaim ? [volumes, volumes] : times(pods, volumes),
            };
            return [[idOf(object), amounts] as const];
        }),
    );
}

/** All of them together. */
export function total(all: Iterable<Amounts>): Amounts {
    const add = (a: Range, b: Range): Range => [a[0] + b[0], a[1] + b[1]];
    return [...all].reduce(
        (sum, each) => ({
            pods: add(sum.pods, each.pods),
            cpu: add(sum.cpu, each.cpu),
            memory: add(sum.memory, each.memory),
            storage: add(sum.storage, each.storage),
        }),
        none,
    );
}

/** The number of pods: that of its autoscaler, else of its replicas; a Job's run only sometimes. */
function scale(object: Tree, objects: readonly Tree[]): Range {
    const kind = object["kind"];
    if (kind === "Pod") return [1, 1];
    if (kind === "Job" || kind === "CronJob")
        return [0, Number(valueAt(object, [...templates[kind]!.slice(0, -1), "parallelism"]) ?? 1)];
    const replicas = Number(valueAt(object, ["spec", "replicas"]) ?? 1);
    // Zero switches the autoscaler off.
    if (replicas === 0) return [0, 0];
    const scaler = objects.find(
        (each) =>
            each["kind"] === "HorizontalPodAutoscaler" &&
            valueAt(each, ["spec", "scaleTargetRef", "kind"]) === kind &&
            valueAt(each, ["spec", "scaleTargetRef", "name"]) === valueAt(object, ["metadata", "name"]) &&
            valueAt(each, ["metadata", "namespace"]) === valueAt(object, ["metadata", "namespace"]),
    );
    if (scaler !== undefined)
        return [
            Number(valueAt(scaler, ["spec", "minReplicas"]) ?? 1),
            Number(valueAt(scaler, ["spec", "maxReplicas"])),
        ];
    return [replicas, replicas];
}

/**
 * What the scheduler reserves for a pod: its containers and sidecars together, or an init container with the sidecars
 * before it, whichever is more.
 * Source: https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#resource-sharing-within-containers
 */
function ofPod(spec: unknown, resource: string): number {
    let staying = 0;
    let starting = 0;
    for (const container of list(valueAt(spec, ["initContainers"]))) {
        const needed = ofContainer(container, resource);
        if (valueAt(container, ["restartPolicy"]) === "Always") staying += needed;
        else starting = Math.max(starting, staying + needed);
    }
    const running = sum(list(valueAt(spec, ["containers"])).map((container) => ofContainer(container, resource)));
    return Math.max(starting, staying + running);
}

/** A limit without a request is a request too. */
function ofContainer(container: unknown, resource: string): number {
    return amount(
        valueAt(container, ["resources", "requests", resource]) ??
            valueAt(container, ["resources", "limits", resource]),
    );
}

function amount(quantity: unknown): number {
    return typeof quantity === "string" || typeof quantity === "number" ? (parseQuantity(quantity) ?? 0) : 0;
}

function times([least, most]: Range, each: number): Range {
    return [least * each, most * each];
}

function sum(numbers: readonly number[]): number {
    return numbers.reduce((total, each) => total + each, 0);
}

function list(value: unknown): readonly unknown[] {
    return Array.isArray(value) ? value : [];
}
