import { breaks, keeps, type Changes, type RuleCases } from "./cases.ts";

const apiVersion = "gateway.networking.k8s.io/v1";
const GATEWAY = {
    apiVersion,
    kind: "Gateway",
    metadata: { name: "web", namespace: "shop" },
    spec: {
        gatewayClassName: "public",
        listeners: [
            { name: "http", port: 80, protocol: "HTTP" },
            { name: "https", port: 443, protocol: "HTTPS", tls: { certificateRefs: [{ name: "shop-tls" }] } },
        ],
    },
};
const ROUTE = {
    apiVersion,
    kind: "HTTPRoute",
    metadata: { name: "web", namespace: "shop" },
    spec: {
        parentRefs: [{ name: "web", sectionName: "https" }],
        hostnames: ["shop.example"],
        rules: [{ backendRefs: [{ name: "api", port: 80 }] }],
    },
};
const GRPC = { ...ROUTE, kind: "GRPCRoute" };
const both: Changes = { add: [GATEWAY, ROUTE, GRPC] };
const issuers: Changes = { ...both, config: { parameters: { issuers: ["letsencrypt-prod"] } } };

/** Tests of the rules about the Gateway API. */
export const GATEWAYS: readonly RuleCases[] = [
    {
        rule: "gateway-tls",
        on: ["Gateway"],
        breaks: [
            breaks(
                { "spec.listeners": [{ name: "http", port: 80, protocol: "HTTP" }] },
                "spec.listeners",
                "the Gateway has no listener with TLS",
                both,
            ),
            ...[undefined, [], null].map((refs) =>
                breaks(
                    { "spec.listeners[1].tls.certificateRefs": refs },
                    "spec.listeners[1].tls.certificateRefs",
                    "this listener names no certificate",
                    both,
                ),
            ),
            breaks(
                { "spec.listeners[1].tls": undefined },
                "spec.listeners[1].tls.certificateRefs",
                "this listener names no certificate",
                both,
            ),
        ],
        keeps: [
            keeps({}, both),
            keeps({ "spec.listeners[1].tls": { mode: "Passthrough" }, "spec.listeners[1].protocol": "TLS" }, both),
            keeps({ "spec.listeners[1].tls": { options: { "networking.gke.io/pre-shared-certs": "shop" } } }, both),
            keeps(
                { "spec.listeners[1].tls": {}, "metadata.annotations": { "networking.gke.io/certmap": "shop" } },
                both,
            ),
            // A waypoint of a service mesh, which no user connects to.
            keeps({ "spec.listeners": [{ name: "mesh", port: 15008, protocol: "HBONE" }] }, both),
        ],
    },
    {
        rule: "ingress-issuer",
        on: ["Gateway"],
        breaks: [
            breaks(
                {},
                'metadata.annotations["cert-manager.io/cluster-issuer"]',
                "the Gateway names no issuer for its certificate",
                issuers,
            ),
            breaks(
                { "metadata.annotations": { "cert-manager.io/issuer": "own" } },
                'metadata.annotations["cert-manager.io/issuer"]',
                "this issuer is not allowed",
                issuers,
            ),
        ],
        keeps: [
            keeps({}, both),
            keeps({ "metadata.annotations": { "cert-manager.io/cluster-issuer": "letsencrypt-prod" } }, issuers),
            keeps({ "metadata.annotations": { "networking.gke.io/certmap": "shop" } }, issuers),
            keeps({ "spec.listeners[1].tls": { options: { "networking.gke.io/pre-shared-certs": "shop" } } }, issuers),
        ],
    },
    {
        rule: "gateway-redirect",
        on: ["HTTPRoute/web", "GRPCRoute/web"],
        breaks: [
            breaks(
                { "spec.parentRefs": [{ name: "web" }] },
                "spec.parentRefs[0]",
                "the route also answers plain HTTP",
                both,
            ),
            breaks(
                {
                    "spec.parentRefs": [
                        { name: "web", sectionName: "https" },
                        { name: "web", port: 80 },
                    ],
                },
                "spec.parentRefs[1]",
                "the route also answers plain HTTP",
                both,
            ),
            breaks(
                {
                    "spec.parentRefs": [{ name: "web", sectionName: "http" }],
                    "spec.rules[0].filters": [
                        { type: "RequestRedirect", requestRedirect: { path: { type: "ReplaceFullPath" } } },
                    ],
                },
                "spec.parentRefs[0]",
                "the route also answers plain HTTP",
                both,
            ),
            breaks(
                { "spec.parentRefs": [{ name: "web" }], "Gateway/web:spec.listeners[0].hostname": "*.example" },
                "spec.parentRefs[0]",
                "the route also answers plain HTTP",
                both,
            ),
        ],
        keeps: [
            keeps({}, both),
            keeps(
                {
                    "spec.parentRefs": [{ name: "web", sectionName: "http" }],
                    "spec.rules": [
                        {
                            filters: [
                                { type: "RequestRedirect", requestRedirect: { scheme: "https", statusCode: 301 } },
                            ],
                        },
                    ],
                },
                both,
            ),
            keeps(
                {
                    "spec.parentRefs": [{ name: "web" }],
                    "spec.rules[0].matches": [{ path: { type: "PathPrefix", value: "/.well-known/acme-challenge/" } }],
                },
                both,
            ),
            // Not attached to the plain listener: another host name, another namespace, another Gateway.
            keeps(
                { "spec.parentRefs": [{ name: "web" }], "Gateway/web:spec.listeners[0].hostname": "other.example" },
                both,
            ),
            keeps({ "spec.parentRefs": [{ name: "web" }], "Gateway/web:metadata.namespace": "edge" }, both),
            keeps(
                { "spec.parentRefs": [{ name: "web", namespace: "edge" }], "Gateway/web:metadata.namespace": "edge" },
                both,
            ),
            keeps({ "spec.parentRefs": [{ name: "shared" }] }, both),
        ],
    },
    {
        rule: "route-backend",
        on: ["HTTPRoute/web", "GRPCRoute/web"],
        breaks: [
            breaks(
                { "spec.rules[0].backendRefs": [{ name: "other", port: 80 }] },
                "spec.rules[0].backendRefs[0].name",
                "the stack has no such Service",
                both,
            ),
            breaks(
                { "spec.rules[0].backendRefs[0].port": 81 },
                "spec.rules[0].backendRefs[0].port",
                "the Service has no such port",
                both,
            ),
            breaks(
                {
                    "spec.rules[0].filters": [
                        { type: "RequestMirror", requestMirror: { backendRef: { name: "shadow", port: 80 } } },
                    ],
                },
                "spec.rules[0].filters[0].requestMirror.backendRef.name",
                "the stack has no such Service",
                both,
            ),
        ],
        keeps: [
            keeps({}, both),
            keeps({ "spec.rules[0].backendRefs": [{ name: "other", namespace: "edge", port: 80 }] }, both),
            keeps(
                { "spec.rules[0].backendRefs": [{ group: "net.gke.io", kind: "ServiceImport", name: "x", port: 80 }] },
                both,
            ),
            keeps(
                { "spec.rules": [{ filters: [{ type: "RequestRedirect", requestRedirect: { scheme: "https" } }] }] },
                both,
            ),
        ],
    },
];
