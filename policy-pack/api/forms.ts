/**
 * What the API server's code asks of single fields beyond the OpenAPI documents, as JSON Schema by definition and field.
 * Facts of Kubernetes' validation; the test against a real API server compares them.
 */

import type { FormName } from "./formats.ts";

/** A part of JSON Schema, with the keyword `form` of `schema.ts`. */
type Form = Readonly<Record<string, unknown>>;

const form = (form: FormName): Form => ({ form });
const PORT = { minimum: 1, maximum: 65535 };
const COUNT = { minimum: 0 };
const POSITIVE = { minimum: 1 };
const ID = { minimum: 0, maximum: 2 ** 31 - 1 };
const AMOUNTS = {
    propertyNames: form("resource-name"),
    additionalProperties: { is: "api.resource.Quantity", ...form("amount") },
};
const LABELS = { propertyNames: form("label-key"), additionalProperties: { type: "string", ...form("label-value") } };
const KEYS = {
    matchLabelKeys: { items: { type: "string", ...form("label-key") } },
    mismatchLabelKeys: { items: { type: "string", ...form("label-key") } },
};
const BELOW = form("relative-path");
const NOT_EMPTY = { minItems: 1 };
const KEYED = { key: form("data-key") };
const PROTOCOL = { enum: ["TCP", "UDP", "SCTP"] };
const KEEP = { enum: ["Retain", "Delete"] };
const MODE = { minimum: 0, maximum: 0o777 };

