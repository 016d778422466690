/**
 * Objects that people write and the API server refuses, or takes although it does not look so: fresh variants of the forms
 * in `shapes.cases.ts`. Each is shown to a real one (tests/cluster/verdicts.test.ts).
 */
import { breaks, keeps, type RuleCases } from "./cases.ts";

type Values = Readonly<Record<string, unknown>>;
type Row = readonly [set: Values, at: string, says: string];

/** An object of the good stack, or one beside it, with wrong and right changes. */
function forms(on: string, wrong: readonly Row[], right: readonly Values[], add: readonly unknown[] = []): RuleCases {
    return {
        rule: "object-shape",
        on: [on],
        breaks: wrong.map(([set, at, says]) => breaks(set, at, says, { add })),
        keeps: right.map((set) => keeps(set, { add })),
    };
}

/** One field with wrong and right values. */
function field(on: string, at: string, says: string, wrong: readonly unknown[], right: readonly unknown[]): RuleCases {
    const rows = wrong.map((value): Row => [{ [at]: value }, at, says]);
    return forms(
        on,
        rows,
        right.map((value) => ({ [at]: value })),
    );
}

/** An object of a kind that the good stack does not have. */
function other(apiVersion: string, kind: string, rest: object, namespace?: string) {
    return [{ apiVersion, kind, metadata: { name: "x", ...(namespace !== undefined && { namespace }) }, ...rest }];
}

const SCHEDULE = "must be a schedule of five fields such as */15 * * * *, or one such as @hourly; without a time zone";
const indexed = { "spec.completionMode": "Indexed", "spec.completions": 5, "pod:restartPolicy": "Never" };
const success = (...rules: readonly object[]): Values => ({ ...indexed, "spec.successPolicy": { rules } });
const failure = (rule: object): Values => ({
    "pod:restartPolicy": "Never",
    "spec.podFailurePolicy": { rules: [{ action: "FailJob", ...rule }] },
});
const exits = (operator: string, ...values: readonly number[]): Values =>
    failure({ onExitCodes: { operator, values } });
const SUCCESS = "spec.successPolicy.rules[0]";
const FAILURE = "spec.podFailurePolicy.rules[0]";
const own = { "app.kubernetes.io/component": "migration" };

