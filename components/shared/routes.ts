/**
 * Routes of the Gateway API: TLS on every host, plain HTTP redirected.
 * Source: https://gateway-api.sigs.k8s.io/reference/spec/
 */
import type * as pulumi from "@pulumi/pulumi";
import type { IngressConfig } from "./ingress.ts";

export const apiVersion = "gateway.networking.k8s.io/v1";

/** The listeners that routes attach to. */
export interface GatewayTarget {
    readonly name: pulumi.Input<string>;
    /** Namespace of the Gateway. Default: that of the routes. */
    readonly namespace?: string | undefined;
    /** Its listener with TLS. Default: each host has one of its own name. */
    readonly sectionName?: string | undefined;
    /** Its listener of plain HTTP, to redirect from. Default: no redirect. */
    readonly httpSectionName?: string | undefined;
}

/** Where a route sends to. */
interface Backend {
    readonly name: string;
    readonly port: number;
}

interface Match {
    readonly path: { readonly type: "Exact" | "PathPrefix"; readonly value: string };
}

interface Header {
    readonly name: string;
    readonly value: string;
}

/** Requests that match are sent to the backend; `0s` is no limit. */
interface Rule {
    readonly matches: readonly Match[];
    readonly filters?: readonly {
        readonly type: "ResponseHeaderModifier";
        readonly responseHeaderModifier: { readonly set: readonly Header[] };
    }[];
    readonly backendRefs: readonly Backend[];
    readonly timeouts?: { readonly request: string };
}

export interface RouteOptions {
    /** Paths below those of the host that send events: no answer there takes too long. */
    readonly streamPaths: readonly string[];
    /** Longest time of any other answer. Default: the proxy's. */
    readonly timeoutSeconds?: number | undefined;
    /** Headers of the answers. Default: those of the service. */
    readonly headers?: Readonly<Record<string, string>>;
}

type Host = IngressConfig["hosts"][number];

/** The paths of one host, over TLS. */
export function routeSpec(
    gateway: GatewayTarget,
    { host, paths }: Host,
    backend: Backend,
    { streamPaths, timeoutSeconds, headers = {} }: RouteOptions,
) {
    const set = Object.entries(headers).map(([name, value]) => ({ name, value }));
    const streams = streamPaths.filter((stream) => paths.some((path) => covers(path, stream)));
    const rule = (matches: readonly Match[], seconds: number | undefined): Rule => ({
        matches,
        ...(set.length > 0 && {
            filters: [{ type: "ResponseHeaderModifier", responseHeaderModifier: { set } }],
        }),
        backendRefs: [backend],
        ...(seconds !== undefined && { timeouts: { request: `${seconds}s` } }),
    });
    const rules = [
        rule(
            streams.map((path) => match("PathPrefix", path)),
            0,
        ),
        rule(
            paths.map(({ path, pathType }) => match(pathType === "Exact" ? "Exact" : "PathPrefix", path)),
            timeoutSeconds,
        ),
    ];
    return {
        parentRefs: [parentOf(gateway, gateway.sectionName ?? host)],
        hostnames: [host],
        rules: rules.filter(({ matches }) => matches.length > 0),
    };
}

/** All paths of all hosts, from plain HTTP to HTTPS. */
export function redirectSpec(gateway: GatewayTarget, httpSectionName: string, hosts: readonly Host[]) {
    return {
        parentRefs: [parentOf(gateway, httpSectionName)],
        hostnames: hosts.map(({ host }) => host),
        rules: [{ filters: [{ type: "RequestRedirect", requestRedirect: { scheme: "https", statusCode: 301 } }] }],
    };
}

function parentOf({ name, namespace }: GatewayTarget, sectionName: string) {
    return { name, ...(namespace !== undefined && { namespace }), sectionName };
}

function match(type: Match["path"]["type"], value: string): Match {
    return { path: { type, value } };
}

function covers({ path, pathType }: Host["paths"][number], other: string): boolean {
    if (pathType === "Exact") return path === other;
    return `${other}/`.startsWith(path.endsWith("/") ? path : `${path}/`);
}
