/** The objects that every cluster begins with: storage class, DNS, metrics and what those may read. Pure. */
import { dnsServiceAddress, nodeAddress } from "../settings.ts";
import type { ClusterSettings } from "../settings.ts";

/** The storage class's provisioner: the supervisor itself, see storage.ts. */
export const provisioner = "tradestream.local/directory";
export const storageClassName = "standard";
export const metricsPort = 4443;

/** An object as the API takes it. */
export interface KubernetesObject {
    readonly apiVersion: string;
    readonly kind: string;
    readonly metadata: { readonly name: string; readonly namespace?: string; readonly [key: string]: unknown };
    readonly [key: string]: unknown;
}

const rbac = "rbac.authorization.k8s.io/v1";

/** All of them; `authority` is the certificate (PEM) that signs metrics-server's own. */
export function addonObjects(settings: ClusterSettings, authority: string): KubernetesObject[] {
    return settings.simulated ? [storageClass] : [storageClass, ...dns(settings), ...metrics(settings, authority)];
}

const storageClass: KubernetesObject = {
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: { name: storageClassName, annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
    provisioner,
    reclaimPolicy: "Delete",
    allowVolumeExpansion: true,
    volumeBindingMode: "Immediate",
};

function dns(settings: ClusterSettings): KubernetesObject[] {
    const ports = [
        { name: "dns", port: 53, protocol: "UDP" },
        { name: "dns-tcp", port: 53, protocol: "TCP" },
    ];
    return [
        ...processService(settings, "kube-dns", { "k8s-app": "kube-dns" }, ports, dnsServiceAddress(settings)),
        ...clusterRole("system:coredns", "system:coredns", [
            { apiGroups: [""], resources: ["services", "pods", "namespaces"], verbs: ["list", "watch"] },
            { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["list", "watch"] },
        ]),
    ];
}

function metrics(settings: ClusterSettings, authority: string): KubernetesObject[] {
    const user = { apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "system:metrics-server" };
    return [
        ...processService(settings, "metrics-server", { "k8s-app": "metrics-server" }, [
            { name: "https", port: 443, target: metricsPort, protocol: "TCP" },
        ]),
        ...clusterRole("system:metrics-server", user.name, [
            { apiGroups: [""], resources: ["nodes/metrics", "nodes/stats"], verbs: ["get"] },
            {
                apiGroups: [""],
                resources: ["pods", "nodes", "namespaces", "configmaps"],
                verbs: ["get", "list", "watch"],
            },
        ]),
        {
            apiVersion: rbac,
            kind: "ClusterRoleBinding",
            metadata: { name: "system:metrics-server:auth-delegator" },
            roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "system:auth-delegator" },
            subjects: [user],
        },
        {
            apiVersion: rbac,
            kind: "RoleBinding",
            metadata: { name: "metrics-server-auth-reader", namespace: "kube-system" },
            roleRef: {
                apiGroup: "rbac.authorization.k8s.io",
                kind: "Role",
                name: "extension-apiserver-authentication-reader",
            },
            subjects: [user],
        },
        {
            apiVersion: rbac,
            kind: "ClusterRole",
            metadata: {
                name: "system:aggregated-metrics-reader",
                labels: {
                    "rbac.authorization.k8s.io/aggregate-to-view": "true",
                    "rbac.authorization.k8s.io/aggregate-to-edit": "true",
                    "rbac.authorization.k8s.io/aggregate-to-admin": "true",
                },
            },
            rules: [{ apiGroups: ["metrics.k8s.io"], resources: ["pods", "nodes"], verbs: ["get", "list", "watch"] }],
        },
        {
            apiVersion: "apiregistration.k8s.io/v1",
            kind: "APIService",
            metadata: { name: "v1beta1.metrics.k8s.io" },
            spec: {
                group: "metrics.k8s.io",
                version: "v1beta1",
                groupPriorityMinimum: 100,
                versionPriority: 100,
                caBundle: Buffer.from(authority).toString("base64"),
                service: { name: "metrics-server", namespace: "kube-system", port: 443 },
            },
        },
    ];
}

interface ServicePort {
    readonly name: string;
    readonly port: number;
    readonly target?: number;
    readonly protocol: string;
}

/** A Service without selector, and the slice that points it at a process on the node. */
function processService(
    settings: ClusterSettings,
    name: string,
    labels: Readonly<Record<string, string>>,
    ports: readonly ServicePort[],
    clusterIP?: string,
): KubernetesObject[] {
    return [
        {
            apiVersion: "v1",
            kind: "Service",
            metadata: { name, namespace: "kube-system", labels },
            spec: {
                ...(clusterIP === undefined ? {} : { clusterIP }),
                ports: ports.map(({ name, port, target, protocol }) => ({
                    ...{ name, port, targetPort: target ?? port, protocol },
                })),
            },
        },
        {
            apiVersion: "discovery.k8s.io/v1",
            kind: "EndpointSlice",
            metadata: { name, namespace: "kube-system", labels: { ...labels, "kubernetes.io/service-name": name } },
            addressType: "IPv4",
            ports: ports.map(({ name, port, target, protocol }) => ({ name, port: target ?? port, protocol })),
            endpoints: [{ addresses: [nodeAddress(settings)], conditions: { ready: true } }],
        },
    ];
}

function clusterRole(name: string, user: string, rules: readonly object[]): KubernetesObject[] {
    return [
        { apiVersion: rbac, kind: "ClusterRole", metadata: { name }, rules },
        {
            apiVersion: rbac,
            kind: "ClusterRoleBinding",
            metadata: { name },
            roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name },
            subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: user }],
        },
    ];
}
