/** Schemas that all services share. The names are those of values.yaml in docs/specification.md. */
import { z } from "../zod.ts";
import * as format from "../formats.ts";
import { additions, extraEgress } from "./additions.ts";

export { environment } from "./additions.ts";

/** A week, in seconds: a Job that takes longer hangs. */
export const longestDeadline = 604_800;

function resourceList(cpu: string, memory: string, disk: string) {
    return z
        .strictObject({
            cpu: format.amounts.cpu.default(cpu).describe("CPU, in cores"),
            memory: format.amounts.memory.default(memory).describe("Memory, in bytes"),
            "ephemeral-storage": format.amounts["ephemeral-storage"]
                .default(disk)
                .describe("Local disk (logs, /tmp), in bytes"),
        })
        .prefault({});
}

/** Requests and limits of a container; each default stands where only others are given. */
export function resources(defaults: { requests: [string, string]; limits: [string, string] }) {
    return z
        .strictObject({
            requests: resourceList(...defaults.requests, "64Mi").describe("Requests: what the scheduler reserves"),
            limits: resourceList(...defaults.limits, "256Mi").describe("Limits: the most that the container may use"),
        })
        .prefault({})
        .describe("Requests and limits of the container");
}

/** An image; `digest` wins over `tag` at the container runtime and both are written. */
export function image(repository: string, tag = "v1.0.0") {
    return z
        .strictObject({
            repository: format.imageRepository.default(repository).describe("Image without tag"),
            tag: format.imageTag.default(tag).describe("Tag of the image"),
            digest: format.imageDigest.optional().describe("Digest that pins the image's content"),
            pullPolicy: z
                .enum(["Always", "IfNotPresent", "Never"])
                .default("IfNotPresent")
                .describe("Image pull policy"),
        })
        .prefault({})
        .describe("Container image");
}

/** A probe over HTTP, in seconds. */
export function probe(path: string, timings: { initialDelay: number; period: number; timeout: number }) {
    return z
        .strictObject({
            path: format.urlPath.default(path).describe("Path that answers 2xx or 3xx when the container is healthy"),
            initialDelaySeconds: z
                .int()
                .min(0)
                .max(3600)
                .default(timings.initialDelay)
                .describe("Delay before the first probe, in seconds"),
            periodSeconds: z
                .int()
                .min(1)
                .max(3600)
                .default(timings.period)
                .describe("Time between two probes, in seconds"),
            timeoutSeconds: z
                .int()
                .min(1)
                .max(3600)
                .default(timings.timeout)
                .describe("Timeout of a probe, in seconds"),
            failureThreshold: z
                .int()
                .min(1)
                .max(100)
                .default(3)
                .describe("Consecutive failures before the probe counts as failed"),
        })
        .prefault({});
}

const tolerationFields = z.strictObject({
    key: format.labelKey.optional().describe("Key of the taint; without it, all match"),
    operator: z.enum(["Exists", "Equal"]).optional().describe("Equal also compares the value"),
    value: format.labelValue.optional().describe("Value of the taint"),
    effect: z
        .enum(["NoSchedule", "PreferNoSchedule", "NoExecute"])
        .optional()
        .describe("Effect of the taint; without it, all match"),
    tolerationSeconds: z.int().optional().describe("Seconds that NoExecute is tolerated"),
});

/** As Kubernetes reads it: an empty text is none. */
function withoutEmpty(value: unknown): unknown {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== ""));
}

/** Source: validation of tolerations in Kubernetes' pkg/apis/core/validation. */
const checkedToleration = tolerationFields.superRefine(
    ({ key, operator, value, effect, tolerationSeconds }, context) => {
        const refuse = (path: string, message: string): void =>
            context.addIssue({ code: "custom", path: [path], message });
        if (key === undefined && operator !== "Exists") refuse("operator", "must be Exists where there is no key");
        if (operator === "Exists" && value !== undefined && value !== "")
            refuse("value", "must be absent where the operator is Exists");
        if (tolerationSeconds !== undefined && effect !== "NoExecute")
            refuse("effect", "must be NoExecute where tolerationSeconds is set");
    },
);

const toleration = z.preprocess(withoutEmpty, checkedToleration);

/** What is copied to the pods: what a stack adds, node selector, tolerations and affinity. */
export const pods = {
    ...additions,
    nodeSelector: z.record(format.labelKey, format.labelValue).default({}).describe("Labels that a node must have"),
    tolerations: z.array(toleration).default([]).describe("Taints that the pods tolerate"),
    affinity: z
        .strictObject({
            nodeAffinity: z.record(z.string(), z.unknown()).optional().describe("Node affinity"),
            podAffinity: z.record(z.string(), z.unknown()).optional().describe("Pod affinity"),
            podAntiAffinity: z.record(z.string(), z.unknown()).optional().describe("Pod anti-affinity"),
        })
        .default({})
        .describe("Affinity, as in a pod's spec"),
};

/** Of what runs until it is stopped, or on a schedule. */
export const paused = z
    .boolean()
    .default(false)
    .describe("Run no pods, and keep everything else: addresses, certificates, Secrets, data");

/** Annotations of pods or of an Ingress. */
export const annotations = z.record(format.annotationKey, z.string()).default({});

/** Whether to create the NetworkPolicy of the workload. */
export const networkPolicy = z
    .strictObject({
        enabled: z.boolean().default(true).describe("Whether to create the NetworkPolicy"),
        egress: extraEgress,
    })
    .prefault({})
    .describe("NetworkPolicy of the pods, in both directions");

/** Uid and gid of a container's process; never root. */
export function runAsUser(uid: number) {
    return z.int().min(1).max(2147483647).default(uid).describe("Uid and gid of the process (not root)");
}