export const FORMS: Readonly<Record<string, Readonly<Record<string, Form>>>> = {
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
        terminationGracePeriodSeconds: COUNT,
        runtimeClassName: form("subdomain"),
    },
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
    },
    "core.v1.SecurityContext": { runAsUser: ID, runAsGroup: ID },
    "core.v1.Container": {
        name: form("label"),
        image: form("trimmed"),
    },
    "core.v1.ContainerPort": {
        containerPort: PORT,
        hostPort: { minimum: 0, maximum: 65535 },
        name: form("port-name"),
    },
    "core.v1.EnvFromSource": { prefix: form("env-name") },
    "core.v1.SeccompProfile": { localhostProfile: form("relative-path") },
    "core.v1.PodReadinessGate": { conditionType: form("label-key") },
    "core.v1.CSIVolumeSource": { driver: form("subdomain") },
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
    "core.v1.KeyToPath": { key: form("data-key"), path: form("relative-path"), mode: MODE },
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

    "apps.v1.DeploymentSpec": {
        replicas: COUNT,
        minReadySeconds: COUNT,
        revisionHistoryLimit: COUNT,
        progressDeadlineSeconds: COUNT,
    },
    "apps.v1.RollingUpdateDeployment": { maxUnavailable: form("count-or-share"), maxSurge: form("count-or-percent") },
    "apps.v1.DaemonSetSpec": { minReadySeconds: COUNT, revisionHistoryLimit: COUNT },
    "apps.v1.RollingUpdateDaemonSet": { maxUnavailable: form("count-or-share"), maxSurge: form("count-or-share") },
    "apps.v1.StatefulSetSpec": {
        serviceName: form("subdomain"),
        replicas: COUNT,
        minReadySeconds: COUNT,
        revisionHistoryLimit: COUNT,
    },
    "apps.v1.RollingUpdateStatefulSetStrategy": { partition: COUNT, maxUnavailable: form("count-or-share") },
    "apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy": { whenDeleted: KEEP, whenScaled: KEEP },
    "apps.v1.StatefulSetOrdinals": { start: COUNT },
    "apps.v1.ReplicaSetSpec": { replicas: COUNT, minReadySeconds: COUNT },
    "core.v1.ReplicationControllerSpec": { replicas: COUNT, minReadySeconds: COUNT },
    "batch.v1.PodFailurePolicyOnExitCodesRequirement": { values: NOT_EMPTY },
    "batch.v1.PodFailurePolicyOnPodConditionsPattern": {
        type: form("label-key"),
        status: { enum: ["True", "False", "Unknown"] },
    },
    "batch.v1.SuccessPolicy": { rules: NOT_EMPTY },
    "batch.v1.SuccessPolicyRule": { succeededIndexes: { pattern: "^$|^\\d+(-\\d+)?(,\\d+(-\\d+)?)*$" } },
    "batch.v1.JobSpec": {
        parallelism: COUNT,
        completions: COUNT,
        backoffLimit: COUNT,
        activeDeadlineSeconds: COUNT,
        ttlSecondsAfterFinished: COUNT,
        backoffLimitPerIndex: COUNT,
        maxFailedIndexes: COUNT,
        managedBy: form("domain-path"),
    },
    "batch.v1.CronJobSpec": {
        schedule: form("schedule"),
        timeZone: form("time-zone"),
        startingDeadlineSeconds: COUNT,
        successfulJobsHistoryLimit: COUNT,
        failedJobsHistoryLimit: COUNT,
    },

    "core.v1.ServiceSpec": {
        selector: LABELS,
        clusterIP: form("ip-or-none"),
        loadBalancerClass: form("label-key"),
        externalIPs: { items: { type: "string", ...form("ip") } },
        healthCheckNodePort: { minimum: 0, maximum: 65535 },
    },
    "core.v1.ServicePort": {
        port: PORT,
        targetPort: form("target-port"),
        nodePort: { minimum: 0, maximum: 65535 },
        name: form("label"),
        appProtocol: form("label-key"),
    },
    "core.v1.ClientIPConfig": { timeoutSeconds: { minimum: 1, maximum: 86400 } },
    "networking.v1.IngressRule": { host: form("wildcard-host") },
    "networking.v1.IngressTLS": {
        hosts: { items: { type: "string", ...form("wildcard-name") } },
        secretName: form("subdomain"),
    },
    "networking.v1.IngressSpec": { ingressClassName: form("subdomain") },
    "networking.v1.ServiceCIDRSpec": {
        cidrs: { minItems: 1, maxItems: 2, items: { type: "string", ...form("cidr") } },
    },
    "networking.v1.ServiceBackendPort": { number: PORT },
    "networking.v1.IngressServiceBackend": { name: form("service-name") },
    "networking.v1.HTTPIngressRuleValue": { paths: NOT_EMPTY },
    "networking.v1.NetworkPolicyPort": { protocol: PROTOCOL, port: form("port-or-name"), endPort: PORT },
    "networking.v1.IPBlock": { cidr: form("cidr"), except: { items: { type: "string", ...form("cidr") } } },
    "networking.v1.NetworkPolicySpec": {
        policyTypes: { maxItems: 2, items: { type: "string", enum: ["Ingress", "Egress"] } },
    },
    "policy.v1.PodDisruptionBudgetSpec": {
        minAvailable: form("count-or-share"),
        maxUnavailable: form("count-or-share"),
    },

    "autoscaling.v2.HorizontalPodAutoscalerSpec": { minReplicas: POSITIVE, maxReplicas: POSITIVE },
    "autoscaling.v1.HorizontalPodAutoscalerSpec": {
        minReplicas: POSITIVE,
        maxReplicas: POSITIVE,
        targetCPUUtilizationPercentage: POSITIVE,
    },
    "autoscaling.v2.CrossVersionObjectReference": { kind: form("path-segment"), name: form("path-segment") },
    "autoscaling.v1.CrossVersionObjectReference": { kind: form("path-segment"), name: form("path-segment") },
    "autoscaling.v2.MetricTarget": {
        averageUtilization: POSITIVE,
        value: form("positive-amount"),
        averageValue: form("positive-amount"),
        type: { enum: ["Utilization", "Value", "AverageValue"] },
    },
    "autoscaling.v2.HPAScalingPolicy": {
        value: POSITIVE,
        periodSeconds: { minimum: 1, maximum: 1800 },
        type: { enum: ["Pods", "Percent"] },
    },
    "autoscaling.v2.HPAScalingRules": {
        stabilizationWindowSeconds: { minimum: 0, maximum: 3600 },
        selectPolicy: { enum: ["Max", "Min", "Disabled"] },
    },
    "autoscaling.v2.MetricSpec": { type: { enum: ["Object", "Pods", "Resource", "ContainerResource", "External"] } },

    "core.v1.ConfigMap": { data: { propertyNames: form("data-key") }, binaryData: { propertyNames: form("data-key") } },
    "core.v1.Secret": { data: { propertyNames: form("data-key") }, stringData: { propertyNames: form("data-key") } },
    "core.v1.PersistentVolumeClaimSpec": { accessModes: NOT_EMPTY, storageClassName: form("subdomain") },
    "core.v1.PersistentVolumeSpec": { capacity: AMOUNTS, accessModes: NOT_EMPTY },
    "core.v1.ResourceQuotaSpec": { hard: AMOUNTS },
    "core.v1.LimitRangeItem": {
        max: AMOUNTS,
        min: AMOUNTS,
        default: AMOUNTS,
        defaultRequest: AMOUNTS,
        type: form("label-key"),
    },
    "rbac.v1.RoleRef": {
        apiGroup: { enum: ["rbac.authorization.k8s.io"] },
        name: form("path-segment"),
        kind: { enum: ["Role", "ClusterRole"] },
    },
    "networking.v1.IngressClassParametersReference": {
        apiGroup: form("subdomain"),
        kind: form("path-segment"),
        name: form("path-segment"),
    },
    "node.v1.Scheduling": { nodeSelector: LABELS },
    "node.v1.Overhead": { podFixed: AMOUNTS },
    "admissionregistration.v1.ServiceReference": { port: PORT },
    "admissionregistration.v1.RuleWithOperations": {
        apiGroups: NOT_EMPTY,
        apiVersions: NOT_EMPTY,
        operations: NOT_EMPTY,
        resources: NOT_EMPTY,
    },
    "admissionregistration.v1.ValidatingWebhook": {
        name: form("subdomain"),
        admissionReviewVersions: { items: { type: "string", ...form("label-1035") } },
    },
    "admissionregistration.v1.MutatingWebhook": {
        name: form("subdomain"),
        admissionReviewVersions: { items: { type: "string", ...form("label-1035") } },
    },
    "rbac.v1.Subject": { name: form("text"), kind: { enum: ["User", "Group", "ServiceAccount"] } },
    "rbac.v1.PolicyRule": { verbs: NOT_EMPTY },
    "storage.v1.StorageClass": { provisioner: form("text") },
    "scheduling.v1.PriorityClass": { value: { maximum: 1_000_000_000 } },
};

