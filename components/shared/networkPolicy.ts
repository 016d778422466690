/**
 * Network policies: which pods may connect to which. The namespace's default deny refuses everything else.
 * Source: https://kubernetes.io/docs/concepts/services-networking/network-policies/
 */
import type { types } from "@pulumi/kubernetes";
import { type Labels, selectorLabels } from "./labels.ts";
import type { Platform } from "./platform.ts";

type Peer = types.input.networking.v1.NetworkPolicyPeer;
type PolicySpec = types.input.networking.v1.NetworkPolicySpec;
type Egress = types.input.networking.v1.NetworkPolicyEgressRule;
type Ingress = types.input.networking.v1.NetworkPolicyIngressRule;

/** Pods of one component in the same namespace. */
export function pods(platform: Platform, component: string): Peer {
    return { podSelector: { matchLabels: { ...selectorLabels(platform, component) } } };
}

/** All pods of a namespace. Kubernetes sets this label itself. */
export function namespace(name: string): Peer {
    return { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } } };
}

/** The proxies that bring requests: pods of a namespace, and addresses of those outside of the cluster. */
export function proxies(name: string, cidrs: readonly string[] = []): readonly Peer[] {
    return [namespace(name), ...cidrs.map((cidr) => ({ ipBlock: { cidr } }))];
}

/**
 * Connections from `peers` to a TCP port.
 * @throws where there are none: for Kubernetes, that would be everybody
 */
export function from(peers: readonly Peer[], port: number): Ingress {
    if (peers.length === 0) throw new Error(`a rule for port ${port} without peers would let everybody in`);
    return { from: [...peers], ports: [{ protocol: "TCP", port }] };
}

/** Connections that a cloud's load balancer lets in: from these ranges, or from anywhere where it has none. */
export function fromClients(port: number, ranges: readonly string[] = []): Ingress {
    const peers = (ranges.length > 0 ? ranges : ["0.0.0.0/0", "::/0"]).map((cidr) => ({ ipBlock: { cidr } }));
    return from(peers, port);
}

/**
 * Connections to a TCP port of `peers`.
 * @throws where there are none: for Kubernetes, that would be everybody
 */
export function to(peers: readonly Peer[], port: number): Egress {
    if (peers.length === 0) throw new Error(`a rule for port ${port} without peers would let out to everybody`);
    return { to: [...peers], ports: [{ protocol: "TCP", port }] };
}

/** Where NodeLocal DNSCache listens on each node that has it (https://kubernetes.io/docs/tasks/administer-cluster/nodelocaldns/). */
const nodeLocalDns = "169.254.20.10/32";

/** Name look-ups; over TCP too, as long answers need it. */
export const toDns: Readonly<Egress> = {
    to: [
        { namespaceSelector: {}, podSelector: { matchLabels: { "k8s-app": "kube-dns" } } },
        { ipBlock: { cidr: nodeLocalDns } },
    ],
    ports: [
        { protocol: "UDP", port: 53 },
        { protocol: "TCP", port: 53 },
    ],
};

/**
 * Private networks (RFC 1918), link-local addresses with the metadata services of most clouds, and shared address space
 * (RFC 6598), which some clouds use for pods and one for its metadata service (100.100.100.200).
 */
const notPublic = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10"];

/** All public addresses, and no other ones. */
export const publicAddresses: readonly Peer[] = [
    { ipBlock: { cidr: "0.0.0.0/0", except: [...notPublic] } },
    { ipBlock: { cidr: "::/0", except: ["fc00::/7", "fe80::/10"] } },
];

/** HTTPS to public addresses, and to no other ones. */
export const toPublicHttps: Readonly<Egress> = {
    to: [...publicAddresses],
    ports: [{ protocol: "TCP", port: 443 }],
};

/**
 * The pods that cert-manager starts for a while beside an Ingress, to answer the HTTP-01 challenge for its certificate.
 * Source: https://cert-manager.io/docs/configuration/acme/http01/
 */
export const solver = { labels: { "acme.cert-manager.io/http01-solver": "true" }, port: 8089 } as const;

/** Connections to the proxies of a namespace, on whatever port their pods listen, and to public addresses before them. */
export function toProxies(name: string): readonly Egress[] {
    return [
        { to: [namespace(name)], ports: [{ protocol: "TCP" }] },
        { to: [...publicAddresses], ports: [80, 443].map((port) => ({ protocol: "TCP", port })) },
    ];
}

/** Connections that a policy allows; no rule means none. */
export interface NetworkRules {
    readonly ingress?: readonly Ingress[];
    readonly egress?: readonly Egress[];
}

/** A policy in both directions for the pods with these labels. */
export function policySpec(podSelector: Labels, rules: NetworkRules): PolicySpec {
    return {
        podSelector: Object.keys(podSelector).length > 0 ? { matchLabels: { ...podSelector } } : {},
        policyTypes: ["Ingress", "Egress"],
        ingress: [...(rules.ingress ?? [])],
        egress: [...(rules.egress ?? [])],
    };
}
