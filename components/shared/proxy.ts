/** An HTTP proxy: the variables by which programs find it, and the way to it. */
import { isIP } from "node:net";
import type { types } from "@pulumi/kubernetes";
import { namespace } from "./networkPolicy.ts";

type Egress = types.input.networking.v1.NetworkPolicyEgressRule;

/** A proxy as in the configuration. */
export interface ProxyConfig {
    readonly http?: string | undefined;
    readonly https?: string | undefined;
    /** What is asked directly, beside the names of the cluster. */
    readonly noProxy: readonly string[];
    /** Where it is. Default: the address in its URLs. */
    readonly cidrs: readonly string[];
    /** Namespace of its pods, where it is in the cluster. */
    readonly namespace?: string | undefined;
}

/** This pod, and names of Services with their namespace. */
const inCluster = ["localhost", "127.0.0.1", "::1", ".svc", ".cluster.local"];

/** @param names further names that are asked directly */
export function proxyVariables(proxy: ProxyConfig, names: readonly string[]): Record<string, string> {
    const { http, https, noProxy } = proxy;
    if (http === undefined && https === undefined) return {};
    return {
        ...(http !== undefined && { HTTP_PROXY: http }),
        ...(https !== undefined && { HTTPS_PROXY: https }),
        NO_PROXY: [...inCluster, ...names, ...noProxy].join(","),
    };
}

/** Connections to the proxy; none without one. */
export function proxyEgress({ http, https, cidrs, namespace: name }: ProxyConfig): readonly Egress[] {
    const urls = [http, https].flatMap((text) => (text === undefined ? [] : [new URL(text)]));
    if (urls.length === 0) return [];
    const ports = new Set(urls.map(({ port, protocol }) => Number(port || (protocol === "https:" ? 443 : 80))));
    const ranges = cidrs.length > 0 ? cidrs : [...new Set(urls.map(({ hostname }) => rangeOf(hostname)))];
    return [
        {
            to: name === undefined ? ranges.map((cidr) => ({ ipBlock: { cidr } })) : [namespace(name)],
            ports: [...ports].map((port) => ({ protocol: "TCP", port })),
        },
    ];
}

/** The range of one address. */
function rangeOf(hostname: string): string {
    const address = hostname.replace(/^\[(.*)\]$/, "$1");
    return `${address}/${isIP(address) === 6 ? 128 : 32}`;
}