const SEGMENT = /^((Cluster)?Role(Binding)?|PodDisruptionBudget|CertificateSigningRequest)$/;

/** The form of names of a kind: names become part of addresses, labels and paths. */
export function nameForm(kind: string): FormName {
    if (SEGMENT.test(kind)) return "path-segment";
    if (kind === "Namespace") return "label";
    if (kind === "Service") return "service-name";
    return "subdomain";
}

/** Fields that the documents call required and the API server does not ask for. */
export const OPTIONAL: Readonly<Record<string, readonly string[]>> = {
    "apps.v1.StatefulSetSpec": ["serviceName"],
    "core.v1.SleepAction": ["seconds"],
};

/** Fields that the API server asks for and the documents do not call required. */
export const REQUIRED: Readonly<Record<string, readonly string[]>> = {
    "apps.v1.DeploymentSpec": ["selector", "template"],
    "apps.v1.Deployment": ["spec"],
    "apps.v1.StatefulSet": ["spec"],
    "apps.v1.DaemonSet": ["spec"],
    "apps.v1.ReplicaSet": ["spec"],
    "apps.v1.ReplicaSetSpec": ["template"],
    "core.v1.ReplicationController": ["spec"],
    "core.v1.ReplicationControllerSpec": ["template"],
    "core.v1.PodTemplateSpec": ["spec"],
    "core.v1.Pod": ["spec"],
    "core.v1.Container": ["image"],
    "core.v1.Service": ["spec"],
    "core.v1.PersistentVolume": ["spec"],
    "core.v1.PersistentVolumeClaim": ["spec"],
    "core.v1.PersistentVolumeClaimSpec": ["resources", "accessModes"],
    "core.v1.ConfigMapKeySelector": ["name"],
    "core.v1.SecretKeySelector": ["name"],
    "core.v1.ExecAction": ["command"],
    "core.v1.ConfigMapVolumeSource": ["name"],
    "core.v1.ConfigMapProjection": ["name"],
    "core.v1.SecretProjection": ["name"],
    "admissionregistration.v1.RuleWithOperations": ["apiGroups", "apiVersions", "operations", "resources"],
    "batch.v1.Job": ["spec"],
    "batch.v1.CronJob": ["spec"],
    "networking.v1.Ingress": ["spec"],
    "networking.v1.IngressServiceBackend": ["port"],
    "autoscaling.v2.HorizontalPodAutoscaler": ["spec"],
    "autoscaling.v1.HorizontalPodAutoscaler": ["spec"],
};
