/** The forms of single fields that the API server's code asks for, as in `forms.ts`. */
import { AMOUNTS, COUNT, form, type Forms, LABELS, NOT_EMPTY, PORT, POSITIVE } from "./form-parts.ts";

const ID = { minimum: 0, maximum: 2 ** 31 - 1 };
const KEYS = {
    matchLabelKeys: { items: { type: "string", ...form("label-key") } },
    mismatchLabelKeys: { items: { type: "string", ...form("label-key") } },
};
const BELOW = form("relative-path");
const KEYED = { key: form("data-key") };
const MODE = { minimum: 0, maximum: 0o777 };

/** Of pods and their parts, and of what all objects have. */
export const POD_FORMS: Forms = {
    "meta.v1.ObjectMeta": {
        labels: LABELS,
        annotations: { propertyNames: form("annotation-key") },
        namespace: form("label"),
        finalizers: { items: { type: "string", ...form("label-key") } },
    },
    "meta.v1.LabelSelector": { matchLabels: LABELS },
    "meta.v1.LabelSelectorRequirement": {
        operator: { enum: ["In", "NotIn", "Exists", "DoesNotExist"] },
        key: form("label-key"),
    },
    "core.v1.NodeSelectorRequirement": { key: form("label-key") },
    "core.v1.NodeSelector": { nodeSelectorTerms: NOT_EMPTY },
    "core.v1.PreferredSchedulingTerm": { weight: { minimum: 1, maximum: 100 } },
    "core.v1.WeightedPodAffinityTerm": { weight: { minimum: 1, maximum: 100 } },
    "core.v1.PodAffinityTerm": {
        topologyKey: form("label-key"),
        namespaces: { items: { type: "string", ...form("label") } },
        ...KEYS,
    },
    "core.v1.TopologySpreadConstraint": {
        maxSkew: POSITIVE,
        minDomains: POSITIVE,
        matchLabelKeys: KEYS.matchLabelKeys,
    },
    // The alpha feature that compares numbers is off by default.
    "core.v1.Toleration": { key: form("label-key"), operator: { enum: ["", "Exists", "Equal"] } },
    "core.v1.PodSpec": {
        containers: NOT_EMPTY,
        nodeSelector: LABELS,
        serviceAccountName: form("subdomain"),
        serviceAccount: form("subdomain"),
        nodeName: form("subdomain"),
        priorityClassName: form("subdomain"),
        hostname: form("label"),
        subdomain: form("label"),
        activeDeadlineSeconds: { minimum: 1, maximum: 2 ** 31 - 1 },
        runtimeClassName: form("subdomain"),
    },
    "core.v1.PodSchedulingGate": { name: form("label-key") },
    "core.v1.PodResourceClaim": { name: form("label") },
    "core.v1.PodDNSConfig": {
        nameservers: { maxItems: 3, items: { type: "string", ...form("ip") } },
        searches: { maxItems: 32, items: { type: "string", ...form("search-domain") } },
    },
    "core.v1.PodDNSConfigOption": { name: form("text") },
    "core.v1.HostAlias": { ip: form("ip"), hostnames: { items: { type: "string", ...form("subdomain") } } },
    "core.v1.PodSecurityContext": {
        runAsUser: ID,
        runAsGroup: ID,
        fsGroup: ID,
        supplementalGroups: { items: { type: "integer", ...ID } },
        seLinuxChangePolicy: { enum: ["MountOption", "Recursive"] },
    },
    "core.v1.WindowsSecurityContextOptions": { gmsaCredentialSpecName: form("subdomain"), runAsUserName: form("text") },
    "core.v1.AppArmorProfile": { localhostProfile: form("trimmed") },
    "core.v1.ContainerResizePolicy": {
        resourceName: { enum: ["cpu", "memory"] },
        restartPolicy: { enum: ["NotRequired", "RestartContainer"] },
    },
    "core.v1.SecurityContext": { runAsUser: ID, runAsGroup: ID },
    "core.v1.Container": {
        name: form("label"),
        image: form("trimmed"),
        resizePolicy: { keys: ["resourceName"] },
    },
    "core.v1.ContainerPort": {
        containerPort: PORT,
        hostPort: { minimum: 0, maximum: 65535 },
        name: form("port-name"),
    },
    "core.v1.EnvFromSource": { prefix: form("env-name") },
    "core.v1.SeccompProfile": { localhostProfile: form("relative-path") },
    "core.v1.PodReadinessGate": { conditionType: form("label-key") },
    "core.v1.CSIVolumeSource": { driver: form("driver-name") },
    "core.v1.ConfigMapEnvSource": { name: form("subdomain") },
    "core.v1.SecretEnvSource": { name: form("subdomain") },
    "core.v1.EnvVar": { name: form("env-name") },
    "core.v1.ConfigMapKeySelector": { ...KEYED, name: form("subdomain") },
    "core.v1.SecretKeySelector": { ...KEYED, name: form("subdomain") },
    "core.v1.ObjectFieldSelector": { fieldPath: form("text") },
    "core.v1.ResourceRequirements": { limits: AMOUNTS, requests: AMOUNTS },
    "core.v1.VolumeResourceRequirements": { limits: AMOUNTS, requests: AMOUNTS },
    "core.v1.VolumeMount": { name: form("text"), mountPath: form("text"), subPath: BELOW, subPathExpr: BELOW },
    "core.v1.VolumeDevice": { name: form("text"), devicePath: form("path-without-dots") },
    "core.v1.Volume": { name: form("label") },
    "core.v1.EmptyDirVolumeSource": { sizeLimit: form("amount") },
    "core.v1.HostPathVolumeSource": { path: form("path-without-dots") },
    "core.v1.SecretVolumeSource": { defaultMode: MODE },
    "core.v1.ConfigMapVolumeSource": { defaultMode: MODE },
    "core.v1.ProjectedVolumeSource": { defaultMode: MODE },
    "core.v1.DownwardAPIVolumeSource": { defaultMode: MODE },
    "core.v1.DownwardAPIVolumeFile": { path: form("relative-path"), mode: MODE },
    "core.v1.KeyToPath": { key: form("text"), path: form("relative-path"), mode: MODE },
    "core.v1.ServiceAccountTokenProjection": {
        path: form("relative-path"),
        expirationSeconds: { minimum: 600, maximum: 2 ** 32 },
    },
    "core.v1.PersistentVolumeClaimVolumeSource": { claimName: form("text") },
    "core.v1.Probe": {
        failureThreshold: COUNT,
        successThreshold: COUNT,
        periodSeconds: COUNT,
        timeoutSeconds: COUNT,
        initialDelaySeconds: COUNT,
        terminationGracePeriodSeconds: POSITIVE,
    },
    "core.v1.HTTPGetAction": { port: form("port-or-name"), scheme: { enum: ["HTTP", "HTTPS"] } },
    "core.v1.HTTPHeader": { name: { pattern: "^[-A-Za-z0-9]+$" } },
    "core.v1.TCPSocketAction": { port: form("port-or-name") },
    "core.v1.GRPCAction": { port: PORT },
    "core.v1.SleepAction": { seconds: COUNT },
    "core.v1.ExecAction": { command: NOT_EMPTY },
};
