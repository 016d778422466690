import { POD_KINDS } from "../../../policy-pack/model/object.ts";
import { breaks, keeps, type RuleCases } from "./cases.ts";

const NAMES = { "app.kubernetes.io/name": "shop", "app.kubernetes.io/instance": "shop" };
const API = { ...NAMES, "app.kubernetes.io/component": "api" };
const DATABASE = { ...NAMES, "app.kubernetes.io/component": "database" };
const budget = (name: string, spec: object): unknown => ({
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: { name, namespace: "shop" },
    spec: { selector: { matchLabels: API }, unhealthyPodEvictionPolicy: "AlwaysAllow", ...spec },
});
const HPA = "HorizontalPodAutoscaler/api";

/** A custom resource for which an operator makes pods. */
const clusterNamed = (name: string) => ({
    apiVersion: "acme.io/v1",
    kind: "Cluster",
    metadata: { name, namespace: "shop" },
});

/** Where the ports of an ALB are. */
const ALB_PORTS = 'metadata.annotations["alb.ingress.kubernetes.io/listen-ports"]';

/** KEDA's autoscaler of the Deployment api. */
function scaledObject(spec: Readonly<Record<string, unknown>> = {}, annotations = {}): unknown {
    return {
        apiVersion: "keda.sh/v1alpha1",
        kind: "ScaledObject",
        metadata: { name: "queue", namespace: "shop", annotations },
        spec: { scaleTargetRef: { name: "api" }, triggers: [{ type: "rabbitmq", metadata: {} }], ...spec },
    };
}

/** Rights to make pods, for a ServiceAccount that a workload of the stack has. */
function mayMakePods(
    resources = ["pods"],
    verbs = ["create"],
    account = "api",
    namespace = "shop",
): readonly unknown[] {
    const metadata = { name: "maker" };
    return [
        {
            apiVersion: "rbac.authorization.k8s.io/v1",
            kind: "ClusterRole",
            metadata,
            rules: [{ apiGroups: [""], resources, verbs }],
        },
        {
            apiVersion: "rbac.authorization.k8s.io/v1",
            kind: "ClusterRoleBinding",
            metadata,
            roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "maker" },
            subjects: [{ kind: "ServiceAccount", name: account, namespace }],
        },
    ];
}

/** Labels of pods that no manifest has. */
const MADE = { "acme.io/component": "worker" };

/** Rights with which a selector that selects nothing is still wrong. */
const NO_MAKERS: readonly (readonly unknown[])[] = [
    [],
    mayMakePods(["services"]),
    mayMakePods(["pods"], ["get", "list"]),
    mayMakePods(["pods"], ["create"], "nobody"),
    mayMakePods(["pods"], ["create"], "api", "elsewhere"),
];

const SOURCE_RANGES = 'metadata.annotations["service.beta.kubernetes.io/load-balancer-source-ranges"]';

