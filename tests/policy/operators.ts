import { at, set, type Body } from "./stack.ts";

/** One way to weaken an object. It is tried on every object and at every path that fit. */
export interface Operator {
    readonly name: string;
    /** Kinds that it is for; all when absent. */
    readonly on?: RegExp;
    /** Paths that it is for, with `[]` for any index; the whole object when absent. */
    readonly at?: RegExp;
    /** New value; undefined removes the field. A whole object is removed. */
    readonly to?: (value: unknown, body: Body) => unknown;
    /** Whether this one is worth trying. */
    readonly when?: (value: unknown, body: Body, stack: readonly Body[]) => boolean;
    /** Rule that has to see it; one of them where it depends on the object. */
    readonly seenBy: readonly string[];
}

const gone = (): undefined => undefined;
const POD = "(spec|spec\\.template\\.spec|spec\\.jobTemplate\\.spec\\.template\\.spec)";
const CONTAINER = `${POD}\\.(containers|initContainers)\\[\\]`;
const CONTEXT = `${CONTAINER}\\.securityContext`;
const re = (text: string): RegExp => new RegExp(`^${text}$`);
const longRunning = /^(Deployment|StatefulSet|DaemonSet)$/;
/** Every security context of the pod that `body` makes loses a field, as one of them alone would be enough. */
const everywhere = (field: string, seenBy: string): Operator => ({
    name: `remove ${field} from pod and containers`,
    at: re(POD),
    to: (spec) => {
        const pod = structuredClone(spec) as Body;
        const lists = [pod["containers"], pod["initContainers"]].flatMap((list) =>
            Array.isArray(list) ? (list as Body[]) : [],
        );
        for (const holder of [pod, ...lists])
            if (at(holder, "securityContext", field) !== undefined) set(holder, ["securityContext", field], undefined);
        return pod;
    },
    when: (spec) => Array.isArray(at(spec, "containers")),
    seenBy: [seenBy],
});