const JOBS: readonly RuleCases[] = [
    field(
        "CronJob",
        "spec.schedule",
        SCHEDULE,
        [
            ...["@hourly ", " @daily", "@weekly\n", "@Hourly", "@every  5m", "@EVERY 5m", "@every 5m ", "@every 1d"],
            ...["0 0 * * sat-sun", "0 0 * * 7", "0 0 * january *", "*/15/2 * * * *", "1-2-3 * * * *", "5/0 * * * *"],
            ...["H/15 * * * *", "rate(5 minutes)", "*/5****", "0 24 * * *", "0 0 LW * *", "CRON_TZ=UTC @daily"],
        ],
        [
            ...["*/90 * * * *", "0 0 */40 * *", "1, * * * *", ", * * * *", "*-5 * * * *", "+5 * * * *"],
            ...[
                "@every -5m",
                "@every .5h",
                "@every 1μs",
                "0\t3 * * *",
                " 0 3 * * *\n",
                "0 0 31 2 *",
                "0 0 ? JAN-dec/3 ?",
            ],
        ],
    ),
    forms(
        "Job",
        [
            [
                { "spec.selector": { matchLabels: own } },
                "spec.selector",
                "the API server makes it: leave it out, or set manualSelector: true",
            ],
            [{ "spec.manualSelector": true }, "spec.selector", "this is required, as manualSelector is true"],
            [
                { "spec.manualSelector": true, "spec.selector": { matchLabels: { app: "other" } } },
                "spec.selector",
                "the Job does not select its own pods",
            ],
            [
                { ...indexed, "spec.parallelism": 100_001 },
                "spec.parallelism",
                "must be at most 100000 with the mode Indexed",
            ],
            ...["4,0", "1-1", "0-2,2"].map((succeededIndexes): Row => [
                success({ succeededIndexes }),
                `${SUCCESS}.succeededIndexes`,
                "must be in ascending order, each index once",
            ]),
            [success({ succeededIndexes: "0-9" }), `${SUCCESS}.succeededIndexes`, "must be below completions"],
            ...[{ succeededCount: 6 }, { succeededIndexes: "0-1", succeededCount: 3 }].map((rule): Row => [
                success(rule),
                `${SUCCESS}.succeededCount`,
                "is more than there are indexes",
            ]),
            [success({ succeededCount: -1 }), `${SUCCESS}.succeededCount`, "must be at least 0"],
            [success({}), SUCCESS, "a rule needs succeededIndexes or succeededCount"],
            [
                exits("In", 0),
                `${FAILURE}.onExitCodes.values`,
                "must not have 0, which is no failure, for the operator In",
            ],
            [exits("In", 42, 1), `${FAILURE}.onExitCodes.values`, "must be in ascending order"],
            [exits("In"), `${FAILURE}.onExitCodes.values`, "must not be empty"],
            [
                failure({ onPodConditions: [{ type: "DisruptionTarget", status: "yes" }] }),
                `${FAILURE}.onPodConditions[0].status`,
                "must be one of True, False and Unknown",
            ],
            [
                { "spec.managedBy": "kueue" },
                "spec.managedBy",
                "must be a domain, a slash and a path, such as example.com/controller",
            ],
        ],
        [
            { "spec.selector": {} },
            { "spec.manualSelector": true, "spec.selector": { matchLabels: own } },
            success({ succeededIndexes: "0-2,4", succeededCount: 4 }),
            exits("NotIn", 0),
            exits("In", 1, 42),
            failure({ action: "Ignore", onPodConditions: [{ type: "DisruptionTarget" }] }),
            { "spec.managedBy": "kueue.x-k8s.io/multikueue" },
        ],
    ),
    forms(
        "CronJob",
        [
            [
                { "spec.jobTemplate.spec.selector": { matchLabels: { a: "b" } } },
                "spec.jobTemplate.spec.selector",
                "the API server makes it for each Job: leave it out",
            ],
            [
                { "spec.jobTemplate.spec.manualSelector": true },
                "spec.jobTemplate.spec.manualSelector",
                "the Jobs of a CronJob do not have this",
            ],
        ],
        [{ "spec.jobTemplate.spec.manualSelector": false }],
    ),
];

const PROFILE = "must be runtime/default, unconfined or localhost/ and a profile";
const note = (name: string): string => `meta:annotations["${name}"]`;
const annotated = (name: string, says: string, wrong: readonly string[], right: readonly string[]): RuleCases =>
    field("Deployment", note(name), says, wrong, right);
const APPARMOR = "container.apparmor.security.beta.kubernetes.io/";
const spread = { maxSkew: 1, topologyKey: "zone", whenUnsatisfiable: "ScheduleAnyway", matchLabelKeys: ["a"] };
const near = { topologyKey: "zone", labelSelector: {} };
const affinity = (term: object): Values => ({
    "pod:affinity": { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ ...near, ...term }] } },
});
const TERM = "pod:affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0]";
const CONTAINER = "pod:containers[0]";
const limits = `${CONTAINER}.resources.limits`;
const requests = `${CONTAINER}.resources.requests`;
const file = (item: object): Values => ({
    "pod:volumes[1]": { name: "info", downwardAPI: { items: [{ path: "a", ...item }] } },
});
const FILE = "pod:volumes[1].downwardAPI.items[0]";

