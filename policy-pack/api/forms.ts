/**
 * What the API server's code asks of single fields beyond the OpenAPI documents, as JSON Schema by definition and field.
 * Facts of Kubernetes' validation; the test against a real API server compares them.
 */

import { AMOUNTS, COUNT, form, type Forms, LABELS, NOT_EMPTY, PORT, POSITIVE } from "./form-parts.ts";
import type { FormName } from "./formats.ts";
import { POD_FORMS } from "./pod-forms.ts";

const RESOURCES = { propertyNames: form("resource-name") };
/** Here an empty text is none of the values: nothing fills in the default. */
const FILLED = form("text");
const PROTOCOL = { enum: ["TCP", "UDP", "SCTP"], ...FILLED };
const KEEP = { enum: ["Retain", "Delete"] };
const WEBHOOK = {
    name: form("webhook-name"),
    sideEffects: { enum: ["None", "NoneOnDryRun"] },
    timeoutSeconds: { minimum: 1, maximum: 30 },
};

export const FORMS: Forms = {
    ...POD_FORMS,

    "apps.v1.DeploymentSpec": {
        replicas: COUNT,
        minReadySeconds: COUNT,
        revisionHistoryLimit: COUNT,
        progressDeadlineSeconds: COUNT,
    },
    "apps.v1.RollingUpdateDeployment": { maxUnavailable: form("count-or-share"), maxSurge: form("count-or-percent") },
    "apps.v1.DaemonSetSpec": { minReadySeconds: COUNT, revisionHistoryLimit: COUNT },
    "apps.v1.RollingUpdateDaemonSet": { maxUnavailable: form("count-or-share"), maxSurge: form("count-or-share") },
    "apps.v1.StatefulSetSpec": { serviceName: form("subdomain"), replicas: COUNT, minReadySeconds: COUNT },
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
    "batch.v1.SuccessPolicyRule": {
        succeededIndexes: { pattern: "^$|^\\d+(-\\d+)?(,\\d+(-\\d+)?)*$" },
        succeededCount: COUNT,
    },
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
    "discovery.v1.Endpoint": { addresses: NOT_EMPTY, hostname: form("label"), nodeName: form("subdomain") },
    "discovery.v1.EndpointPort": { name: form("label") },
    "networking.v1.NetworkPolicyPort": { protocol: PROTOCOL, port: form("port-or-name"), endPort: PORT },
    "networking.v1.IPBlock": { cidr: form("cidr"), except: { items: { type: "string", ...form("cidr") } } },
    "networking.v1.NetworkPolicySpec": {
        policyTypes: { maxItems: 2, items: { type: "string", enum: ["Ingress", "Egress"] } },
    },
    "policy.v1.PodDisruptionBudgetSpec": {
        minAvailable: form("count-or-share"),
        maxUnavailable: form("count-or-share"),
        unhealthyPodEvictionPolicy: FILLED,
    },

    "autoscaling.v2.HorizontalPodAutoscalerSpec": { minReplicas: POSITIVE, maxReplicas: POSITIVE },
    "autoscaling.v1.HorizontalPodAutoscalerSpec": {
        minReplicas: POSITIVE,
        maxReplicas: POSITIVE,
        targetCPUUtilizationPercentage: POSITIVE,
    },
    "autoscaling.v2.MetricIdentifier": { name: form("path-segment") },
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
    "core.v1.PersistentVolumeClaimSpec": {
        accessModes: NOT_EMPTY,
        storageClassName: form("subdomain"),
        volumeAttributesClassName: form("subdomain"),
    },
    "core.v1.PersistentVolumeSpec": { capacity: AMOUNTS, accessModes: NOT_EMPTY, storageClassName: form("subdomain") },
    "core.v1.CSIPersistentVolumeSource": { driver: form("driver-name") },
    "storage.v1.VolumeAttachmentSpec": { attacher: form("driver-name") },
    "resource.v1.OpaqueDeviceConfiguration": { driver: form("driver-name") },
    "resource.v1.ResourceSliceSpec": { driver: form("driver-name") },
    "core.v1.NFSVolumeSource": { path: form("absolute-path") },
    "core.v1.ResourceQuotaSpec": { hard: AMOUNTS },
    "core.v1.LimitRangeSpec": { limits: { keys: ["type"] } },
    "core.v1.LimitRangeItem": {
        max: RESOURCES,
        min: RESOURCES,
        default: RESOURCES,
        defaultRequest: RESOURCES,
        type: form("limit-type"),
    },
    "rbac.v1.AggregationRule": { clusterRoleSelectors: NOT_EMPTY },
    "rbac.v1.RoleRef": {
        apiGroup: { enum: ["rbac.authorization.k8s.io"] },
        name: form("path-segment"),
        kind: { enum: ["Role", "ClusterRole"] },
    },
    "networking.v1.IngressClassParametersReference": {
        apiGroup: form("subdomain"),
        kind: form("path-segment"),
        name: form("path-segment"),
        namespace: form("label"),
    },
    "node.v1.RuntimeClass": { handler: form("label") },
    "node.v1.Scheduling": { nodeSelector: LABELS },
    "node.v1.Overhead": { podFixed: AMOUNTS },
    "admissionregistration.v1.ServiceReference": { port: PORT, path: form("segments") },
    "admissionregistration.v1.WebhookClientConfig": { url: form("webhook-url") },
    "admissionregistration.v1.MatchCondition": { name: form("label-key") },
    "admissionregistration.v1.Validation": {
        reason: { enum: ["Forbidden", "Invalid", "RequestEntityTooLarge", "Unauthorized"] },
        message: { pattern: "^.*$" },
    },
    "admissionregistration.v1.Variable": { name: { pattern: "^[A-Za-z_][A-Za-z0-9_]*$" } },
    "apiextensions.v1.CustomResourceDefinitionSpec": {
        group: form("domain"),
        scope: { enum: ["Cluster", "Namespaced"] },
        preserveUnknownFields: { enum: [false] },
    },
    "apiextensions.v1.CustomResourceDefinitionNames": {
        plural: form("label-1035"),
        singular: form("label"),
        shortNames: { items: { type: "string", ...form("label-1035") } },
    },
    "apiextensions.v1.CustomResourceDefinitionVersion": { name: form("label-1035") },
    "apiextensions.v1.CustomResourceConversion": { strategy: { enum: ["None", "Webhook"] } },
    "admissionregistration.v1.RuleWithOperations": {
        apiGroups: NOT_EMPTY,
        apiVersions: { minItems: 1, items: { type: "string", ...FILLED } },
        operations: NOT_EMPTY,
        resources: NOT_EMPTY,
    },
    "admissionregistration.v1.ValidatingWebhook": {
        ...WEBHOOK,
        admissionReviewVersions: { items: { type: "string", ...form("label-1035") } },
    },
    "admissionregistration.v1.MutatingWebhook": {
        ...WEBHOOK,
        admissionReviewVersions: { items: { type: "string", ...form("label-1035") } },
    },
    "rbac.v1.Subject": { name: form("text"), kind: { enum: ["User", "Group", "ServiceAccount"] } },
    "rbac.v1.PolicyRule": { verbs: NOT_EMPTY },
    "storage.v1.StorageClass": {
        provisioner: form("annotation-key"),
        reclaimPolicy: KEEP,
        parameters: { propertyNames: form("text") },
    },
    "core.v1.TopologySelectorLabelRequirement": { key: form("label-key"), values: { minItems: 1, keys: [] } },
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
    "core.v1.HTTPHeader": ["value"],
    "core.v1.PreferredSchedulingTerm": ["preference"],
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
    "core.v1.PersistentVolumeSpec": ["accessModes"],
    "core.v1.VolumeNodeAffinity": ["required"],
    "core.v1.SecretVolumeSource": ["secretName"],
    "core.v1.EphemeralVolumeSource": ["volumeClaimTemplate"],
    "apiextensions.v1.CustomResourceDefinitionVersion": ["schema"],
    "apiextensions.v1.CustomResourceValidation": ["openAPIV3Schema"],
    "admissionregistration.v1.ValidatingAdmissionPolicySpec": ["matchConstraints"],
    "core.v1.ConfigMapKeySelector": ["name"],
    "core.v1.SecretKeySelector": ["name"],
    "core.v1.ConfigMapEnvSource": ["name"],
    "core.v1.SecretEnvSource": ["name"],
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
