import { groupOf, type KubeObject } from "./object.ts";

/** A retired API: of which versions, for which kinds (all when absent), since when deprecated and removed. */
interface Retired {
    readonly apiVersion: string;
    readonly kinds?: readonly string[];
    readonly deprecated: string;
    readonly removed?: string;
    readonly instead: string;
}

const retired = (
    apiVersion: string,
    kinds: readonly string[],
    deprecated: string,
    removed: string,
    instead: string,
): Retired => ({ apiVersion, ...(kinds.length === 0 ? {} : { kinds }), deprecated, removed, instead });

/** Facts of the Kubernetes deprecation guide and release notes. */
const RETIRED: readonly Retired[] = [
    retired("extensions/v1beta1", ["Ingress"], "1.14", "1.22", "networking.k8s.io/v1"),
    retired("extensions/v1beta1", ["NetworkPolicy"], "1.9", "1.16", "networking.k8s.io/v1"),
    retired("extensions/v1beta1", ["PodSecurityPolicy"], "1.10", "1.16", "Pod Security admission"),
    retired("extensions/v1beta1", [], "1.9", "1.16", "apps/v1"),
    retired("apps/v1beta1", [], "1.9", "1.16", "apps/v1"),
    retired("apps/v1beta2", [], "1.9", "1.16", "apps/v1"),
    retired("networking.k8s.io/v1beta1", ["Ingress", "IngressClass"], "1.19", "1.22", "networking.k8s.io/v1"),
    retired("rbac.authorization.k8s.io/v1beta1", [], "1.17", "1.22", "rbac.authorization.k8s.io/v1"),
    retired("rbac.authorization.k8s.io/v1alpha1", [], "1.17", "1.22", "rbac.authorization.k8s.io/v1"),
    retired("apiextensions.k8s.io/v1beta1", [], "1.16", "1.22", "apiextensions.k8s.io/v1"),
    retired(
        "admissionregistration.k8s.io/v1beta1",
        ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"],
        "1.16",
        "1.22",
        "admissionregistration.k8s.io/v1",
    ),
    retired("apiregistration.k8s.io/v1beta1", [], "1.19", "1.22", "apiregistration.k8s.io/v1"),
    retired("authentication.k8s.io/v1beta1", ["TokenReview"], "1.19", "1.22", "authentication.k8s.io/v1"),
    retired("authorization.k8s.io/v1beta1", [], "1.19", "1.22", "authorization.k8s.io/v1"),
    retired("certificates.k8s.io/v1beta1", ["CertificateSigningRequest"], "1.19", "1.22", "certificates.k8s.io/v1"),
    retired("coordination.k8s.io/v1beta1", ["Lease"], "1.19", "1.22", "coordination.k8s.io/v1"),
    retired("scheduling.k8s.io/v1beta1", [], "1.14", "1.22", "scheduling.k8s.io/v1"),
    retired("scheduling.k8s.io/v1alpha1", ["PriorityClass"], "1.14", "1.22", "scheduling.k8s.io/v1"),
    retired(
        "storage.k8s.io/v1beta1",
        ["CSIDriver", "CSINode", "StorageClass", "VolumeAttachment"],
        "1.19",
        "1.22",
        "storage.k8s.io/v1",
    ),
    retired("storage.k8s.io/v1beta1", ["CSIStorageCapacity"], "1.24", "1.27", "storage.k8s.io/v1"),
    retired("batch/v1beta1", ["CronJob"], "1.21", "1.25", "batch/v1"),
    retired("batch/v2alpha1", ["CronJob"], "1.8", "1.21", "batch/v1"),
    retired("discovery.k8s.io/v1beta1", ["EndpointSlice"], "1.21", "1.25", "discovery.k8s.io/v1"),
    retired("events.k8s.io/v1beta1", ["Event"], "1.19", "1.25", "events.k8s.io/v1"),
    retired("node.k8s.io/v1beta1", ["RuntimeClass"], "1.20", "1.25", "node.k8s.io/v1"),
    retired("policy/v1beta1", ["PodDisruptionBudget"], "1.21", "1.25", "policy/v1"),
    retired("policy/v1beta1", ["PodSecurityPolicy"], "1.21", "1.25", "Pod Security admission"),
    retired("autoscaling/v2beta1", [], "1.22", "1.25", "autoscaling/v2"),
    retired("autoscaling/v2beta2", [], "1.23", "1.26", "autoscaling/v2"),
    retired("flowcontrol.apiserver.k8s.io/v1beta1", [], "1.23", "1.26", "flowcontrol.apiserver.k8s.io/v1"),
    retired("flowcontrol.apiserver.k8s.io/v1beta2", [], "1.26", "1.29", "flowcontrol.apiserver.k8s.io/v1"),
    retired("flowcontrol.apiserver.k8s.io/v1beta3", [], "1.29", "1.32", "flowcontrol.apiserver.k8s.io/v1"),
    { apiVersion: "v1", kinds: ["ComponentStatus"], deprecated: "1.19", instead: "the health endpoints" },
    { apiVersion: "v1", kinds: ["Endpoints"], deprecated: "1.33", instead: "discovery.k8s.io/v1" },
];

/** Groups that Kubernetes itself serves; a custom resource's own versions are its maker's business. */
export const BUILT_IN = new Set([
    "",
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "apiregistration.k8s.io",
    "apps",
    "authentication.k8s.io",
    "authorization.k8s.io",
    "autoscaling",
    "batch",
    "certificates.k8s.io",
    "coordination.k8s.io",
    "discovery.k8s.io",
    "events.k8s.io",
    "extensions",
    "flowcontrol.apiserver.k8s.io",
    "internal.apiserver.k8s.io",
    "networking.k8s.io",
    "node.k8s.io",
    "policy",
    "rbac.authorization.k8s.io",
    "resource.k8s.io",
    "scheduling.k8s.io",
    "storage.k8s.io",
    "storagemigration.k8s.io",
]);

/** What has become of an object's API by a version of Kubernetes. */
export function fateOf(
    object: Pick<KubeObject, "apiVersion" | "kind">,
    version: string,
): { readonly state: "served" | "deprecated" | "removed"; readonly instead: string } {
    const entry = RETIRED.find(
        ({ apiVersion, kinds }) => apiVersion === object.apiVersion && (kinds?.includes(object.kind) ?? true),
    );
    if (entry === undefined) return { state: "served", instead: "" };
    if (entry.removed !== undefined && atLeast(version, entry.removed))
        return { state: "removed", instead: entry.instead };
    return { state: atLeast(version, entry.deprecated) ? "deprecated" : "served", instead: entry.instead };
}

/** Whether an API is a built-in one that is still in its alpha or beta. */
export function isUnstable({ apiVersion }: Pick<KubeObject, "apiVersion">): boolean {
    return BUILT_IN.has(groupOf(apiVersion)) && /v\d+(alpha|beta)\d+$/.test(apiVersion);
}

function atLeast(version: string, other: string): boolean {
    const minor = (text: string): number => Number(text.split(".")[1]);
    return minor(version) >= minor(other);
}