const PODS: readonly RuleCases[] = [
    annotated(`${APPARMOR}main`, PROFILE, ["docker-default"], ["runtime/default", "localhost/x"]),
    annotated(`${APPARMOR}none`, "the pod has no container of this name", ["runtime/default"], []),
    annotated("seccomp.security.alpha.kubernetes.io/pod", PROFILE, ["RuntimeDefault"], ["runtime/default"]),
    annotated(
        "seccomp.security.alpha.kubernetes.io/pod",
        "says another profile than securityContext.seccompProfile",
        ["localhost/x"],
        [],
    ),
    annotated(
        "controller.kubernetes.io/pod-deletion-cost",
        "must be a whole number of 32 bits",
        ["high", "+1", "01", "2147483648"],
        ["-100", "0"],
    ),
    field(
        "Deployment",
        "pod:dnsConfig.searches[0]",
        "must be a domain of lower-case letters, digits, dashes, underscores and dots, with a letter or digit at the end",
        ["A_b.example"],
        ["a_b.example.", "."],
    ),
    forms(
        "Deployment",
        [
            [
                affinity({ namespaces: ["Shop"] }),
                `${TERM}.namespaces[0]`,
                "must be a name of at most 63 lower-case letters, digits and dashes, with a letter or digit at both ends",
            ],
            [
                affinity({ labelSelector: undefined, matchLabelKeys: ["a"] }),
                `${TERM}.matchLabelKeys`,
                "it needs a labelSelector",
            ],
            [
                affinity({ matchLabelKeys: ["a"], mismatchLabelKeys: ["a"] }),
                `${TERM}.matchLabelKeys[0]`,
                "the key is in mismatchLabelKeys as well",
            ],
            [
                { "pod:topologySpreadConstraints": [spread] },
                "pod:topologySpreadConstraints[0].matchLabelKeys",
                "it needs a labelSelector",
            ],
            [
                { "pod:hostUsers": false, "pod:hostNetwork": true },
                "pod:hostNetwork",
                "with hostUsers: false a pod does not have this",
            ],
            [
                { [`${limits}["nvidia.com/gpu"]`]: 2, [`${requests}["nvidia.com/gpu"]`]: 1 },
                `${limits}["nvidia.com/gpu"]`,
                "must equal the request of this resource",
            ],
            [
                { [`${limits}.hugepages-2Mi`]: "3Mi" },
                `${limits}.hugepages-2Mi`,
                "must be a multiple of the size of a page",
            ],
            [
                { [limits]: { "hugepages-2Mi": "4Mi" }, [requests]: undefined },
                `${CONTAINER}.resources`,
                "huge pages need CPU or memory beside them",
            ],
            [
                { [`${CONTAINER}.resources.claims`]: [{ name: "gpu" }] },
                `${CONTAINER}.resources.claims[0].name`,
                "the pod has no such claim",
            ],
            [
                { "pod:resourceClaims": [{ name: "gpu" }] },
                "pod:resourceClaims[0]",
                "a claim needs one of resourceClaimName, resourceClaimTemplateName",
            ],
            [
                { [`${CONTAINER}.resizePolicy`]: [{ resourceName: "cpu", restartPolicy: "notRequired" }] },
                `${CONTAINER}.resizePolicy[0].restartPolicy`,
                "must be one of NotRequired and RestartContainer",
            ],
            [
                { [`${CONTAINER}.volumeMounts[0].mountPropagation`]: "Bidirectional" },
                `${CONTAINER}.volumeMounts[0].mountPropagation`,
                "Bidirectional is for privileged containers only",
            ],
            [
                {
                    [`${CONTAINER}.ports`]: [
                        { containerPort: 80, hostPort: 80 },
                        { containerPort: 81, hostPort: 80 },
                    ],
                },
                `${CONTAINER}.ports[1].hostPort`,
                "the container has two ports with this one",
            ],
            [
                file({ fieldRef: { fieldPath: "status.podIP" } }),
                `${FILE}.fieldRef.fieldPath`,
                "files have fields of metadata only",
            ],
            [
                file({ resourceFieldRef: { resource: "limits.cpu" } }),
                `${FILE}.resourceFieldRef.containerName`,
                "this is required",
            ],
            [{ "pod:volumes[1]": { name: "a", secret: {} } }, "pod:volumes[1].secret.secretName", "this is required"],
            ...["configMapRef", "secretRef"].map((source): Row => [
                { "pod:containers[0].envFrom": [{ [source]: {} }] },
                `pod:containers[0].envFrom[0].${source}.name`,
                "this is required",
            ]),
            [
                { "pod:volumes[1]": { name: "a", csi: { driver: `${"d".repeat(60)}.csi` } } },
                "pod:volumes[1].csi.driver",
                "must be the name of a driver: lower-case letters, digits, dashes and dots, with a letter or digit at both ends, at most 63 in all",
            ],
            [
                {
                    "pod:volumes[1]": {
                        name: "a",
                        projected: { sources: [{ secret: { name: "a" }, configMap: { name: "b" } }] },
                    },
                },
                "pod:volumes[1].projected.sources[0].secret",
                "this is one too many: a source has one of clusterTrustBundle, configMap, downwardAPI, podCertificate, secret, serviceAccountToken",
            ],
        ],
        [
            affinity({ namespaces: ["shop"], matchLabelKeys: ["a"], mismatchLabelKeys: ["b"] }),
            { [`${limits}["nvidia.com/gpu"]`]: 1, [`${requests}["nvidia.com/gpu"]`]: "1" },
            { [`${limits}.hugepages-2Mi`]: "4Mi" },
            { "pod:terminationGracePeriodSeconds": -1 },
            { [`${CONTAINER}.volumeMounts[0].mountPath`]: "C:\\data" },
            { [`${CONTAINER}.livenessProbe.httpGet.httpHeaders`]: [{ name: "Host" }] },
            { [`${limits}.memory`]: " 256Mi " },
            file({ resourceFieldRef: { containerName: "main", resource: "limits.cpu" } }),
            {
                [`${CONTAINER}.ports`]: [
                    { containerPort: 80, hostPort: 80, hostIP: "10.0.0.1" },
                    { containerPort: 81, hostPort: 80 },
                ],
            },
        ],
    ),
    forms(
        "StatefulSet",
        [
            [
                { "spec.updateStrategy": { type: "OnDelete", rollingUpdate: { partition: 1 } } },
                "spec.updateStrategy.rollingUpdate",
                "it is for the type RollingUpdate only",
            ],
            [
                { "spec.volumeClaimTemplates[0].metadata.name": "Data_1" },
                "spec.volumeClaimTemplates[0].metadata.name",
                "must be a name of at most 63 lower-case letters, digits and dashes, with a letter or digit at both ends",
            ],
        ],
        [{ "spec.updateStrategy": { type: "OnDelete" } }, { "spec.revisionHistoryLimit": -1 }],
    ),
];