export const RELATIONS: readonly RuleCases[] = [
    {
        rule: "replicas",
        on: ["Deployment"],
        breaks: [
            breaks({ "spec.replicas": 1 }, "spec.replicas", "the workload has 1 instead of at least 2 replicas", {
                add: [scaledObject({ scaleTargetRef: { name: "other" } })],
                remove: [HPA],
            }),
        ],
        // KEDA says how many there are, down to none.
        keeps: [keeps({ "spec.replicas": undefined }, { add: [scaledObject()], remove: [HPA] })],
    },
    {
        rule: "replicas",
        on: ["Deployment", "ReplicaSet", "ReplicationController"],
        breaks: [undefined, 1].map((replicas) =>
            breaks(
                { "spec.replicas": replicas },
                "spec.replicas",
                "the workload has 1 instead of at least 2 replicas",
                {
                    remove: [HPA],
                },
            ),
        ),
        keeps: [
            keeps({ "spec.replicas": 2 }, { remove: [HPA] }),
            keeps({ "spec.replicas": 0 }, { remove: [HPA] }),
            keeps({ "spec.replicas": 1 }, { remove: [HPA], config: { parameters: { minimumReplicas: 1 } } }),
        ],
    },
    {
        rule: "replicas",
        on: ["StatefulSet"],
        breaks: [
            breaks({}, "spec.replicas", "the workload has 1 instead of at least 3 replicas", {
                config: { parameters: { statefulSetMinimumReplicas: 3 } },
            }),
        ],
        keeps: [keeps({})],
    },
    { rule: "replicas", on: ["Deployment/api"], breaks: [], keeps: [keeps({})] },
    {
        rule: "disruption-budget",
        on: ["Deployment"],
        breaks: [
            breaks({}, "spec.template.metadata.labels", "no disruption budget selects its pods", {
                remove: ["PodDisruptionBudget/api"],
            }),
            breaks(
                {
                    "PodDisruptionBudget/api:spec.selector": {
                        matchExpressions: [{ key: "app.kubernetes.io/component", operator: "NotIn", values: ["api"] }],
                    },
                },
                "spec.template.metadata.labels",
                "no disruption budget selects its pods",
            ),
        ],
        keeps: [
            keeps({
                "PodDisruptionBudget/api:spec.selector": {
                    matchExpressions: [{ key: "app.kubernetes.io/component", operator: "In", values: ["api", "b"] }],
                },
            }),
            keeps({ "spec.replicas": 1 }, { remove: ["PodDisruptionBudget/api", HPA] }),
        ],
    },
    {
        rule: "disruption-budget",
        on: ["StatefulSet"],
        breaks: [
            breaks({ "spec.replicas": 2 }, "spec.template.metadata.labels", "no disruption budget selects its pods"),
        ],
        keeps: [keeps({ "spec.replicas": 1 })],
    },
    {
        rule: "disruption-budget-fields",
        on: ["PodDisruptionBudget"],
        breaks: [
            breaks(
                { "spec.maxUnavailable": undefined },
                "spec",
                "the budget says neither of minAvailable and maxUnavailable",
            ),
            breaks({ "spec.minAvailable": 1 }, "spec", "the budget says both of minAvailable and maxUnavailable"),
        ],
        keeps: [keeps({ "spec.maxUnavailable": undefined, "spec.minAvailable": 1 })],
    },
    {
        rule: "disruption-budget-deadlock",
        on: ["PodDisruptionBudget"],
        breaks: [
            breaks({ "spec.maxUnavailable": 0 }, "spec.maxUnavailable", "the budget lets no pod go"),
            breaks({ "spec.maxUnavailable": "0%" }, "spec.maxUnavailable", "the budget lets no pod go"),
            ...[2, "100%", "51%"].map((minAvailable) =>
                breaks(
                    { "spec.maxUnavailable": undefined, "spec.minAvailable": minAvailable },
                    "spec.minAvailable",
                    "the budget keeps all of the 2 replicas that there may be",
                ),
            ),
            breaks(
                { "spec.maxUnavailable": undefined, "spec.minAvailable": 1, "Deployment/api:spec.replicas": undefined },
                "spec.minAvailable",
                "the budget keeps all of the 1 replicas that there may be",
                { remove: [HPA] },
            ),
        ],
        keeps: [
            keeps({ "spec.maxUnavailable": undefined, "spec.minAvailable": 1 }),
            keeps({ "spec.maxUnavailable": undefined, "spec.minAvailable": "50%" }),
            keeps({ "spec.maxUnavailable": "1%" }),
            keeps(
                { "spec.maxUnavailable": undefined, "spec.minAvailable": 1, "Deployment/api:spec.replicas": 0 },
                { remove: [HPA] },
            ),
            keeps({ "spec.maxUnavailable": undefined, "spec.minAvailable": 2, "Deployment/api:kind": "DaemonSet" }),
        ],
    },
    {
        rule: "disruption-budget-eviction",
        on: ["PodDisruptionBudget"],
        breaks: [undefined, "IfHealthyBudget"].map((policy) =>
            breaks(
                { "spec.unhealthyPodEvictionPolicy": policy },
                "spec.unhealthyPodEvictionPolicy",
                "the budget holds broken pods back",
            ),
        ),
        keeps: [keeps({})],
    },
    {
        rule: "disruption-budget-target",
        on: ["PodDisruptionBudget"],
        breaks: [
            breaks(
                { "spec.selector": { matchLabels: { a: "b" } } },
                "spec.selector",
                "the budget selects no pod of the stack",
            ),
            breaks({ "spec.selector": undefined }, "spec.selector", "the budget selects no pod of the stack"),
        ],
        keeps: [keeps({ "spec.selector": {} })],
    },
    {
        rule: "disruption-budget-overlap",
        on: ["PodDisruptionBudget/second"],
        breaks: [
            breaks({}, "spec.selector", "Deployment api already has the budget api", {
                add: [budget("second", { maxUnavailable: 1 })],
            }),
        ],
        keeps: [keeps({}, { add: [budget("second", { maxUnavailable: 1, selector: { matchLabels: DATABASE } })] })],
    },
    {
        rule: "topology-spread",
        on: ["Deployment"],
        breaks: [
            breaks(
                { "pod:topologySpreadConstraints": undefined },
                "pod:topologySpreadConstraints",
                "nothing spreads the replicas over nodes",
            ),
            breaks(
                { "pod:topologySpreadConstraints[0].labelSelector": { matchLabels: { a: "b" } } },
                "pod:topologySpreadConstraints[0].labelSelector",
                "this constraint does not select the pod itself",
            ),
        ],
        keeps: [
            keeps({
                "pod:topologySpreadConstraints": undefined,
                "pod:affinity": {
                    podAntiAffinity: {
                        preferredDuringSchedulingIgnoredDuringExecution: [
                            {
                                weight: 1,
                                podAffinityTerm: {
                                    topologyKey: "kubernetes.io/hostname",
                                    labelSelector: { matchLabels: API },
                                },
                            },
                        ],
                    },
                },
            }),
            keeps({ "pod:topologySpreadConstraints": undefined, "spec.replicas": 1 }, { remove: [HPA] }),
        ],
    },
    {
        rule: "topology-spread",
        on: ["StatefulSet"],
        breaks: [
            breaks({ "spec.replicas": 3 }, "pod:topologySpreadConstraints", "nothing spreads the replicas over nodes"),
        ],
        keeps: [keeps({})],
    },
    {
        rule: "rolling-update",
        on: ["Deployment"],
        breaks: [
            breaks({ "spec.strategy": { type: "Recreate" } }, "spec.strategy.type", "updates do not roll"),
            breaks(
                { "spec.strategy": { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "100%" } } },
                "spec.strategy.rollingUpdate.maxUnavailable",
                "an update may take all pods at once",
            ),
            breaks(
                { "spec.replicas": 3, "spec.strategy": { rollingUpdate: { maxUnavailable: 3 } } },
                "spec.strategy.rollingUpdate.maxUnavailable",
                "an update may take all pods at once",
            ),
        ],
        keeps: [
            keeps({ "spec.replicas": 3, "spec.strategy": { rollingUpdate: { maxUnavailable: 2, maxSurge: "100%" } } }),
        ],
    },
    {
        rule: "rolling-update",
        on: ["StatefulSet", "DaemonSet"],
        breaks: [
            breaks({ "spec.updateStrategy": { type: "OnDelete" } }, "spec.updateStrategy.type", "updates do not roll"),
        ],
        keeps: [keeps({ "spec.updateStrategy": { type: "RollingUpdate" } })],
    },
    {
        rule: "bare-pod",
        on: ["Pod", "ReplicaSet", "ReplicationController"],
        breaks: [breaks({}, "kind", "no controller looks after it")],
        keeps: [
            keeps({ "metadata.ownerReferences": [{ kind: "Deployment", name: "api" }] }),
            keeps({ "metadata.annotations": { "helm.sh/hook": "test" } }),
        ],
    },
    {
        rule: "selector-match",
        on: ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"],
        breaks: [
            breaks(
                { "spec.selector.matchLabels.tier": "x" },
                "spec.selector",
                "the workload does not select its own pods",
            ),
            breaks({ "spec.selector": undefined }, "spec.selector", "the workload has no selector"),
            breaks({ "spec.selector": {} }, "spec.selector", "the workload has no selector"),
        ],
        keeps: [
            keeps({
                "spec.selector": { matchExpressions: [{ key: "app.kubernetes.io/component", operator: "Exists" }] },
            }),
        ],
    },
    {
        rule: "selector-match",
        on: ["ReplicationController"],
        breaks: [
            breaks({ "spec.selector": { tier: "x" } }, "spec.selector", "the workload does not select its own pods"),
        ],
        keeps: [keeps({ "spec.selector": undefined })],
    },
    {
        rule: "selector-overlap",
        on: ["Deployment", "DaemonSet"],
        breaks: [
            breaks(
                { "spec.selector.matchLabels": NAMES },
                "spec.selector",
                "it also selects the pods of StatefulSet database",
            ),
        ],
        keeps: [keeps({})],
    },
    {
        rule: "autoscaler-target",
        on: ["HorizontalPodAutoscaler"],
        breaks: [
            breaks({ "spec.scaleTargetRef.name": "other" }, "spec.scaleTargetRef", "the stack has no such workload"),
            ...["StatefulSet", "DaemonSet", "deployment", "Deployments", "Rollout"].map((kind) =>
                breaks({ "spec.scaleTargetRef.kind": kind }, "spec.scaleTargetRef", "the stack has no such workload"),
            ),
            ...[undefined, "v1", "extensions/v1beta1"].map((apiVersion) =>
                breaks(
                    { "spec.scaleTargetRef.apiVersion": apiVersion },
                    "spec.scaleTargetRef.apiVersion",
                    "this is not the API version of the workload",
                ),
            ),
            breaks({}, "spec.scaleTargetRef", "another autoscaler scales the same workload", {
                add: [
                    {
                        apiVersion: "autoscaling/v2",
                        kind: "HorizontalPodAutoscaler",
                        metadata: { name: "a-first", namespace: "shop" },
                        spec: {
                            scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "api" },
                            minReplicas: 2,
                            maxReplicas: 3,
                        },
                    },
                ],
            }),
        ],
        keeps: [keeps({ "spec.scaleTargetRef": { apiVersion: "argoproj.io/v1alpha1", kind: "Rollout", name: "api" } })],
    },
    {
        rule: "autoscaler-target",
        on: ["ScaledObject/queue"],
        breaks: [
            breaks({}, "spec.scaleTargetRef", "another autoscaler scales the same workload", { add: [scaledObject()] }),
            breaks({}, "spec.scaleTargetRef", "another autoscaler scales the same workload", {
                add: [
                    scaledObject(
                        { advanced: { horizontalPodAutoscalerConfig: { name: "another" } } },
                        { "scaledobject.keda.sh/transfer-hpa-ownership": "true" },
                    ),
                ],
            }),
            breaks({ "spec.scaleTargetRef.name": "other" }, "spec.scaleTargetRef", "the stack has no such workload", {
                add: [scaledObject()],
            }),
            breaks(
                { "spec.scaleTargetRef.apiVersion": "v1" },
                "spec.scaleTargetRef.apiVersion",
                "this is not the API version of the workload",
                { add: [scaledObject()], remove: [HPA] },
            ),
        ],
        keeps: [
            keeps({}, { add: [scaledObject()], remove: [HPA] }),
            keeps(
                { "spec.scaleTargetRef": { apiVersion: "apps/v1", kind: "StatefulSet", name: "database" } },
                { add: [scaledObject()] },
            ),
            // KEDA takes over the autoscaler of this name.
            keeps(
                {},
                {
                    add: [
                        scaledObject(
                            { advanced: { horizontalPodAutoscalerConfig: { name: "api" } } },
                            { "scaledobject.keda.sh/transfer-hpa-ownership": "true" },
                        ),
                    ],
                },
            ),
        ],
    },
    {
        rule: "autoscaler-replicas",
        on: ["Deployment"],
        breaks: [
            breaks({ "spec.replicas": 3 }, "spec.replicas", "autoscaler api sets the number of replicas"),
            breaks({ "spec.replicas": 3 }, "spec.replicas", "autoscaler queue sets the number of replicas", {
                add: [scaledObject({ minReplicaCount: 2 })],
                remove: [HPA],
            }),
        ],
        keeps: [
            keeps({ "spec.replicas": 2 }, { add: [scaledObject({ minReplicaCount: 2 })], remove: [HPA] }),
            keeps({ "spec.replicas": undefined }),
            keeps({ "spec.replicas": 2 }),
            keeps({ "spec.replicas": 2 }, { remove: [HPA] }),
        ],
    },
    {
        rule: "autoscaler-range",
        on: ["HorizontalPodAutoscaler"],
        breaks: [
            ...[1, undefined].map((least) =>
                breaks(
                    { "spec.minReplicas": least },
                    "spec.minReplicas",
                    "the autoscaler goes down to 1 instead of 2 replicas",
                ),
            ),
            ...[2, undefined].map((most) =>
                breaks(
                    { "spec.maxReplicas": most },
                    "spec.maxReplicas",
                    "the autoscaler has no room between minimum and maximum",
                ),
            ),
        ],
        keeps: [keeps({ "spec.maxReplicas": 3 })],
    },
    {
        rule: "autoscaler-requests",
        on: ["Deployment"],
        breaks: [
            breaks(
                { "pod:containers[0].resources": { requests: { memory: "1Gi" } } },
                "pod:containers[0].resources.requests.cpu",
                'container "main" requests none of the cpu that api scales by',
            ),
            breaks(
                { "pod:containers[0].resources": {}, [`${HPA}:spec.metrics`]: undefined },
                "pod:containers[0].resources.requests.cpu",
                'container "main" requests none of the cpu that api scales by',
            ),
            breaks(
                { "pod:containers[0].resources": {} },
                "pod:containers[0].resources.requests.memory",
                'container "main" requests none of the memory that queue scales by',
                {
                    add: [scaledObject({ triggers: [{ type: "memory", metadata: { value: "70" } }] })],
                    remove: [HPA],
                },
            ),
        ],
        keeps: [
            // KEDA has no metric by default, and an average is no share.
            ...[{}, { triggers: [{ type: "cpu", metricType: "AverageValue", metadata: { value: "1" } }] }].map((spec) =>
                keeps({ "pod:containers[0].resources": {} }, { add: [scaledObject(spec)], remove: [HPA] }),
            ),
            keeps({ "pod:containers[0].resources": { limits: { cpu: 1 } } }),
            keeps({
                "pod:containers[0].resources": {},
                [`${HPA}:spec.metrics`]: [
                    { type: "Resource", resource: { name: "cpu", target: { type: "AverageValue", averageValue: 1 } } },
                ],
            }),
        ],
    },
    {
        rule: "service-selector",
        on: ["Service"],
        breaks: [
            breaks({ "spec.selector.tier": "x" }, "spec.selector", "the Service selects no pod of the stack"),
            breaks({ "spec.selector.tier": "x" }, "spec.selector", "the Service selects no pod of the stack", {
                add: [clusterNamed("y"), { ...clusterNamed("x"), metadata: { name: "x", namespace: "other" } }],
            }),
            ...NO_MAKERS.map((add) =>
                breaks({ "spec.selector": MADE }, "spec.selector", "the Service selects no pod of the stack", { add }),
            ),
            // A value that is misspelt, also beside a controller that makes pods.
            breaks(
                { "spec.selector": { "app.kubernetes.io/component": "apy" } },
                "spec.selector",
                "the Service selects no pod of the stack",
                { add: mayMakePods() },
            ),
        ],
        keeps: [
            keeps({ "spec.selector": undefined }),
            keeps({ "spec.selector": NAMES }),
            // Pods of the cluster itself, and such as an operator makes.
            keeps({ "spec.selector": { "k8s-app": "kube-dns" }, "metadata.namespace": "kube-system" }),
            keeps({ "spec.selector.tier": "x" }, { add: [clusterNamed("x")] }),
            // Pods that a controller of the stack makes.
            keeps({ "spec.selector": MADE }, { add: mayMakePods() }),
            keeps({ "spec.selector": MADE }, { add: mayMakePods(["*"], ["*"]) }),
        ],
    },
    {
        rule: "service-port",
        on: ["Service/api"],
        breaks: [
            breaks(
                { "spec.ports[0].targetPort": "web" },
                "spec.ports[0].targetPort",
                "Deployment api declares no such port",
            ),
            breaks(
                { "spec.ports[0].targetPort": undefined },
                "spec.ports[0].port",
                "Deployment api declares no such port",
            ),
            breaks(
                { "spec.ports[0].protocol": "UDP" },
                "spec.ports[0].targetPort",
                "Deployment api declares no such port",
            ),
        ],
        keeps: [keeps({ "spec.ports[0].targetPort": 8000 })],
    },
    {
        rule: "service-type",
        on: ["Service"],
        breaks: [
            { "spec.type": "NodePort" },
            { "spec.type": "LoadBalancer" },
            ...[
                ...[[], ["0.0.0.0/0"], ["203.0.113.0/24", "::/0"], ["0.0.0.0/1", "128.0.0.0/1"]],
                ["0.0.0.0/2", "64.0.0.0/2", "128.0.0.0/2", "192.0.0.0/2"],
            ].map((ranges) => ({
                "spec.type": "LoadBalancer",
                "spec.loadBalancerSourceRanges": ranges,
            })),
            ...["0.0.0.0/0", "203.0.113.0/24, ::/0"].map((ranges) => ({
                "spec.type": "LoadBalancer",
                [SOURCE_RANGES]: ranges,
            })),
        ].map((change) => breaks(change, "spec.type", "this type of Service is not allowed")),
        keeps: [
            keeps({ "spec.type": undefined }),
            keeps({ "spec.type": "LoadBalancer", "spec.loadBalancerSourceRanges": ["203.0.113.0/24"] }),
            keeps({ "spec.type": "LoadBalancer", [SOURCE_RANGES]: "203.0.113.0/24, 198.51.100.0/24" }),
            keeps({ "spec.type": "LoadBalancer" }, { config: { parameters: { serviceTypes: ["LoadBalancer"] } } }),
        ],
    },
    {
        rule: "node-port-range",
        on: ["Service"],
        breaks: [
            ...[80, 29999, 32768].map((nodePort) =>
                breaks(
                    { "spec.type": "NodePort", "spec.ports[0].nodePort": nodePort },
                    "spec.ports[0].nodePort",
                    "this port is not among those of the nodes (30000-32767)",
                ),
            ),
            breaks(
                {
                    "spec.type": "LoadBalancer",
                    "spec.externalTrafficPolicy": "Local",
                    "spec.healthCheckNodePort": 10256,
                },
                "spec.healthCheckNodePort",
                "this port is not among those of the nodes (30000-32767)",
            ),
            breaks(
                { "spec.type": "NodePort", "spec.ports[0].nodePort": 30080 },
                "spec.ports[0].nodePort",
                "this port is not among those of the nodes (20000-22767)",
                { config: { parameters: { nodePorts: "20000-22767" } } },
            ),
        ],
        keeps: [
            ...[0, 30000, 32767, undefined].map((nodePort) =>
                keeps({ "spec.type": "NodePort", "spec.ports[0].nodePort": nodePort }),
            ),
            keeps(
                { "spec.type": "NodePort", "spec.ports[0].nodePort": 80 },
                { config: { parameters: { nodePorts: "1-32767" } } },
            ),
        ],
    },
    {
        rule: "service-external-ips",
        on: ["Service"],
        breaks: [
            breaks({ "spec.externalIPs": ["1.2.3.4"] }, "spec.externalIPs", "the Service claims external addresses"),
        ],
        keeps: [keeps({ "spec.externalIPs": [] })],
    },
    {
        rule: "service-monitor",
        on: ["ServiceMonitor"],
        breaks: [
            breaks(
                { "spec.selector": { matchLabels: { a: "b" } } },
                "spec.selector",
                "it selects no Service of the stack",
            ),
            breaks(
                { "spec.namespaceSelector": { matchNames: ["other"] } },
                "spec.selector",
                "it selects no Service of the stack",
            ),
        ],
        keeps: [
            keeps({}),
            keeps({ "spec.namespaceSelector": { any: true } }),
            ...["default", "kube-system"].map((name) =>
                keeps({
                    "spec.namespaceSelector": { matchNames: [name] },
                    "spec.selector": { matchLabels: { a: "b" } },
                }),
            ),
        ],
    },
    {
        rule: "ingress-tls",
        on: ["Ingress"],
        breaks: [
            breaks({ "spec.tls": undefined }, "spec.tls", "the Ingress has no TLS"),
            breaks({ "spec.tls": [] }, "spec.tls", "the Ingress has no TLS"),
            breaks(
                { "spec.tls[0].secretName": undefined },
                "spec.tls[0].secretName",
                "this entry names no Secret for its certificate",
            ),
            breaks({ "spec.tls[0].hosts": [] }, "spec.tls[0].hosts", "this entry names no host"),
            breaks({ "spec.rules[0].host": "other.example" }, "spec.rules[0].host", "no tls entry names this host"),
            breaks({ "spec.tls[0].hosts": ["*.example"] }, "spec.rules[0].host", "no tls entry names this host"),
            ...["alb", "gce", "traefik"].map((name) =>
                breaks({ "spec.tls": undefined, "spec.ingressClassName": name }, "spec.tls", "the Ingress has no TLS"),
            ),
            // Another controller does not read it, and an empty one names nothing.
            breaks(
                {
                    "spec.tls": undefined,
                    "spec.ingressClassName": "nginx",
                    'metadata.annotations["alb.ingress.kubernetes.io/certificate-arn"]': "shop",
                },
                "spec.tls",
                "the Ingress has no TLS",
            ),
            breaks(
                {
                    "spec.tls": undefined,
                    "spec.ingressClassName": "alb",
                    'metadata.annotations["alb.ingress.kubernetes.io/certificate-arn"]': "",
                },
                "spec.tls",
                "the Ingress has no TLS",
            ),
            breaks({ "spec.tls": undefined, [ALB_PORTS]: '[{"HTTP":80}]' }, "spec.tls", "the Ingress has no TLS"),
        ],
        keeps: [
            keeps({ "spec.tls[0].hosts": ["*.shop.example"] }),
            ...[
                "alb.ingress.kubernetes.io/certificate-arn",
                "appgw.ingress.kubernetes.io/appgw-ssl-certificate",
                "networking.gke.io/managed-certificates",
            ].map((name) =>
                keeps({
                    "spec.tls": undefined,
                    "spec.ingressClassName": "public",
                    [`metadata.annotations["${name}"]`]: "shop",
                }),
            ),
            // ALB looks for a certificate of these names by itself.
            keeps({ "spec.ingressClassName": "alb", "spec.tls[0].secretName": undefined }),
            keeps({ "spec.ingressClassName": "public", "spec.tls": undefined, [ALB_PORTS]: '[{"HTTPS":443}]' }),
            keeps({
                "spec.ingressClassName": undefined,
                "spec.tls": undefined,
                'metadata.annotations["traefik.ingress.kubernetes.io/router.tls"]': "true",
            }),
        ],
    },
    {
        rule: "ingress-issuer",
        on: ["Ingress"],
        breaks: [
            breaks(
                { "metadata.annotations": {} },
                'metadata.annotations["cert-manager.io/cluster-issuer"]',
                "the Ingress names no issuer for its certificate",
                {
                    config: { parameters: { issuers: ["letsencrypt-prod"] } },
                },
            ),
            breaks({}, 'metadata.annotations["cert-manager.io/cluster-issuer"]', "this issuer is not allowed", {
                config: { parameters: { issuers: ["own"] } },
            }),
        ],
        keeps: [
            keeps({ "metadata.annotations": {} }),
            keeps({}, { config: { parameters: { issuers: ["letsencrypt-prod"] } } }),
            keeps(
                {
                    "spec.ingressClassName": "public",
                    "metadata.annotations": { "networking.gke.io/managed-certificates": "shop" },
                },
                { config: { parameters: { issuers: ["letsencrypt-prod"] } } },
            ),
        ],
    },
    {
        rule: "ingress-redirect",
        on: ["Ingress"],
        breaks: [
            ...["false", "False", "F", "0"].map((off) =>
                breaks(
                    { 'metadata.annotations["nginx.ingress.kubernetes.io/ssl-redirect"]': off },
                    'metadata.annotations["nginx.ingress.kubernetes.io/ssl-redirect"]',
                    "the redirect to HTTPS is turned off",
                ),
            ),
            breaks(
                {
                    "spec.ingressClassName": "public",
                    'metadata.annotations["traefik.ingress.kubernetes.io/router.entrypoints"]': "websecure, web",
                },
                'metadata.annotations["traefik.ingress.kubernetes.io/router.entrypoints"]',
                "the router also serves the plain entry point",
            ),
            breaks(
                { "spec.ingressClassName": "traefik" },
                'metadata.annotations["traefik.ingress.kubernetes.io/router.entrypoints"]',
                "the router also serves the plain entry point",
            ),
            breaks(
                { "spec.ingressClassName": "gce" },
                'metadata.annotations["kubernetes.io/ingress.allow-http"]',
                "the load balancer also answers plain HTTP",
            ),
            breaks(
                { "spec.ingressClassName": undefined, 'metadata.annotations["kubernetes.io/ingress.class"]': "gce" },
                'metadata.annotations["kubernetes.io/ingress.allow-http"]',
                "the load balancer also answers plain HTTP",
            ),
            breaks(
                { "spec.ingressClassName": "alb", [ALB_PORTS]: '[{"HTTP": 80}, {"HTTPS": 443}]' },
                ALB_PORTS,
                "the load balancer also answers plain HTTP",
            ),
            breaks(
                {
                    "spec.ingressClassName": "alb",
                    [ALB_PORTS]: '[{"HTTP": 80}]',
                    'metadata.annotations["alb.ingress.kubernetes.io/actions.hello"]': '{"type":"fixed-response"}',
                },
                ALB_PORTS,
                "the load balancer also answers plain HTTP",
            ),
        ],
        keeps: [
            keeps({ "metadata.annotations": undefined }),
            // What another controller reads.
            keeps({ "spec.ingressClassName": "nginx", [ALB_PORTS]: '[{"HTTP": 80}]' }),
            keeps({ "spec.ingressClassName": "alb" }),
            keeps({ "spec.ingressClassName": "alb", [ALB_PORTS]: '[{"HTTPS": 443}]' }),
            ...[
                ["ssl-redirect", "443"],
                ["group.name", "shop"],
                ["actions.redirect", '{"Type":"redirect","RedirectConfig":{"Protocol":"HTTPS"}}'],
            ].map(([name, value]) =>
                keeps({
                    "spec.ingressClassName": "alb",
                    [ALB_PORTS]: '[{"HTTP": 80}, {"HTTPS": 443}]',
                    [`metadata.annotations["alb.ingress.kubernetes.io/${name}"]`]: value,
                }),
            ),
            ...[
                ["kubernetes.io/ingress.allow-http", "false"],
                ["kubernetes.io/ingress.allow-http", "False"],
                ["networking.gke.io/v1beta1.FrontendConfig", "shop"],
            ].map(([name, value]) =>
                keeps({ "spec.ingressClassName": "gce", [`metadata.annotations["${name}"]`]: value }),
            ),
            ...[
                ["entrypoints", "websecure"],
                ["middlewares", "shop-redirect-https@kubernetescrd"],
            ].map(([name, value]) =>
                keeps({
                    "spec.ingressClassName": "traefik",
                    [`metadata.annotations["traefik.ingress.kubernetes.io/router.${name}"]`]: value,
                }),
            ),
            keeps({
                "metadata.annotations": {
                    "nginx.ingress.kubernetes.io/ssl-redirect": "false",
                    "nginx.ingress.kubernetes.io/force-ssl-redirect": "true",
                },
            }),
        ],
    },
    {
        rule: "ingress-host",
        on: ["Ingress"],
        breaks: [
            breaks({ "spec.rules[0].host": undefined }, "spec.rules[0].host", "this rule has no host"),
            breaks({ "spec.rules[0].host": "*.shop.example" }, "spec.rules[0].host", "this host is a wildcard"),
            breaks({ "spec.rules": undefined }, "spec.rules", "the Ingress has no rule, so that it serves every host"),
        ],
        keeps: [keeps({ "spec.rules[0].host": "a.b" })],
    },
    {
        rule: "ingress-class",
        on: ["Ingress"],
        breaks: [breaks({ "spec.ingressClassName": undefined }, "spec.ingressClassName", "the Ingress names no class")],
        keeps: [
            keeps({
                "spec.ingressClassName": undefined,
                'metadata.annotations["kubernetes.io/ingress.class"]': "nginx",
            }),
        ],
    },
    {
        rule: "ingress-backend",
        on: ["Ingress"],
        breaks: [
            breaks(
                { "spec.rules[0].http.paths[0].backend.service.name": "other" },
                "spec.rules[0].http.paths[0].backend.service.name",
                "the stack has no such Service",
            ),
            breaks(
                { "spec.rules[0].http.paths[0].backend.service.port": { number: 81 } },
                "spec.rules[0].http.paths[0].backend.service.port.number",
                "the Service has no such port",
            ),
            breaks(
                { "spec.defaultBackend": { service: { name: "api", port: { name: "web" } } } },
                "spec.defaultBackend.service.port.name",
                "the Service has no such port",
            ),
        ],
        keeps: [
            keeps({ "spec.rules[0].http.paths[0].backend.service.port": { name: "http" } }),
            keeps({
                "spec.rules[0].http.paths[0].backend.service": { name: "redirect", port: { name: "use-annotation" } },
                'metadata.annotations["alb.ingress.kubernetes.io/actions.redirect"]': "{}",
            }),
        ],
    },
    {
        rule: "ingress-snippets",
        on: ["Ingress"],
        breaks: [
            breaks(
                { 'metadata.annotations["nginx.ingress.kubernetes.io/configuration-snippet"]': "return 200;" },
                'metadata.annotations["nginx.ingress.kubernetes.io/configuration-snippet"]',
                "the Ingress carries a snippet",
            ),
            ...[
                "nginx.org/server-snippets",
                "haproxy.org/backend-config-snippet",
                "haproxy-ingress.github.io/config-backend",
            ].map((name) =>
                breaks(
                    { [`metadata.annotations["${name}"]`]: "deny" },
                    `metadata.annotations["${name}"]`,
                    "the Ingress carries a snippet",
                ),
            ),
        ],
        keeps: [keeps({ 'metadata.annotations["nginx.ingress.kubernetes.io/proxy-buffering"]': "off" })],
    },
    {
        rule: "network-isolation",
        on: POD_KINDS,
        breaks: [
            breaks(
                { "NetworkPolicy/default-deny:spec.policyTypes": ["Ingress"], "meta:labels": { a: "b" } },
                "meta:labels",
                "no network policy restricts the egress of its pods",
            ),
            breaks(
                {
                    "NetworkPolicy/default-deny:spec": { podSelector: {}, policyTypes: ["Egress"] },
                    "meta:labels": { a: "b" },
                },
                "meta:labels",
                "no network policy restricts the ingress of its pods",
            ),
        ],
        keeps: [
            keeps({ "meta:labels": { a: "b" } }),
            // Policies do not apply there.
            keeps({
                "NetworkPolicy/default-deny:spec.policyTypes": ["Ingress"],
                "meta:labels": { a: "b" },
                "pod:hostNetwork": true,
            }),
        ],
    },
    {
        rule: "network-isolation",
        on: ["Deployment"],
        breaks: [
            breaks(
                { "NetworkPolicy/api:spec.policyTypes": undefined, "NetworkPolicy/api:spec.egress": undefined },
                "meta:labels",
                "no network policy restricts the egress of its pods",
                {
                    remove: ["NetworkPolicy/default-deny"],
                },
            ),
        ],
        keeps: [keeps({ "NetworkPolicy/api:spec.policyTypes": undefined }, { remove: ["NetworkPolicy/default-deny"] })],
    },
    {
        rule: "network-default-deny",
        on: ["Namespace"],
        breaks: [
            breaks(
                { "NetworkPolicy/default-deny:spec.policyTypes": ["Ingress"] },
                "metadata.name",
                "no policy of this namespace denies egress by default",
            ),
            breaks(
                { "NetworkPolicy/default-deny:spec.ingress": [{}] },
                "metadata.name",
                "no policy of this namespace denies ingress by default",
            ),
            breaks({}, "metadata.name", "no policy of this namespace denies ingress by default", {
                remove: ["NetworkPolicy/default-deny"],
            }),
        ],
        keeps: [keeps({ "NetworkPolicy/default-deny:spec.ingress": [] })],
    },
    {
        rule: "network-default-deny",
        on: ["CronJob"],
        breaks: [
            breaks({}, "metadata.namespace", "no policy of this namespace denies egress by default", {
                remove: ["NetworkPolicy/default-deny", "Namespace/shop"],
            }),
        ],
        keeps: [keeps({}, { remove: ["Namespace/shop"] })],
    },
    {
        rule: "network-allow-all",
        on: ["NetworkPolicy/api"],
        breaks: [
            breaks(
                { "spec.ingress[0].from": undefined },
                "spec.ingress[0].from",
                "this rule allows ingress from anywhere",
            ),
            breaks({ "spec.egress[0]": {} }, "spec.egress[0].to", "this rule allows egress to anywhere"),
            breaks(
                { "spec.ingress[0].from": [{ namespaceSelector: {} }] },
                "spec.ingress[0].from[0]",
                "this rule allows ingress from every pod of every namespace",
            ),
            breaks(
                { "spec.egress[0]": { to: [{ ipBlock: { cidr: "0.0.0.0/0" } }] } },
                "spec.egress[0].to[0]",
                "this rule allows egress to anywhere",
            ),
            // All addresses in other spellings, and in parts.
            ...[
                ...[["0:0:0:0:0:0:0:0/0"], ["::0.0.0.0/0"], ["128.0.0.0/1"], ["8000::/1"], ["2000::/3"]],
                ["0.0.0.0/2", "64.0.0.0/2", "128.0.0.0/2", "192.0.0.0/2"],
                ["128.0.0.0/2", "10.0.0.0/8", "192.0.0.0/3", "224.0.0.0/3"],
                ["2000::/4", "3000::/4"],
                // More than half of them, and neither half: such as all public ones.
                ["32.0.0.0/3", "64.0.0.0/2", "128.0.0.0/2"],
                [
                    "0.0.0.0/5",
                    "8.0.0.0/7",
                    "11.0.0.0/8",
                    "12.0.0.0/6",
                    "16.0.0.0/4",
                    "32.0.0.0/3",
                    "64.0.0.0/2",
                    "128.0.0.0/3",
                ],
            ].map((ranges) =>
                breaks(
                    { "spec.ingress[0].from": ranges.map((cidr) => ({ ipBlock: { cidr } })) },
                    "spec.ingress[0].from[0]",
                    "this rule allows ingress from anywhere",
                ),
            ),
            // Kubernetes took these before 1.36.
            ...["000.0.0.0/0", "0.0.0.0/00", "::ffff:0.0.0.0/96", "::ffff:8000:0/97"].map((cidr) =>
                breaks(
                    { "spec.ingress[0].from": [{ ipBlock: { cidr } }] },
                    "spec.ingress[0].from[0]",
                    "this rule allows ingress from anywhere",
                    { config: { parameters: { kubernetesVersion: "1.30" } } },
                ),
            ),
            breaks(
                {
                    "spec.ingress[0].from": [
                        {
                            namespaceSelector: {
                                matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "Exists" }],
                            },
                            podSelector: {},
                        },
                    ],
                },
                "spec.ingress[0].from[0]",
                "this rule allows ingress from every pod of every namespace",
            ),
        ],
        keeps: [
            ...[["0.0.0.0/2", "128.0.0.0/2"], ["10.0.0.0/8"], ["fc00::/7", "0.0.0.0/2"], ["2000::/4"]].map((ranges) =>
                keeps({ "spec.ingress[0].from": ranges.map((cidr) => ({ ipBlock: { cidr } })) }),
            ),
            keeps({
                "spec.ingress[0].from": [
                    {
                        namespaceSelector: {
                            matchExpressions: [
                                { key: "kubernetes.io/metadata.name", operator: "In", values: ["monitoring"] },
                            ],
                        },
                    },
                ],
            }),
            keeps({ "spec.egress[0]": { to: [{ ipBlock: { cidr: "0.0.0.0/0" } }], ports: [{ port: 443 }] } }),
            keeps({ "spec.ingress[0].from": [{ namespaceSelector: { matchLabels: { a: "b" } } }] }),
        ],
    },
    {
        rule: "network-internet",
        on: ["NetworkPolicy/api"],
        breaks: [
            ...[undefined, ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]].map((except) =>
                breaks(
                    { "spec.egress[0]": { to: [{ ipBlock: { cidr: "0.0.0.0/0", except } }], ports: [{ port: 443 }] } },
                    "spec.egress[0].to[0].ipBlock.except",
                    "this rule allows egress to all private addresses as well",
                ),
            ),
            ...[undefined, []].map((to) =>
                breaks(
                    { "spec.egress[0]": { to, ports: [{ port: 443 }] } },
                    "spec.egress[0].to",
                    "this rule allows egress to every address, private ones and all pods included",
                ),
            ),
            breaks(
                {
                    "spec.egress[0]": {
                        to: ["0.0.0.0/2", "64.0.0.0/2", "128.0.0.0/2", "192.0.0.0/2"].map((cidr) => ({
                            ipBlock: { cidr },
                        })),
                        ports: [{ port: 443 }],
                    },
                },
                "spec.egress[0].to[3].ipBlock.except",
                "this rule allows egress to all private addresses as well",
            ),
        ],
        keeps: [
            // Exceptions in parts, wider ones, and in another spelling.
            ...[
                ["10.0.0.0/9", "10.128.0.0/9", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10"],
                ["8.0.0.0/5", "172.16.0.0/12", "192.168.0.0/17", "192.168.128.0/17", "169.254.0.0/16", "100.64.0.0/10"],
            ].map((except) => keeps({ "spec.egress[0].to": [{ ipBlock: { cidr: "0.0.0.0/0", except } }] })),
            keeps({ "spec.egress[0].to": [{ ipBlock: { cidr: "::/0", except: ["FC00:0::/7", "fe80::0/10"] } }] }),
            keeps({ "spec.egress[0].to": [{ ipBlock: { cidr: "2000::/3" } }] }),
            keeps({ "spec.egress[0].to": [{ ipBlock: { cidr: "::/0", except: ["fc00::/7", "fe80::/10"] } }] }),
            keeps({ "spec.egress[0].to": [{ ipBlock: { cidr: "203.0.113.0/24" } }] }),
            keeps({
                "spec.egress[0].to": [
                    {
                        ipBlock: {
                            cidr: "0.0.0.0/0",
                            except: [
                                "10.0.0.0/8",
                                "172.16.0.0/12",
                                "192.168.0.0/16",
                                "169.254.169.254/32",
                                "100.64.0.0/10",
                            ],
                        },
                    },
                ],
            }),
        ],
    },
    {
        rule: "network-ports",
        on: ["NetworkPolicy/api"],
        breaks: [
            breaks({ "spec.ingress[0].ports": undefined }, "spec.ingress[0].ports", "this rule allows every port"),
        ],
        keeps: [keeps({ "spec.ingress[0].ports": [{ port: 1, endPort: 2 }] })],
    },
    {
        rule: "network-target",
        on: ["NetworkPolicy/api"],
        breaks: [
            breaks(
                { "spec.podSelector": { matchLabels: { a: "b" } } },
                "spec.podSelector",
                "the policy selects no pod of the stack",
            ),
            ...NO_MAKERS.map((add) =>
                breaks(
                    { "spec.podSelector": { matchLabels: MADE } },
                    "spec.podSelector",
                    "the policy selects no pod of the stack",
                    { add },
                ),
            ),
            breaks(
                { "spec.podSelector": { matchLabels: { ...API, "app.kubernetes.io/name": "shpo" } } },
                "spec.podSelector",
                "the policy selects no pod of the stack",
                { add: mayMakePods() },
            ),
        ],
        keeps: [
            keeps({ "spec.podSelector": { matchLabels: MADE } }, { add: mayMakePods() }),
            keeps({ "spec.podSelector": {} }),
            keeps({ "spec.podSelector": { matchLabels: NAMES } }),
            keeps({ "spec.podSelector": { matchLabels: { "acme.cert-manager.io/http01-solver": "true" } } }),
        ],
    },
    {
        rule: "network-peer",
        on: ["NetworkPolicy/api"],
        breaks: [
            breaks(
                { "spec.egress[0].to": [{ podSelector: { matchLabels: { a: "b" } } }] },
                "spec.egress[0].to[0].podSelector",
                "this peer is no pod of the stack",
            ),
        ],
        keeps: [
            keeps({ "spec.egress[0].to": [{ podSelector: { matchLabels: MADE } }] }, { add: mayMakePods() }),
            keeps({
                "spec.egress[0].to": [
                    { namespaceSelector: { matchLabels: { a: "b" } }, podSelector: { matchLabels: { a: "b" } } },
                ],
            }),
            keeps({
                "spec.egress[0].to": [
                    { podSelector: { matchExpressions: [{ key: "app.kubernetes.io/name", operator: "Exists" }] } },
                ],
            }),
        ],
    },
    {
        rule: "network-dns",
        on: ["Deployment"],
        breaks: [
            breaks(
                { "NetworkPolicy/api:spec.egress[1].ports": [{ protocol: "UDP", port: 53 }] },
                "meta:labels",
                "its network policies allow calls to other pods, but no DNS over TCP",
            ),
            breaks(
                { "NetworkPolicy/api:spec.egress[1]": undefined },
                "meta:labels",
                "its network policies allow calls to other pods, but no DNS over UDP",
            ),
            // All ports, but not where name servers are.
            ...[
                { podSelector: {} },
                { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "monitoring" } } },
                {
                    namespaceSelector: {
                        matchExpressions: [
                            { key: "kubernetes.io/metadata.name", operator: "In", values: ["monitoring", "logging"] },
                        ],
                    },
                },
            ].map((peer) =>
                breaks(
                    { "NetworkPolicy/api:spec.egress[1]": { to: [peer] } },
                    "meta:labels",
                    "its network policies allow calls to other pods, but no DNS over UDP",
                ),
            ),
            ...[
                [{ protocol: "UDP", port: 54, endPort: 60 }],
                [{ protocol: "SCTP", port: 53 }],
                [{ protocol: "UDP", port: "metrics" }],
                [{ port: 53 }],
            ].map((ports) =>
                breaks(
                    { "NetworkPolicy/api:spec.egress[1].ports": ports },
                    "meta:labels",
                    "its network policies allow calls to other pods, but no DNS over UDP",
                ),
            ),
        ],
        keeps: [
            // By the names that CoreDNS, its chart and kube-dns give its ports, and within ranges.
            ...[
                ["dns", "dns-tcp"],
                ["udp-53", "tcp-53"],
                ["dns-local", "dns-tcp-local"],
            ].map(([udp, tcp]) =>
                keeps({
                    "NetworkPolicy/api:spec.egress[1].ports": [
                        { protocol: "UDP", port: udp },
                        { protocol: "TCP", port: tcp },
                    ],
                }),
            ),
            ...[
                [1, 1024],
                [5000, 6000],
            ].map(([port, endPort]) =>
                keeps({
                    "NetworkPolicy/api:spec.egress[1].ports": [
                        { protocol: "UDP", port, endPort },
                        { port, endPort },
                    ],
                }),
            ),
            ...["kube-system", "openshift-dns"].map((name) =>
                keeps({
                    "NetworkPolicy/api:spec.egress[1]": {
                        to: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } } }],
                    },
                }),
            ),
            keeps({ "NetworkPolicy/api:spec.egress": [] }),
            keeps({
                "NetworkPolicy/api:spec.egress": [
                    { to: [{ ipBlock: { cidr: "10.0.0.1/32" } }], ports: [{ port: 5432 }] },
                ],
            }),
        ],
    },
    {
        rule: "namespace-quota",
        on: ["Namespace"],
        breaks: [breaks({}, "metadata.name", "the namespace has no LimitRange")],
        keeps: [
            keeps(
                {},
                {
                    add: ["ResourceQuota", "LimitRange"].map((kind) => ({
                        apiVersion: "v1",
                        kind,
                        metadata: { name: "a", namespace: "shop" },
                    })),
                },
            ),
        ],
    },
    {
        rule: "statefulset-service",
        on: ["StatefulSet"],
        breaks: [
            breaks({ "spec.serviceName": "other" }, "spec.serviceName", "the stack has no such Service"),
            breaks({ "spec.serviceName": "api" }, "spec.serviceName", "Service api is not headless"),
        ],
        keeps: [keeps({})],
    },
];