/** All operators. */
export const OPERATORS: readonly Operator[] = [
    ...["livenessProbe", "readinessProbe"].map((probe): Operator => ({
        name: "remove the probe",
        on: longRunning,
        at: re(`${CONTAINER}\\.${probe}`),
        to: gone,
        seenBy: [probe === "livenessProbe" ? "liveness-probe" : "readiness-probe"],
    })),
    {
        name: "take its question away",
        at: re(`${CONTAINER}\\.(liveness|readiness|startup)Probe\\.(httpGet|tcpSocket|exec)`),
        to: gone,
        seenBy: ["probe-handler"],
    },
    {
        name: "ask another port",
        at: re(`${CONTAINER}\\.\\w+Probe\\.(httpGet|tcpSocket)\\.port`),
        to: () => 9,
        seenBy: ["probe-port"],
    },
    {
        name: "make it the liveness probe",
        on: longRunning,
        at: re(`${CONTAINER}\\.readinessProbe`),
        to: (probe, body) => at(body, "spec", "template", "spec", "containers", 0, "livenessProbe") ?? probe,
        seenBy: ["probes-differ"],
    },
    ...["cpu", "memory", "ephemeral-storage"].flatMap((resource) =>
        (["request", "limit"] as const).flatMap((list): Operator[] => [
            {
                name: "remove the amount",
                at: re(`${CONTAINER}\\.resources\\.${list}s\\.${resource}`),
                to: gone,
                seenBy: [`${resource}-${list}`],
            },
            {
                name: "make it zero",
                at: re(`${CONTAINER}\\.resources\\.${list}s\\.${resource}`),
                to: () => "0",
                seenBy: [`${resource}-${list}`],
            },
        ]),
    ),
    {
        name: "request more than the limit",
        at: re(`${CONTAINER}\\.resources\\.requests\\.(cpu|memory)`),
        to: () => "999Gi",
        seenBy: ["request-within-limit"],
    },
    {
        name: "take the tag away",
        at: re(`${CONTAINER}\\.image`),
        to: (image) => String(image).replace(/:[^:/]+$/, ""),
        seenBy: ["image-tag"],
    },
    {
        name: "make the tag latest",
        at: re(`${CONTAINER}\\.image`),
        to: (image) => String(image).replace(/:[^:/]+$/, ":latest"),
        seenBy: ["image-tag"],
    },
    { name: "never pull", at: re(`${CONTAINER}\\.imagePullPolicy`), to: () => "Never", seenBy: ["image-pull-policy"] },
    {
        name: "allow privilege escalation",
        at: re(`${CONTEXT}\\.allowPrivilegeEscalation`),
        to: () => true,
        seenBy: ["privilege-escalation"],
    },
    {
        name: "leave privilege escalation open",
        at: re(`${CONTEXT}\\.allowPrivilegeEscalation`),
        to: gone,
        seenBy: ["privilege-escalation"],
    },
    { name: "make it privileged", at: re(`${CONTEXT}\\.privileged`), to: () => true, seenBy: ["privileged"] },
    { name: "keep the capabilities", at: re(`${CONTEXT}\\.capabilities`), to: gone, seenBy: ["capabilities-drop"] },
    {
        name: "drop one capability only",
        at: re(`${CONTEXT}\\.capabilities\\.drop`),
        to: () => ["NET_RAW"],
        seenBy: ["capabilities-drop"],
    },
    {
        name: "add a capability",
        at: re(`${CONTEXT}\\.capabilities`),
        to: (value) => ({ ...(value as object), add: ["SYS_ADMIN"] }),
        seenBy: ["capabilities-add"],
    },
    {
        name: "make the root writable",
        at: re(`${CONTEXT}\\.readOnlyRootFilesystem`),
        to: () => false,
        seenBy: ["read-only-root"],
    },
    {
        name: "leave the root writable",
        at: re(`${CONTEXT}\\.readOnlyRootFilesystem`),
        to: gone,
        seenBy: ["read-only-root"],
    },
    { name: "allow root", at: re(`${CONTEXT}\\.runAsNonRoot`), to: () => false, seenBy: ["run-as-non-root"] },
    ...(["runAsUser"] as const).flatMap((field): Operator[] => [
        {
            name: "be the root user",
            at: re(`${CONTAINER}\\.securityContext\\.${field}`),
            to: () => 0,
            seenBy: ["user-id"],
        },
        {
            name: "be the root user where containers do not say",
            at: re(`${POD}\\.securityContext`),
            to: (context) => ({ ...(context as object), [field]: 0 }),
            when: (context, body) => Number(at(context, field)) >= 10000 && !containersSay(body, field),
            seenBy: ["user-id"],
        },
    ]),
    ...(["runAsGroup"] as const).flatMap((field): Operator[] => [
        {
            name: "be in the root group",
            at: re(`${CONTAINER}\\.securityContext\\.${field}`),
            to: () => 0,
            seenBy: ["group-id"],
        },
        {
            name: "be in the root group where containers do not say",
            at: re(`${POD}\\.securityContext`),
            to: (context) => ({ ...(context as object), [field]: 0 }),
            when: (context, body) => Number(at(context, field)) >= 10000 && !containersSay(body, field),
            seenBy: ["group-id"],
        },
    ]),
    {
        name: "own volumes as the root group",
        at: re(`${POD}\\.securityContext\\.fsGroup`),
        to: () => 0,
        seenBy: ["file-system-group"],
    },
    {
        name: "turn seccomp off",
        at: re(`${CONTEXT}\\.seccompProfile\\.type`),
        to: () => "Unconfined",
        seenBy: ["seccomp-profile"],
    },
    everywhere("runAsNonRoot", "run-as-non-root"),
    everywhere("runAsUser", "user-id"),
    everywhere("runAsGroup", "group-id"),
    everywhere("seccompProfile", "seccomp-profile"),
    {
        name: "take the sysctl away that its port needs",
        at: re(`${POD}\\.securityContext\\.sysctls`),
        to: gone,
        seenBy: ["privileged-ports"],
    },
    {
        name: "share the node's network",
        at: re(POD),
        to: (spec) => ({ ...(spec as object), hostNetwork: true }),
        when: (spec) => Array.isArray(at(spec, "containers")),
        seenBy: ["host-namespaces"],
    },
    {
        name: "mount the node's disk",
        at: re(`${POD}\\.volumes\\[\\]`),
        to: (volume) => ({ name: at(volume, "name"), hostPath: { path: "/data" } }),
        seenBy: ["host-path"],
    },
    {
        name: "lift the limit of the scratch volume",
        at: re(`${POD}\\.volumes\\[\\]\\.emptyDir\\.sizeLimit`),
        to: gone,
        seenBy: ["empty-dir-limit"],
    },
    { name: "use the default account", at: re(`${POD}\\.serviceAccountName`), to: gone, seenBy: ["service-account"] },
    {
        name: "use an account that is not there",
        at: re(`${POD}\\.serviceAccountName`),
        to: () => "nobody",
        seenBy: ["service-account-exists"],
    },
    {
        name: "mount the token",
        at: re(`${POD}\\.automountServiceAccountToken`),
        to: () => true,
        seenBy: ["service-account-token"],
    },
    {
        name: "mount the token by default",
        on: /^ServiceAccount$/,
        at: re("automountServiceAccountToken"),
        to: gone,
        seenBy: ["service-account-automount"],
    },
    { name: "remove the account", on: /^ServiceAccount$/, seenBy: ["service-account-exists"] },
    { name: "kill at once", at: re(`${POD}\\.terminationGracePeriodSeconds`), to: () => 0, seenBy: ["grace-period"] },
    {
        name: "wait longer than the grace period",
        at: re(`${CONTAINER}\\.lifecycle\\.preStop\\.sleep\\.seconds`),
        to: () => 9999,
        seenBy: ["grace-period"],
    },
    {
        name: "write the secret out",
        at: re(`${CONTAINER}\\.env\\[\\]`),
        to: (variable) => ({ name: at(variable, "name"), value: "postgres://a:hunter2x@db/x" }),
        when: (variable) => at(variable, "valueFrom", "secretKeyRef") !== undefined,
        seenBy: ["secret-in-env"],
    },
    {
        name: "set the variable twice",
        at: re(`${CONTAINER}\\.env`),
        to: (list) => [...(list as unknown[]), (list as unknown[])[0]],
        when: (list) => Array.isArray(list) && list.length > 0,
        seenBy: ["duplicate-env"],
    },
    {
        name: "read a key that is not there",
        at: re(`${CONTAINER}\\.env\\[\\]\\.valueFrom\\.secretKeyRef`),
        to: (reference) => ({ ...(reference as object), key: "no-such-key" }),
        when: (reference, _, stack) =>
            at(reference, "optional") !== true &&
            stack.some((body) => body["kind"] === "Secret" && at(body, "metadata", "name") === at(reference, "name")),
        seenBy: ["reference-key"],
    },
    {
        name: "stop spreading",
        at: re(`${POD}\\.topologySpreadConstraints`),
        to: gone,
        when: (_, body) => hasReplicas(body),
        seenBy: ["topology-spread"],
    },
    {
        name: "spread other pods",
        at: re(`${POD}\\.topologySpreadConstraints\\[\\]\\.labelSelector`),
        to: () => ({ matchLabels: { a: "b" } }),
        when: (_, body) => hasReplicas(body),
        seenBy: ["topology-spread"],
    },
    {
        name: "recreate",
        on: /^Deployment$/,
        at: re("spec\\.strategy"),
        to: () => ({ type: "Recreate" }),
        seenBy: ["rolling-update"],
    },
    {
        name: "let all pods go at once",
        on: /^Deployment$/,
        at: re("spec\\.strategy\\.rollingUpdate\\.maxUnavailable"),
        to: () => "100%",
        seenBy: ["rolling-update"],
    },
    {
        name: "never update",
        on: /^StatefulSet$/,
        at: re("spec\\.updateStrategy\\.type"),
        to: () => "OnDelete",
        seenBy: ["rolling-update"],
    },
    {
        name: "go down to one replica",
        on: /^Deployment$/,
        at: re("spec\\.replicas"),
        to: () => 1,
        when: (value) => Number(value) > 1,
        // Beside an autoscaler, whose minimum it then contradicts, or without one.
        seenBy: ["replicas", "autoscaler-replicas"],
    },
    {
        name: "fix the replicas beside the autoscaler",
        on: /^Deployment$/,
        at: re("spec"),
        to: (spec) => ({ ...(spec as object), replicas: 3 }),
        when: (_, body, stack) =>
            stack.some(
                (other) =>
                    other["kind"] === "HorizontalPodAutoscaler" &&
                    at(other, "spec", "scaleTargetRef", "name") === at(body, "metadata", "name"),
            ),
        seenBy: ["autoscaler-replicas"],
    },
    {
        name: "select other pods",
        on: longRunning,
        at: re("spec\\.selector\\.matchLabels"),
        to: () => ({ a: "b" }),
        seenBy: ["selector-match"],
    },
    {
        name: "delete volumes",
        on: /^StatefulSet$/,
        at: re("spec\\.persistentVolumeClaimRetentionPolicy\\.\\w+"),
        to: () => "Delete",
        seenBy: ["volume-retention"],
    },
    {
        name: "name a Service that is not there",
        on: /^StatefulSet$/,
        at: re("spec\\.serviceName"),
        to: () => "nothing",
        seenBy: ["statefulset-service"],
    },
    {
        name: "start at one",
        on: /^HorizontalPodAutoscaler$/,
        at: re("spec\\.minReplicas"),
        to: () => 1,
        when: (value) => Number(value) > 1,
        seenBy: ["autoscaler-range"],
    },
    {
        name: "leave no room",
        on: /^HorizontalPodAutoscaler$/,
        at: re("spec\\.maxReplicas"),
        to: (_, body) => at(body, "spec", "minReplicas"),
        seenBy: ["autoscaler-range"],
    },
    {
        name: "scale something else",
        on: /^HorizontalPodAutoscaler$/,
        at: re("spec\\.scaleTargetRef\\.name"),
        to: () => "nothing",
        seenBy: ["autoscaler-target"],
    },
    {
        name: "let no pod go",
        on: /^PodDisruptionBudget$/,
        at: re("spec\\.maxUnavailable"),
        to: () => 0,
        seenBy: ["disruption-budget-deadlock"],
    },
    {
        name: "say nothing",
        on: /^PodDisruptionBudget$/,
        at: re("spec\\.(maxUnavailable|minAvailable)"),
        to: gone,
        seenBy: ["disruption-budget-fields"],
    },
    {
        name: "hold broken pods",
        on: /^PodDisruptionBudget$/,
        at: re("spec\\.unhealthyPodEvictionPolicy"),
        to: gone,
        seenBy: ["disruption-budget-eviction"],
    },
    {
        name: "select nothing",
        on: /^PodDisruptionBudget$/,
        at: re("spec\\.selector\\.matchLabels"),
        to: () => ({ a: "b" }),
        seenBy: ["disruption-budget-target"],
    },
    { name: "remove the budget", on: /^PodDisruptionBudget$/, seenBy: ["disruption-budget"] },
    {
        name: "open it to everyone",
        on: /^NetworkPolicy$/,
        at: re("spec\\.ingress\\[\\]\\.from"),
        to: gone,
        seenBy: ["network-allow-all"],
    },
    {
        name: "open every namespace",
        on: /^NetworkPolicy$/,
        at: re("spec\\.ingress\\[\\]\\.from\\[\\]"),
        to: () => ({ namespaceSelector: {} }),
        seenBy: ["network-allow-all"],
    },
    {
        name: "open every port",
        on: /^NetworkPolicy$/,
        at: re("spec\\.(ingress|egress)\\[\\]\\.ports"),
        to: gone,
        seenBy: ["network-ports"],
    },
    {
        name: "let pods call every address",
        on: /^NetworkPolicy$/,
        at: re("spec\\.egress\\[\\]\\.to"),
        to: gone,
        seenBy: ["network-internet"],
    },
    {
        name: "open private addresses",
        on: /^NetworkPolicy$/,
        at: re("spec\\.egress\\[\\]\\.to\\[\\]\\.ipBlock\\.except\\[\\]"),
        to: gone,
        seenBy: ["network-internet"],
    },
    {
        name: "allow a peer that is not there",
        on: /^NetworkPolicy$/,
        at: re("spec\\.(ingress|egress)\\[\\]\\.(from|to)\\[\\]"),
        to: () => ({ podSelector: { matchLabels: { a: "b" } } }),
        seenBy: ["network-peer"],
    },
    {
        name: "select nothing",
        on: /^NetworkPolicy$/,
        at: re("spec\\.podSelector\\.matchLabels"),
        to: () => ({ a: "b" }),
        seenBy: ["network-target"],
    },
    {
        name: "remove the default",
        on: /^NetworkPolicy$/,
        when: (_, body) => Object.keys(at(body, "spec", "podSelector") ?? {}).length === 0,
        seenBy: ["network-default-deny"],
    },
    {
        name: "deny one direction only",
        on: /^NetworkPolicy$/,
        at: re("spec\\.policyTypes\\[\\]"),
        to: gone,
        when: (_, body) => Object.keys(at(body, "spec", "podSelector") ?? {}).length === 0,
        seenBy: ["network-default-deny"],
    },
    {
        name: "forget DNS over TCP",
        on: /^NetworkPolicy$/,
        at: re("spec\\.egress\\[\\]\\.ports\\[\\]"),
        to: gone,
        when: (port) => at(port, "port") === 53 && at(port, "protocol") === "TCP",
        seenBy: ["network-dns"],
    },
    {
        name: "select nothing",
        on: /^Service$/,
        at: re("spec\\.selector"),
        to: () => ({ a: "b" }),
        seenBy: ["service-selector"],
    },
    {
        name: "send elsewhere",
        on: /^Service$/,
        at: re("spec\\.ports\\[\\]\\.targetPort"),
        to: () => "nowhere",
        seenBy: ["service-port"],
    },
    {
        name: "open a port of every node",
        on: /^Service$/,
        at: re("spec\\.type"),
        to: () => "NodePort",
        seenBy: ["service-type"],
    },
    {
        name: "claim addresses",
        on: /^Service$/,
        at: re("spec"),
        to: (spec) => ({ ...(spec as object), externalIPs: ["192.0.2.1"] }),
        seenBy: ["service-external-ips"],
    },
    { name: "take TLS away", on: /^Ingress$/, at: re("spec\\.tls"), to: gone, seenBy: ["ingress-tls"] },
    { name: "empty TLS", on: /^Ingress$/, at: re("spec\\.tls"), to: () => [], seenBy: ["ingress-tls"] },
    {
        name: "forget one host's TLS",
        on: /^Ingress$/,
        at: re("spec\\.tls\\[\\]\\.hosts\\[\\]"),
        to: () => "other.example",
        seenBy: ["ingress-tls"],
    },
    {
        name: "forget the certificate",
        on: /^Ingress$/,
        at: re("spec\\.tls\\[\\]\\.secretName"),
        to: gone,
        seenBy: ["ingress-tls"],
    },
    {
        name: "forget the issuer",
        on: /^Ingress$/,
        at: re("metadata\\.annotations\\.cert-manager\\.io/cluster-issuer"),
        to: gone,
        seenBy: ["ingress-issuer"],
    },
    {
        name: "sign it yourself",
        on: /^Ingress$/,
        at: re("metadata\\.annotations\\.cert-manager\\.io/cluster-issuer"),
        to: () => "selfsigned",
        seenBy: ["ingress-issuer"],
    },
    {
        name: "serve plain HTTP",
        on: /^Ingress$/,
        at: re("metadata\\.annotations"),
        to: (all) => ({
            ...(all as object),
            "nginx.ingress.kubernetes.io/ssl-redirect": "false",
            "nginx.ingress.kubernetes.io/force-ssl-redirect": "false",
        }),
        seenBy: ["ingress-redirect"],
    },
    {
        name: "serve every host",
        on: /^Ingress$/,
        at: re("spec\\.rules\\[\\]\\.host"),
        to: gone,
        seenBy: ["ingress-host"],
    },
    {
        name: "serve a wildcard",
        on: /^Ingress$/,
        at: re("spec\\.rules\\[\\]\\.host"),
        to: (host) => String(host).replace(/^[^.]+/, "*"),
        seenBy: ["ingress-host"],
    },
    {
        name: "belong to no controller",
        on: /^Ingress$/,
        at: re("spec\\.ingressClassName"),
        to: gone,
        seenBy: ["ingress-class"],
    },
    {
        name: "send to a Service that is not there",
        on: /^Ingress$/,
        at: re("spec\\.rules\\[\\]\\.http\\.paths\\[\\]\\.backend\\.service\\.name"),
        to: () => "nothing",
        seenBy: ["ingress-backend"],
    },
    {
        name: "send to a port that is not there",
        on: /^Ingress$/,
        at: re("spec\\.rules\\[\\]\\.http\\.paths\\[\\]\\.backend\\.service\\.port\\.number"),
        to: () => 9,
        seenBy: ["ingress-backend"],
    },
    {
        name: "let runs overlap",
        on: /^CronJob$/,
        at: re("spec\\.concurrencyPolicy"),
        to: gone,
        seenBy: ["cronjob-concurrency"],
    },
    {
        name: "forget the deadline of the start",
        on: /^CronJob$/,
        at: re("spec\\.startingDeadlineSeconds"),
        to: gone,
        seenBy: ["cronjob-starting-deadline"],
    },
    {
        name: "forget the history",
        on: /^CronJob$/,
        at: re("spec\\.(successful|failed)JobsHistoryLimit"),
        to: gone,
        seenBy: ["cronjob-history"],
    },
    {
        name: "never end",
        on: /Job$/,
        at: re("(spec|spec\\.jobTemplate\\.spec)\\.activeDeadlineSeconds"),
        to: gone,
        seenBy: ["job-deadline"],
    },
    {
        name: "run into the next",
        on: /^CronJob$/,
        at: re("spec\\.jobTemplate\\.spec\\.activeDeadlineSeconds"),
        to: () => 86401,
        seenBy: ["job-deadline"],
    },
    {
        name: "try for ever",
        on: /Job$/,
        at: re("(spec|spec\\.jobTemplate\\.spec)\\.backoffLimit"),
        to: gone,
        seenBy: ["job-backoff"],
    },
    {
        name: "always restart",
        on: /Job$/,
        at: re(`${POD}\\.restartPolicy`),
        to: () => "Always",
        seenBy: ["restart-policy"],
    },
    {
        name: "forget a label",
        on: /^(Deployment|StatefulSet|Job|CronJob|Service|Ingress)$/,
        at: re("metadata\\.labels\\.app\\.kubernetes\\.io/(name|instance)"),
        to: gone,
        seenBy: ["labels"],
    },
    { name: "land in default", at: re("metadata\\.namespace"), to: () => "default", seenBy: ["namespace-default"] },
    {
        name: "enforce nothing",
        on: /^Namespace$/,
        at: re("metadata\\.labels\\.pod-security\\.kubernetes\\.io/enforce"),
        to: gone,
        seenBy: ["namespace-pod-security"],
    },
    {
        name: "enforce little",
        on: /^Namespace$/,
        at: re("metadata\\.labels\\.pod-security\\.kubernetes\\.io/enforce"),
        to: () => "privileged",
        seenBy: ["namespace-pod-security"],
    },
    {
        name: "publish a password",
        on: /^ConfigMap$/,
        at: re("data"),
        to: (data) => ({ ...(data as object), password: "hunter2x" }),
        seenBy: ["secret-in-config-map"],
    },
    {
        name: "use an API of the past",
        on: /^CronJob$/,
        at: re("apiVersion"),
        to: () => "batch/v1beta1",
        seenBy: ["removed-api"],
    },
    {
        name: "use an API of the past",
        on: /^PodDisruptionBudget$/,
        at: re("apiVersion"),
        to: () => "policy/v1beta1",
        seenBy: ["removed-api"],
    },
];

/** Whether every container of the pod that an object makes has a field of its own, so that the pod's does not count. */
function containersSay(body: Body, field: string): boolean {
    const template = at(body, "spec", "jobTemplate", "spec", "template") ?? at(body, "spec", "template");
    const containers = at(template, "spec", "containers") as readonly unknown[];
    return containers.every((container) => at(container, "securityContext", field) !== undefined);
}

function hasReplicas(body: Body): boolean {
    const replicas = at(body, "spec", "replicas");
    return body["kind"] !== "StatefulSet" && (replicas === undefined || Number(replicas) > 1);
}