const CLASS = 'metadata.annotations["kubernetes.io/ingress.class"]';
const slice = other(
    "discovery.k8s.io/v1",
    "EndpointSlice",
    { addressType: "IPv4", endpoints: [{ addresses: ["10.1.2.3"] }], ports: [{ name: "http", port: 80 }] },
    "shop",
);

const NETWORK: readonly RuleCases[] = [
    field("Ingress", CLASS, "must be the same as spec.ingressClassName, or absent", ["traefik"], ["nginx"]),
    forms("Ingress", [], [{ [CLASS]: "traefik", "spec.ingressClassName": undefined }]),
    field(
        "NetworkPolicy/api",
        "spec.ingress[0].from[0]",
        "must be a range of addresses such as 10.0.0.0/8",
        [],
        ["0000:0000:0000:0000:0000:0000:0000:0000/0", "2001:0db8::/32"].map((cidr) => ({ ipBlock: { cidr } })),
    ),
    forms(
        "NetworkPolicy/api",
        [
            [
                { "spec.ingress[0].from": [{ ipBlock: { cidr: "::01.2.3.4/128" } }] },
                "spec.ingress[0].from[0].ipBlock.cidr",
                "must be a range of addresses such as 10.0.0.0/8",
            ],
            [
                { "spec.ingress[0].ports[0].port": "" },
                "spec.ingress[0].ports[0].port",
                "must be a number from 1 to 65535 (without quotes), or the name of a port: at most 15 lower-case letters, digits and dashes",
            ],
        ],
        [],
    ),
    forms(
        "Service",
        [
            [
                { "spec.type": "LoadBalancer", "spec.loadBalancerClass": "AWS NLB" },
                "spec.loadBalancerClass",
                "must be a label's name: letters, digits, dashes, dots and underscores, at most 63, perhaps after a domain and a slash",
            ],
            [
                { "spec.ipFamilyPolicy": "SingleStack", "spec.ipFamilies": ["IPv4", "IPv6"] },
                "spec.ipFamilyPolicy",
                "with two families it must be PreferDualStack or RequireDualStack",
            ],
        ],
        [{ "spec.sessionAffinityConfig": { clientIP: { timeoutSeconds: 10 } } }],
    ),
    forms(
        "EndpointSlice/x",
        [
            [
                { "endpoints[0].addresses[0]": "127.0.0.1" },
                "endpoints[0].addresses[0]",
                "must be no loopback, link-local or unspecified address",
            ],
            [{ "endpoints[0].addresses": [] }, "endpoints[0].addresses", "must not be empty"],
            [{ ports: [{ port: 80 }, { port: 81 }] }, "ports[1].name", "each of several ports needs a name"],
        ],
        [{ ports: [{ port: 80 }] }],
        slice,
    ),
];

