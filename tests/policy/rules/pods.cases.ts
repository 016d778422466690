import { LONG_RUNNING_KINDS, POD_KINDS } from "../../../policy-pack/model/object.ts";
import { breaks, keeps, type RuleCases } from "./cases.ts";

const C = "pod:containers[0]";
const probe = (path: string): unknown => ({ httpGet: { path, port: "http" } });
/** A second container that is as good as the first. */
const sidecar = { name: "side", image: "ghcr.io/acme/side:v1", restartPolicy: "Always" };

export const PODS: readonly RuleCases[] = [
    {
        rule: "liveness-probe",
        on: LONG_RUNNING_KINDS,
        breaks: [
            breaks(
                { [`${C}.livenessProbe`]: undefined },
                `${C}.livenessProbe`,
                'container "main" has no liveness probe',
            ),
            breaks(
                { "pod:initContainers[1]": sidecar },
                "pod:initContainers[1].livenessProbe",
                'sidecar container "side" has no liveness probe',
            ),
        ],
        keeps: [keeps({ "pod:initContainers[1]": { ...sidecar, restartPolicy: undefined } })],
    },
    {
        rule: "liveness-probe",
        on: ["Job", "CronJob"],
        breaks: [],
        keeps: [keeps({ [`${C}.livenessProbe`]: undefined, [`${C}.readinessProbe`]: undefined })],
    },
    {
        rule: "readiness-probe",
        on: LONG_RUNNING_KINDS,
        breaks: [
            breaks({ [`${C}.readinessProbe`]: null }, `${C}.readinessProbe`, 'container "main" has no readiness probe'),
        ],
        keeps: [keeps({ [`${C}.readinessProbe`]: probe("/other") })],
    },
    {
        rule: "readiness-probe",
        on: ["Pod"],
        breaks: [],
        keeps: [keeps({ [`${C}.readinessProbe`]: undefined, "pod:restartPolicy": "Never" })],
    },
    {
        rule: "probe-handler",
        on: POD_KINDS,
        breaks: [
            breaks(
                { [`${C}.livenessProbe`]: { periodSeconds: 5 } },
                `${C}.livenessProbe`,
                'livenessProbe of container "main" has 0 handlers instead of one',
            ),
            breaks(
                { [`${C}.startupProbe`]: { tcpSocket: { port: 8000 }, exec: { command: ["true"] } } },
                `${C}.startupProbe`,
                'startupProbe of container "main" has 2 handlers instead of one',
            ),
        ],
        keeps: [keeps({ [`${C}.startupProbe`]: { exec: { command: ["true"] } } })],
    },
    {
        rule: "probe-port",
        on: POD_KINDS,
        breaks: [
            breaks(
                {
                    [`${C}.livenessProbe`]: { httpGet: { port: "web" } },
                    [`${C}.ports`]: [{ name: "http", containerPort: 8000 }],
                },
                `${C}.livenessProbe.httpGet.port`,
                'container "main" does not declare the port of its livenessProbe',
            ),
            breaks(
                { [`${C}.ports`]: undefined, [`${C}.startupProbe`]: { tcpSocket: { port: 8000 } } },
                `${C}.startupProbe.tcpSocket.port`,
                'container "main" does not declare the port of its startupProbe',
            ),
            breaks(
                { [`${C}.readinessProbe`]: { grpc: {} } },
                `${C}.readinessProbe.grpc.port`,
                'readinessProbe of container "main" names no port',
            ),
        ],
        keeps: [
            keeps({
                [`${C}.livenessProbe`]: { tcpSocket: { port: 8000 } },
                [`${C}.ports`]: [{ name: "http", containerPort: 8000 }],
            }),
            keeps({ [`${C}.livenessProbe`]: { exec: { command: ["true"] } } }),
        ],
    },
    {
        rule: "probes-differ",
        on: LONG_RUNNING_KINDS,
        breaks: [
            breaks(
                {
                    [`${C}.livenessProbe`]: probe("/x"),
                    [`${C}.readinessProbe`]: { ...(probe("/x") as object), periodSeconds: 10 },
                },
                `${C}.readinessProbe`,
                'liveness and readiness probe of container "main" are the same',
            ),
        ],
        keeps: [
            keeps({
                [`${C}.livenessProbe`]: probe("/x"),
                [`${C}.readinessProbe`]: { ...(probe("/x") as object), periodSeconds: 5 },
            }),
        ],
    },
    ...["cpu", "memory", "ephemeral-storage"].flatMap((resource) =>
        (["request", "limit"] as const).map((list): RuleCases => {
            const field = `${C}.resources.${list}s["${resource}"]`;
            const shown = `${C}.resources.${list}s.${resource}`;
            const init = `pod:initContainers[0].resources.${list}s["${resource}"]`;
            return {
                rule: `${resource}-${list}`,
                on: POD_KINDS,
                breaks: [
                    breaks({ [field]: undefined }, shown, `container "main" has no ${resource} ${list}`),
                    breaks({ [field]: "0" }, shown, `container "main" has a ${resource} ${list} that is no amount`),
                    breaks({ [field]: "much" }, shown, `container "main" has a ${resource} ${list} that is no amount`),
                    breaks(
                        { "pod:initContainers[0]": { name: "wait", image: "a:1" } },
                        init.replace(/\["(.*)"\]$/, ".$1"),
                        `init container "wait" has no ${resource} ${list}`,
                    ),
                ],
                keeps: [
                    keeps({ [field]: "1" }),
                    ...(resource === "ephemeral-storage"
                        ? []
                        : [keeps({ [field]: undefined, [`pod:resources.${list}s["${resource}"]`]: "1Gi" })]),
                ],
            };
        }),
    ),
    {
        rule: "request-within-limit",
        on: POD_KINDS,
        breaks: [
            breaks(
                { [`${C}.resources`]: { requests: { cpu: "1500m" }, limits: { cpu: 1 } } },
                `${C}.resources.requests.cpu`,
                'container "main" requests more than its limit',
            ),
            breaks(
                { [`${C}.resources`]: { requests: { memory: "1Gi" }, limits: { memory: "1G" } } },
                `${C}.resources.requests.memory`,
                'container "main" requests more than its limit',
            ),
        ],
        keeps: [
            keeps({
                [`${C}.resources`]: { requests: { cpu: "1000m", memory: "1G" }, limits: { cpu: 1, memory: "1Gi" } },
            }),
            keeps({ [`${C}.resources`]: { requests: { cpu: "700m" }, limits: { cpu: "0.7", memory: "1Gi" } } }),
        ],
    },
    {
        rule: "resource-magnitude",
        on: POD_KINDS,
        breaks: [
            ...["512m", 256, "524287"].map((memory) =>
                breaks(
                    { [`${C}.resources.limits.memory`]: memory },
                    `${C}.resources.limits.memory`,
                    'the memory of container "main" is less than any container needs',
                ),
            ),
            breaks(
                { [`${C}.resources.requests.cpu`]: "524M" },
                `${C}.resources.requests.cpu`,
                'the cpu of container "main" is more than any node has',
            ),
            ...["200", 193].map((cores) =>
                breaks(
                    { [`${C}.resources.limits.cpu`]: cores },
                    `${C}.resources.limits.cpu`,
                    'the cpu of container "main" is more than any node has',
                ),
            ),
            breaks(
                { [`${C}.resources.limits.ephemeral-storage`]: "64m" },
                `${C}.resources.limits.ephemeral-storage`,
                'the ephemeral-storage of container "main" is less than any container needs',
            ),
        ],
        keeps: [
            keeps({ [`${C}.resources.requests`]: { cpu: "1m", memory: "1Mi", "ephemeral-storage": "1Mi" } }),
            keeps({ [`${C}.resources.requests.cpu`]: 0 }),
            keeps({ [`${C}.resources.limits.cpu`]: 192 }),
            keeps(
                { [`${C}.resources.limits.memory`]: "1k", [`${C}.resources.requests.cpu`]: 2000 },
                { config: { parameters: { leastBytes: 1000, mostCores: 2000 } } },
            ),
        ],
    },
    {
        rule: "resource-magnitude",
        on: ["Deployment"],
        breaks: [
            breaks(
                { "pod:resources.limits.memory": "512m" },
                "pod:resources.limits.memory",
                "the memory of the pod is less than any container needs",
            ),
            breaks(
                { "pod:volumes": [{ name: "tmp", emptyDir: { sizeLimit: "64m" } }] },
                "pod:volumes[0].emptyDir.sizeLimit",
                "the storage of this volume is less than any volume needs",
            ),
            breaks(
                {
                    "pod:volumes": [
                        {
                            name: "tmp",
                            ephemeral: {
                                volumeClaimTemplate: { spec: { resources: { requests: { storage: "10" } } } },
                            },
                        },
                    ],
                },
                "pod:volumes[0].ephemeral.volumeClaimTemplate.spec.resources.requests.storage",
                "the storage of this volume is less than any volume needs",
            ),
        ],
        keeps: [keeps({ "pod:resources": { limits: { memory: "1Gi", cpu: 2 } } })],
    },
    {
        rule: "resource-magnitude",
        on: ["StatefulSet"],
        breaks: ["20", "1m", "2E"].map((storage) =>
            breaks(
                { "spec.volumeClaimTemplates[0].spec.resources.requests.storage": storage },
                "spec.volumeClaimTemplates[0].spec.resources.requests.storage",
                `the storage of this volume is ${storage === "2E" ? "more than any node has" : "less than any volume needs"}`,
            ),
        ),
        keeps: [keeps({ "spec.volumeClaimTemplates[0].spec.resources.requests.storage": "20Gi" })],
    },
    ...["PersistentVolumeClaim", "LimitRange", "ResourceQuota"].map((kind) => {
        const [at, of, many] = {
            PersistentVolumeClaim: ["spec.resources.requests.storage", "this volume", "1Pi"],
            LimitRange: ["spec.limits[0].default.memory", "this limit", "1Ti"],
            // A sum over many nodes.
            ResourceQuota: ['spec.hard["limits.memory"]', "this quota", "4Pi"],
        }[kind] as [string, string, string];
        const resource = at.includes("storage") ? "storage" : "memory";
        const object = { apiVersion: "v1", kind, metadata: { name: "amounts", namespace: "shop" }, spec: {} };
        const needs = resource === "storage" ? "volume" : "container";
        return {
            rule: "resource-magnitude",
            on: [`${kind}/amounts`],
            breaks: ["512m", "256"].map((amount) =>
                breaks({ [at]: amount }, at, `the ${resource} of ${of} is less than any ${needs} needs`, {
                    add: [object],
                }),
            ),
            keeps: [many, "1Gi", 0].map((amount) => keeps({ [at]: amount }, { add: [object] })),
        };
    }),
    {
        rule: "resource-magnitude",
        on: ["HorizontalPodAutoscaler"],
        breaks: (
            [
                ["memory", "512m", "less than any container needs"],
                ["memory", "500", "less than any container needs"],
                ["cpu", "500Mi", "more than any node has"],
            ] as const
        ).map(([name, averageValue, fact]) =>
            breaks(
                { "spec.metrics[0].resource": { name, target: { type: "AverageValue", averageValue } } },
                "spec.metrics[0].resource.target.averageValue",
                `the ${name} of this target is ${fact}`,
            ),
        ),
        keeps: [
            ["memory", "128Mi"],
            ["cpu", "500m"],
        ].map(([name, averageValue]) =>
            keeps({ "spec.metrics[0].resource": { name, target: { type: "AverageValue", averageValue } } }),
        ),
    },
    // Kinds that others define, and those that no other rule is about.
    ...(
        [
            ["v1", "PersistentVolume", "spec.capacity.storage", "storage", "this volume", "volume"],
            ["node.k8s.io/v1", "RuntimeClass", "overhead.podFixed.memory", "memory", "this object", "container"],
            [
                "monitoring.coreos.com/v1",
                "Prometheus",
                "spec.resources.requests.memory",
                "memory",
                "this object",
                "container",
            ],
            [
                ...["autoscaling.k8s.io/v1", "VerticalPodAutoscaler"],
                ...["spec.resourcePolicy.containerPolicies[0].maxAllowed.memory", "memory", "this object", "container"],
            ],
        ] as [string, string, string, string, string, string][]
    ).map(([apiVersion, kind, at, resource, of, needs]): RuleCases => {
        const object = { apiVersion, kind, metadata: { name: "amounts", namespace: "shop" } };
        return {
            rule: "resource-magnitude",
            on: [`${kind}/amounts`],
            breaks: ["512m", 256].map((amount) =>
                breaks({ [at]: amount }, at, `the ${resource} of ${of} is less than any ${needs} needs`, {
                    add: [object],
                }),
            ),
            keeps: ["1Gi", 0, { limit: "512m" }].map((amount) => keeps({ [at]: amount }, { add: [object] })),
        };
    }),
    {
        rule: "empty-dir-limit",
        on: POD_KINDS,
        breaks: [
            breaks(
                { "pod:volumes": [{ name: "tmp", emptyDir: {} }] },
                "pod:volumes[0].emptyDir.sizeLimit",
                "the scratch volume has no limit",
            ),
        ],
        keeps: [keeps({ "pod:volumes": [{ name: "tmp", emptyDir: { sizeLimit: "1Mi" } }] })],
    },
    {
        rule: "image-tag",
        on: POD_KINDS,
        breaks: [
            breaks(
                { [`${C}.image`]: "nginx" },
                `${C}.image`,
                'the image of container "main" has neither tag nor digest',
            ),
            breaks(
                { [`${C}.image`]: "registry:5000/nginx" },
                `${C}.image`,
                'the image of container "main" has neither tag nor digest',
            ),
            breaks(
                { "pod:volumes": [{ name: "model", image: { reference: "acme/model" } }] },
                "pod:volumes[0].image.reference",
                'the image of volume "model" has neither tag nor digest',
            ),
            breaks(
                { [`${C}.image`]: "nginx:latest" },
                `${C}.image`,
                'the image of container "main" has the tag latest',
            ),
            breaks({ [`${C}.image`]: undefined }, `${C}.image`, 'container "main" has no valid image'),
            ...[
                "ghcr.io/Acme/web:1.0",
                "acme//web:1.0",
                "https://ghcr.io/acme/web:1.0",
                "acme/web:1.0:2",
                "-acme/web:1.0",
                "acme/web_:1.0",
                "acme/we___b:1.0",
            ].map((image) => breaks({ [`${C}.image`]: image }, `${C}.image`, 'container "main" has no valid image')),
            breaks(
                { "pod:ephemeralContainers": [{ name: "debug", image: "busybox" }] },
                "pod:ephemeralContainers[0].image",
                'the image of ephemeral container "debug" has neither tag nor digest',
            ),
        ],
        keeps: [
            keeps({ [`${C}.image`]: "nginx:1.29" }),
            keeps({ [`${C}.image`]: "registry:5000/a/nginx:latest-stable" }),
            keeps({ [`${C}.image`]: `nginx@sha256:${"0a".repeat(32)}` }),
        ],
    },
    {
        rule: "image-digest",
        on: POD_KINDS,
        breaks: [breaks({}, `${C}.image`, 'the image of container "main" has no digest')],
        keeps: [keeps({ [`${C}.image`]: `a:1@sha256:${"0a".repeat(32)}`, "pod:initContainers": undefined })],
    },
    {
        rule: "image-registry",
        on: POD_KINDS,
        breaks: [
            breaks({}, `${C}.image`, 'the image of container "main" is from a registry that is not allowed', {
                config: { parameters: { registries: ["ghcr.io/ac", "docker.io"] } },
            }),
        ],
        keeps: [
            keeps({}),
            keeps({}, { config: { parameters: { registries: ["ghcr.io/acme"] } } }),
            keeps(
                { [`${C}.image`]: "nginx:1" },
                { config: { parameters: { registries: ["ghcr.io/", "docker.io/library/nginx"] } } },
            ),
        ],
    },
    {
        rule: "image-pull-policy",
        on: POD_KINDS,
        breaks: [
            breaks(
                { [`${C}.imagePullPolicy`]: "Never" },
                `${C}.imagePullPolicy`,
                'container "main" never pulls its image',
            ),
            breaks(
                { "pod:volumes": [{ name: "model", image: { reference: "acme/model:1", pullPolicy: "Never" } }] },
                "pod:volumes[0].image.pullPolicy",
                'volume "model" never pulls its image',
            ),
            breaks(
                { [`${C}.image`]: "nginx:latest" },
                `${C}.imagePullPolicy`,
                'container "main" keeps whatever image of a moving tag the node holds',
            ),
        ],
        keeps: [
            keeps({ [`${C}.imagePullPolicy`]: undefined }),
            keeps({ [`${C}.image`]: "a:latest", [`${C}.imagePullPolicy`]: "Always" }),
        ],
    },
];
