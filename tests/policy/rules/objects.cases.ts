import { LABELLED_KINDS } from "../../../policy-pack/model/labelled.ts";
import { breaks, keeps, type RuleCases } from "./cases.ts";

const named = (name: string, resource = {}): unknown => ({
    apiVersion: name,
    metadata: { name: "x", namespace: "shop" },
    ...resource,
});
const RIGHT = "the role can raise its own rights by ";

export const OBJECTS: readonly RuleCases[] = [
    {
        rule: "rbac-wildcard",
        on: ["Role", "ClusterRole"],
        breaks: ["apiGroups", "resources", "verbs"].map((field) =>
            breaks({ [`rules[0].${field}`]: ["a", "*"] }, `rules[0].${field}`, `the role allows all ${field}`),
        ),
        keeps: [keeps({ "rules[0].resources": ["configmaps/*"] })],
    },
    {
        rule: "rbac-cluster-admin",
        on: ["RoleBinding", "ClusterRoleBinding"],
        breaks: ["cluster-admin", "admin"].map((name) =>
            breaks(
                { roleRef: { kind: "ClusterRole", name } },
                "roleRef.name",
                "the binding gives an administrator's role",
            ),
        ),
        keeps: [
            keeps({ roleRef: { kind: "Role", name: "admin" } }),
            keeps({ roleRef: { kind: "ClusterRole", name: "view" } }),
        ],
    },
    {
        rule: "rbac-anonymous",
        on: ["RoleBinding", "ClusterRoleBinding"],
        breaks: [
            breaks(
                { "subjects[0]": { kind: "Group", name: "system:unauthenticated" } },
                "subjects[0].name",
                "the binding gives a role to everybody",
            ),
        ],
        keeps: [keeps({ "subjects[0]": { kind: "Group", name: "system:serviceaccounts:shop" } })],
    },
    {
        rule: "rbac-secrets",
        on: ["Role", "ClusterRole"],
        breaks: [
            breaks(
                { rules: [{ apiGroups: [""], resources: ["secrets"], verbs: ["get"] }] },
                "rules[0]",
                "the role reads all Secrets",
            ),
            breaks(
                { rules: [{ apiGroups: [""], resources: ["secrets"], verbs: ["list"], resourceNames: ["a"] }] },
                "rules[0]",
                "the role reads all Secrets",
            ),
        ],
        keeps: [keeps({ rules: [{ apiGroups: [""], resources: ["secrets"], verbs: ["get"], resourceNames: ["a"] }] })],
    },
    {
        rule: "rbac-pods",
        on: ["Role", "ClusterRole"],
        breaks: [
            breaks(
                { rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["create"] }] },
                "rules[0]",
                "the role makes pods",
            ),
            breaks(
                { rules: [{ apiGroups: [""], resources: ["pods/exec"], verbs: ["create"] }] },
                "rules[0]",
                "the role runs commands in pods",
            ),
            breaks(
                { rules: [{ apiGroups: [""], resources: ["*/attach"], verbs: ["*"] }] },
                "rules[0]",
                "the role attaches to pods",
            ),
            breaks(
                { rules: [{ apiGroups: ["*"], resources: ["*"], verbs: ["get", "patch"] }] },
                "rules[0]",
                "the role runs commands in pods, attaches to pods, forwards ports of pods and adds containers to pods",
            ),
        ],
        keeps: [keeps({ rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get", "list", "watch"] }] })],
    },
    {
        rule: "rbac-escalation",
        on: ["Role", "ClusterRole"],
        breaks: [
            breaks(
                { rules: [{ apiGroups: ["rbac.authorization.k8s.io"], resources: ["roles"], verbs: ["escalate"] }] },
                "rules[0]",
                `${RIGHT}roles`,
            ),
            breaks(
                { rules: [{ apiGroups: [""], resources: ["serviceaccounts/token"], verbs: ["create"] }] },
                "rules[0]",
                `${RIGHT}serviceaccounts/token`,
            ),
            breaks(
                { rules: [{ apiGroups: ["*"], resources: ["*"], verbs: ["bind", "impersonate"] }] },
                "rules[0]",
                `${RIGHT}users, groups, serviceaccounts, roles and clusterroles`,
            ),
        ],
        keeps: [keeps({ rules: [{ apiGroups: ["rbac.authorization.k8s.io"], resources: ["roles"], verbs: ["get"] }] })],
    },
    {
        rule: "privileged-scc",
        on: ["SecurityContextConstraints"],
        breaks: [
            breaks(
                { allowPrivilegedContainer: true },
                "allowPrivilegedContainer",
                "the constraint allows privileged containers",
            ),
        ],
        keeps: [keeps({ allowPrivilegedContainer: false })],
    },
    {
        rule: "restart-policy",
        on: ["Job", "CronJob"],
        breaks: [undefined, "Always"].map((policy) =>
            breaks({ "pod:restartPolicy": policy }, "pod:restartPolicy", "pods of a Job need OnFailure or Never"),
        ),
        keeps: [keeps({ "pod:restartPolicy": "Never" })],
    },
    {
        rule: "restart-policy",
        on: ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController"],
        breaks: [
            breaks({ "pod:restartPolicy": "Never" }, "pod:restartPolicy", "pods of this kind can only restart Always"),
        ],
        keeps: [keeps({ "pod:restartPolicy": "Always" })],
    },
    {
        rule: "cronjob-concurrency",
        on: ["CronJob"],
        breaks: [undefined, "Allow"].map((policy) =>
            breaks({ "spec.concurrencyPolicy": policy }, "spec.concurrencyPolicy", "runs of this CronJob may overlap"),
        ),
        keeps: [keeps({ "spec.concurrencyPolicy": "Replace" })],
    },
    {
        rule: "cronjob-starting-deadline",
        on: ["CronJob"],
        breaks: [
            breaks(
                { "spec.startingDeadlineSeconds": undefined },
                "spec.startingDeadlineSeconds",
                "there is no starting deadline",
            ),
            breaks(
                { "spec.startingDeadlineSeconds": 9 },
                "spec.startingDeadlineSeconds",
                "the starting deadline is too short",
            ),
        ],
        keeps: [keeps({ "spec.startingDeadlineSeconds": 10 })],
    },
    {
        rule: "cronjob-history",
        on: ["CronJob"],
        breaks: ["successfulJobsHistoryLimit", "failedJobsHistoryLimit"].flatMap((field) => [
            breaks({ [`spec.${field}`]: undefined }, `spec.${field}`, "there is no limit"),
            breaks({ [`spec.${field}`]: 0 }, `spec.${field}`, "the limit is not between 1 and 10"),
            breaks({ [`spec.${field}`]: 11 }, `spec.${field}`, "the limit is not between 1 and 10"),
        ]),
        keeps: [keeps({ "spec.successfulJobsHistoryLimit": 1, "spec.failedJobsHistoryLimit": 10 })],
    },
    {
        rule: "job-deadline",
        on: ["Job"],
        breaks: [undefined, 0].map((seconds) =>
            breaks({ "spec.activeDeadlineSeconds": seconds }, "spec.activeDeadlineSeconds", "the Job has no deadline"),
        ),
        keeps: [keeps({ "spec.activeDeadlineSeconds": 1 })],
    },
    {
        rule: "job-deadline",
        on: ["CronJob"],
        breaks: [
            breaks(
                { "spec.jobTemplate.spec.activeDeadlineSeconds": undefined },
                "spec.jobTemplate.spec.activeDeadlineSeconds",
                "the Job has no deadline",
            ),
            breaks(
                { "spec.jobTemplate.spec.activeDeadlineSeconds": 301 },
                "spec.jobTemplate.spec.activeDeadlineSeconds",
                "the Job may run for 301 seconds although the next is due after 300",
            ),
            breaks(
                { "spec.schedule": "0,10 1-3/2 * * 1", "spec.jobTemplate.spec.activeDeadlineSeconds": 601 },
                "spec.jobTemplate.spec.activeDeadlineSeconds",
                "the Job may run for 601 seconds although the next is due after 600",
            ),
            breaks(
                { "spec.schedule": "@every 1h30m", "spec.jobTemplate.spec.activeDeadlineSeconds": 5401 },
                "spec.jobTemplate.spec.activeDeadlineSeconds",
                "the Job may run for 5401 seconds although the next is due after 5400",
            ),
            // Over midnight, and on days that follow each other.
            ...(
                [
                    ["0,59 23,0 * * *", 60, 61],
                    ["0 23,1 * * *", 7200, 7201],
                    ["0 4 * * 1,3,4", 86400, 86401],
                    ["@weekly", 604800, 604801],
                ] as const
            ).map(([schedule, period, seconds]) =>
                breaks(
                    { "spec.schedule": schedule, "spec.jobTemplate.spec.activeDeadlineSeconds": seconds },
                    "spec.jobTemplate.spec.activeDeadlineSeconds",
                    `the Job may run for ${seconds} seconds although the next is due after ${period}`,
                ),
            ),
        ],
        keeps: [
            keeps({ "spec.jobTemplate.spec.activeDeadlineSeconds": 300 }),
            keeps({ "spec.concurrencyPolicy": "Replace", "spec.jobTemplate.spec.activeDeadlineSeconds": 900 }),
            keeps({ "spec.schedule": "@daily", "spec.jobTemplate.spec.activeDeadlineSeconds": 86400 }),
            // Days without a run lie between.
            ...["0 3 * * 0", "0 0,23 * * 1", "0 0 1,15 * *", "15 2 29 2 *"].map((schedule) =>
                keeps({ "spec.schedule": schedule, "spec.jobTemplate.spec.activeDeadlineSeconds": 82000 }),
            ),
            keeps({ "spec.schedule": "0 3 1 * *", "spec.jobTemplate.spec.activeDeadlineSeconds": 259200 }),
            keeps({ "spec.schedule": "@every 24h", "spec.jobTemplate.spec.activeDeadlineSeconds": 86400 }),
            keeps({ "spec.schedule": "not one", "spec.jobTemplate.spec.activeDeadlineSeconds": 86400 }),
        ],
    },
    {
        rule: "job-backoff",
        on: ["Job"],
        breaks: [
            breaks(
                { "spec.backoffLimit": undefined },
                "spec.backoffLimit",
                "the Job leaves its retries to the default",
            ),
            breaks({ "spec.backoffLimit": 7 }, "spec.backoffLimit", "the Job tries too often"),
            breaks(
                { "spec.backoffLimit": undefined, "spec.backoffLimitPerIndex": 7 },
                "spec.backoffLimitPerIndex",
                "the Job tries too often",
            ),
        ],
        keeps: [
            keeps({ "spec.backoffLimit": 0 }),
            keeps({ "spec.backoffLimit": 6 }),
            keeps({ "spec.backoffLimit": undefined, "spec.backoffLimitPerIndex": 1 }),
        ],
    },
    {
        rule: "job-backoff",
        on: ["CronJob"],
        breaks: [
            breaks(
                { "spec.jobTemplate.spec.backoffLimit": undefined },
                "spec.jobTemplate.spec.backoffLimit",
                "the Job leaves its retries to the default",
            ),
        ],
        keeps: [keeps({})],
    },
    {
        rule: "job-ttl",
        on: ["Job"],
        breaks: [breaks({}, "spec.ttlSecondsAfterFinished", "the Job is never cleared away")],
        keeps: [keeps({ "spec.ttlSecondsAfterFinished": 600 })],
    },
    {
        rule: "job-ttl",
        on: ["CronJob"],
        breaks: [
            breaks(
                { "spec.jobTemplate.spec.ttlSecondsAfterFinished": 600 },
                "spec.jobTemplate.spec.ttlSecondsAfterFinished",
                "this cuts the history limits short",
            ),
        ],
        keeps: [keeps({})],
    },
    {
        rule: "labels",
        on: LABELLED_KINDS,
        breaks: [
            breaks(
                { 'metadata.labels["app.kubernetes.io/name"]': undefined },
                'metadata.labels["app.kubernetes.io/name"]',
                "this label is missing",
            ),
            breaks({}, "metadata.labels.owner", "this label is missing", {
                config: { parameters: { requiredLabels: ["owner"] } },
            }),
        ],
        keeps: [
            keeps({ "metadata.labels": { owner: "a" } }, { config: { parameters: { requiredLabels: ["owner"] } } }),
        ],
    },
    {
        rule: "annotations",
        on: LABELLED_KINDS,
        breaks: [
            breaks({}, "metadata.annotations.owner", "this annotation is missing", {
                config: { parameters: { requiredAnnotations: ["owner"] } },
            }),
        ],
        keeps: [
            keeps({}),
            keeps(
                { "metadata.annotations.owner": "a" },
                { config: { parameters: { requiredAnnotations: ["owner"] } } },
            ),
        ],
    },
    {
        rule: "namespace-default",
        on: ["Deployment", "Service", "Secret", "ServiceAccount", "Job"],
        breaks: [undefined, "default"].map((namespace) =>
            breaks(
                { "metadata.namespace": namespace },
                "metadata.namespace",
                "the object lands in the namespace default",
            ),
        ),
        keeps: [keeps({ "metadata.namespace": "other" })],
    },
    { rule: "namespace-default", on: ["Namespace", "ClusterRole"], breaks: [], keeps: [keeps({})] },
    {
        rule: "namespace-pod-security",
        on: ["Namespace"],
        breaks: [
            breaks(
                { "metadata.labels": {} },
                'metadata.labels["pod-security.kubernetes.io/enforce"]',
                "the namespace enforces no Pod Security level",
            ),
            breaks(
                { 'metadata.labels["pod-security.kubernetes.io/enforce"]': "baseline" },
                'metadata.labels["pod-security.kubernetes.io/enforce"]',
                "the namespace enforces a level that is not allowed",
            ),
        ],
        keeps: [
            keeps(
                { 'metadata.labels["pod-security.kubernetes.io/enforce"]': "baseline" },
                { config: { parameters: { podSecurityLevels: ["baseline"] } } },
            ),
        ],
    },
    {
        rule: "removed-api",
        on: ["CronJob", "Job"],
        breaks: [
            breaks(
                { apiVersion: "batch/v1beta1", kind: "CronJob" },
                "apiVersion",
                "Kubernetes 1.36 no longer has this API; use batch/v1",
            ),
        ],
        keeps: [
            keeps(
                { apiVersion: "batch/v1beta1", kind: "CronJob" },
                { config: { parameters: { kubernetesVersion: "1.24" } } },
            ),
        ],
    },
    {
        rule: "deprecated-api",
        on: ["CronJob"],
        breaks: [
            breaks(
                { apiVersion: "batch/v1beta1" },
                "apiVersion",
                "this API is deprecated in Kubernetes 1.24; use batch/v1",
                { config: { parameters: { kubernetesVersion: "1.24" } } },
            ),
        ],
        keeps: [keeps({ apiVersion: "batch/v1beta1" }, { config: { parameters: { kubernetesVersion: "1.20" } } })],
    },
    {
        rule: "unstable-api",
        on: ["Object/x"],
        breaks: [
            breaks({}, "apiVersion", "this version of the API is not stable", {
                add: [named("resource.k8s.io/v1beta1", { kind: "Object" })],
            }),
        ],
        keeps: [
            keeps({}, { add: [named("gateway.networking.k8s.io/v1beta1", { kind: "Object" })] }),
            keeps({}, { add: [named("networking.k8s.io/v1", { kind: "Object" })] }),
        ],
    },
    {
        rule: "volume-retention",
        on: ["StatefulSet"],
        breaks: ["whenDeleted", "whenScaled"].map((field) =>
            breaks(
                { "spec.persistentVolumeClaimRetentionPolicy": { [field]: "Delete" } },
                `spec.persistentVolumeClaimRetentionPolicy.${field}`,
                "the volumes are deleted with it",
            ),
        ),
        keeps: [keeps({ "spec.persistentVolumeClaimRetentionPolicy": { whenDeleted: "Retain" } })],
    },
    {
        rule: "release-atomic",
        on: ["Release"],
        breaks: [undefined, false].map((value) =>
            breaks({ atomic: value }, "atomic", "a failed release stays half done"),
        ),
        keeps: [keeps({})],
    },
    {
        rule: "release-timeout",
        on: ["Release"],
        breaks: [undefined, 0].map((value) =>
            breaks({ timeout: value }, "timeout", "the release has no timeout of its own"),
        ),
        keeps: [keeps({ timeout: 1 })],
    },
    {
        rule: "release-history",
        on: ["Release"],
        breaks: [undefined, 0].map((value) => breaks({ maxHistory: value }, "maxHistory", "the history has no bound")),
        keeps: [keeps({ maxHistory: 1 })],
    },
    {
        rule: "release-name",
        on: ["Release"],
        breaks: [breaks({ name: undefined }, "name", "the release has no name of its own")],
        keeps: [keeps({})],
    },
    {
        rule: "release-namespace",
        on: ["Release"],
        breaks: [
            ...[undefined, "", "default"].map((namespace) =>
                breaks({ namespace }, "namespace", "the release lands in default"),
            ),
            breaks({ createNamespace: true }, "createNamespace", "helm makes the namespace"),
        ],
        keeps: [keeps({ createNamespace: false })],
    },
    {
        rule: "release-version",
        on: ["Release"],
        breaks: [undefined, "^1.0.0", "1", ">=1.2.3"].flatMap((version) => [
            breaks({ chart: "oci://ghcr.io/acme/shop", version }, "version", "the chart is not pinned to one version"),
            breaks(
                { repositoryOpts: { repo: "https://charts.acme.example" }, version },
                "version",
                "the chart is not pinned to one version",
            ),
        ]),
        keeps: [
            keeps({ version: undefined }),
            keeps({ chart: "oci://ghcr.io/acme/shop", version: "v1.2.3-rc.1" }),
            keeps({ chart: "https://charts.acme.example/shop-1.2.3.tgz" }),
        ],
    },
    {
        rule: "release-validation",
        on: ["Release"],
        breaks: [
            breaks({ skipAwait: true }, "skipAwait", "the release does not wait for its pods"),
            breaks({ disableOpenapiValidation: true }, "disableOpenapiValidation", "the release is not validated"),
            breaks({ forceUpdate: true }, "forceUpdate", "the release replaces objects instead of updating them"),
        ],
        keeps: [keeps({ skipAwait: false })],
    },
];