const hook = (apiVersion: string, kind: string): readonly unknown[] =>
    other(apiVersion, kind, {
        webhooks: [
            {
                ...{ name: "check.example.com", admissionReviewVersions: ["v1"], sideEffects: "None" },
                clientConfig: { service: { name: "hook", namespace: "shop" } },
                rules: [
                    { apiGroups: ["apps"], apiVersions: ["v1"], resources: ["deployments"], operations: ["CREATE"] },
                ],
            },
        ],
    });
const volume = { capacity: { storage: "1Gi" }, accessModes: ["ReadWriteOnce"], nfs: { server: "a", path: "/b" } };
const definition = {
    ...{ group: "example.com", scope: "Namespaced", names: { kind: "Thing", plural: "things" } },
    versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object" } } }],
};
const NAME =
    "must be a name of lower-case letters, digits, dashes and dots, with a letter or digit at both ends, at most 253 in all";
const https = "must be an https URL without user, query and fragment";

const CLUSTER: readonly RuleCases[] = [
    forms(
        "PersistentVolume/x",
        [
            [{ "spec.capacity.storage": "0" }, "spec.capacity.storage", "must be above 0"],
            [{ "spec.capacity.cpu": "1" }, "spec.capacity", "a volume has a capacity of storage alone"],
            [{ "spec.accessModes": undefined }, "spec.accessModes", "this is required"],
            [{ "spec.storageClassName": "Fast" }, "spec.storageClassName", NAME],
            [{ "spec.nfs.path": "b" }, "spec.nfs.path", "must be a path that begins with /"],
            [{ "spec.nfs": undefined, "spec.local": { path: "/a" } }, "spec.nodeAffinity", "a local volume needs it"],
        ],
        [{}],
        other("v1", "PersistentVolume", { spec: volume }),
    ),
    forms(
        "StorageClass/x",
        [
            [{ reclaimPolicy: "Recycle" }, "reclaimPolicy", "must be one of Retain and Delete"],
            [
                { allowedTopologies: [{ matchLabelExpressions: [{ key: "zone", values: [] }] }] },
                "allowedTopologies[0].matchLabelExpressions[0].values",
                "must not be empty",
            ],
        ],
        [{ provisioner: "kubernetes.io/no-provisioner" }],
        other("storage.k8s.io/v1", "StorageClass", { provisioner: "csi.example.com" }),
    ),
    forms(
        "PriorityClass/x",
        [
            [{ "metadata.name": "system-mine" }, "metadata.name", "names that begin with system- are Kubernetes' own"],
            [{ value: 1_000_000_001 }, "value", "must be at most 1000000000"],
        ],
        [{ value: 1_000_000_000 }, { "metadata.name": "system-cluster-critical", value: 2_000_000_000 }],
        other("scheduling.k8s.io/v1", "PriorityClass", { value: 1 }),
    ),
    forms(
        "ResourceQuota/x",
        [
            [{ "spec.hard.pods": "1.5" }, "spec.hard.pods", "must be a whole number"],
            ...["requests.cpus", "limits.storage"].map((name): Row => [
                { [`spec.hard["${name}"]`]: "1" },
                `spec.hard["${name}"]`,
                "quotas have no such resource",
            ]),
            [
                { "spec.scopes": ["Terminating", "NotTerminating"] },
                "spec.scopes",
                "Terminating and NotTerminating are in conflict",
            ],
            [
                { "spec.scopes": ["BestEffort"], 'spec.hard["requests.cpu"]': "1" },
                "spec.scopes",
                "the scope BestEffort is for the number of pods alone",
            ],
            [
                { "spec.scopeSelector": { matchExpressions: [{ scopeName: "PriorityClass", operator: "In" }] } },
                "spec.scopeSelector.matchExpressions[0].values",
                "the operator In needs values",
            ],
        ],
        ["requests.nvidia.com/gpu", "count/jobs.batch", "gold.storageclass.storage.k8s.io/requests.storage"].map(
            (name) => ({ [`spec.hard["${name}"]`]: "4" }),
        ),
        other("v1", "ResourceQuota", { spec: { hard: { pods: "10" } } }, "shop"),
    ),
    forms(
        "LimitRange/x",
        [
            [
                { "spec.limits[0].type": "container" },
                "spec.limits[0].type",
                "must be Container, Pod or PersistentVolumeClaim, or a type with a domain before it",
            ],
            [{ "spec.limits[0].max.cpus": "1" }, "spec.limits[0].max.cpus", "containers have no such resource"],
            [
                { "spec.limits[1]": { type: "Container", max: { cpu: "3" } } },
                "spec.limits[1]",
                "the list has two entries with this type",
            ],
            [
                { "spec.limits[0].min.cpu": "1", "spec.limits[0].maxLimitRequestRatio.cpu": "3" },
                "spec.limits[0].maxLimitRequestRatio.cpu",
                "must be from 1 to the ratio of max to min",
            ],
        ],
        [{ "spec.limits[0].min.cpu": "1", "spec.limits[0].maxLimitRequestRatio.cpu": "2" }],
        other("v1", "LimitRange", { spec: { limits: [{ type: "Container", max: { cpu: "2" } }] } }, "shop"),
    ),
    forms(
        "ValidatingWebhookConfiguration/x",
        [
            [
                { "webhooks[0].name": "check" },
                "webhooks[0].name",
                "must be a domain of at least three parts, such as check.example.com",
            ],
            [{ "webhooks[0].sideEffects": "Some" }, "webhooks[0].sideEffects", "must be one of None and NoneOnDryRun"],
            [{ "webhooks[0].timeoutSeconds": 31 }, "webhooks[0].timeoutSeconds", "must be at most 30"],
            ...["http://a.example.com", "https://a.example.com/?x=1"].map((url): Row => [
                { "webhooks[0].clientConfig": { url } },
                "webhooks[0].clientConfig.url",
                https,
            ]),
            [
                { "webhooks[0].clientConfig.service.path": "check" },
                "webhooks[0].clientConfig.service.path",
                "must be a path that begins with /, of names without an empty one among them",
            ],
            [{ "webhooks[0].rules[0].apiGroups": ["apps", "*"] }, "webhooks[0].rules[0].apiGroups", "* stands alone"],
            [
                { "webhooks[0].rules[0].resources": ["pods/*", "pods/exec"] },
                "webhooks[0].rules[0].resources[1]",
                "another entry of the list stands for this one as well",
            ],
        ],
        [{ "webhooks[0].rules[0].resources": ["*/*"] }, { "webhooks[0].clientConfig.service.path": "/a/b" }],
        hook("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration"),
    ),
    forms(
        "CustomResourceDefinition/x",
        [
            [{ "spec.scope": "namespaced" }, "spec.scope", "must be one of Cluster and Namespaced"],
            [{ "spec.group": "example" }, "spec.group", "must be a domain with a dot, such as example.com"],
            [{ "spec.names.plural": "others" }, "metadata.name", "must be spec.names.plural, a dot and spec.group"],
            [{ "spec.versions[0].storage": false }, "spec.versions", "exactly one version must have storage: true"],
            [{ "spec.versions[0].schema": undefined }, "spec.versions[0].schema", "this is required"],
        ].map(([set, at, says]) => [{ "metadata.name": "things.example.com", ...(set as Values) }, at, says] as Row),
        [{ "metadata.name": "things.example.com" }],
        other("apiextensions.k8s.io/v1", "CustomResourceDefinition", { spec: definition }),
    ),
    forms(
        "Secret",
        [
            [
                { type: "kubernetes.io/dockercfg", stringData: { ".dockercfg": "x" } },
                'stringData[".dockercfg"]',
                "must be JSON",
            ],
        ],
        [{ type: "kubernetes.io/dockercfg", stringData: { ".dockercfg": "{}" } }],
    ),
];

export const FORM_CASES: readonly RuleCases[] = [...JOBS, ...PODS, ...NETWORK, ...CLUSTER];
