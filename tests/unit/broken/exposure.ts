/** Exposures of which a part has no effect: a key of another controller, of the other Gateway, of the other form. */
import { routesAlone } from "../../support/exposure.ts";
import type { Broken } from "./broken.ts";

const api = "gatewayApi.ingress";
const path = `${api}.hosts[0].paths[0]`;
const alone = routesAlone("example", "letsencrypt-prod");
const existing = {
    ...alone,
    "gateway.className": undefined,
    "gateway.annotations": {},
    "gateway.name": "shared",
    "gateway.sectionName": "https",
};
const untied = { [`${api}.tls`]: [], "agentDashboard.ingress.tls": [] };
const annotation = (name: string): string => `${api}.annotations["${name}"]`;
const cidrs = { "networkPolicy.ingressCidrs": ["130.211.0.0/22"] };
const onController = (controller: string, className: string) => ({
    [`${api}.controller`]: controller,
    [`${api}.className`]: className,
    [`${api}.annotations`]: { "cert-manager.io/cluster-issuer": "letsencrypt-prod" },
});

export const exposure: readonly Broken[] = [
    {
        title: "where to connect for hosts that the smoke test does not call",
        change: { "smokeTest.hosts.connectTo": "traefik.traefik.svc:443" },
        errors: [
            [
                "smokeTest.hosts.connectTo",
                "has no effect: smokeTest.hosts.enabled is false",
                "pulumi config set --path smokeTest.hosts.enabled true",
            ],
        ],
    },
    {
        title: "a host without a port for the smoke test",
        change: { "smokeTest.hosts.enabled": true, "smokeTest.hosts.connectTo": "traefik.traefik.svc" },
        errors: [
            [
                "smokeTest.hosts.connectTo",
                'must be a host and a port such as traefik.traefik.svc:443, is "traefik.traefik.svc"',
                "pulumi config set --path smokeTest.hosts.connectTo '<connectTo>'",
            ],
        ],
    },
    {
        title: "routes without a Gateway",
        change: { ...alone, "gateway.className": undefined },
        errors: [
            [
                "gateway.className",
                "is missing: exposure is gateway, and no gateway.name names an existing Gateway",
                "pulumi config set --path gateway.className '<className>'",
            ],
        ],
    },
    {
        title: "an existing Gateway without a listener",
        change: { ...existing, ...untied, "gateway.sectionName": undefined },
        errors: [
            [
                "gateway.sectionName",
                "is missing: without the listener with TLS, routes would also answer on plain HTTP",
                "pulumi config set --path gateway.sectionName '<sectionName>'",
            ],
        ],
    },
    {
        title: "an existing Gateway with a class and annotations",
        change: {
            ...existing,
            ...untied,
            "gateway.className": "example",
            "gateway.annotations": { "example.com/a": "b" },
        },
        errors: ["className", "annotations"].map((key) => [
            `gateway.${key}`,
            "has no effect: the Gateway shared exists already (gateway.name)",
            `pulumi config rm --path gateway.${key}`,
        ]),
    },
    {
        title: "a Gateway of the stack's own with a listener of another",
        change: { ...alone, "gateway.namespace": "edge", "gateway.httpSectionName": "http" },
        errors: ["namespace", "httpSectionName"].map((key) => [
            `gateway.${key}`,
            "has no effect: it is about an existing Gateway, and gateway.name is not set",
            `pulumi config rm --path gateway.${key}`,
        ]),
    },
    {
        title: "a Gateway beside Ingresses alone",
        change: { gateway: { ...{ namespace: "edge", name: "shared" }, annotations: { "example.com/a": "b" } } },
        errors: [
            [
                "gateway",
                "is set (annotations, name, namespace), but exposure is ingress, so nothing would use it",
                "pulumi config rm gateway",
            ],
        ],
    },
    {
        title: "routes with the controller, the class and the wait of an Ingress",
        change: {
            ...alone,
            [`${api}.controller`]: "traefik",
            [`${api}.className`]: "internal",
            [`${api}.skipAwait`]: true,
        },
        errors: ["controller", "className", "skipAwait"].map((key) => [
            `${api}.${key}`,
            "has no effect: there is no Ingress (exposure: gateway)",
            `pulumi config rm --path ${api}.${key}`,
        ]),
    },
    {
        title: "certificates, which the existing Gateway has",
        change: { ...existing, "agentDashboard.ingress.tls": [] },
        errors: [
            [
                `${api}.tls`,
                "has no effect: the Gateway shared has the certificates (exposure: gateway)",
                `pulumi config rm --path ${api}.tls`,
            ],
        ],
    },
    {
        title: "routes with annotations of an Ingress",
        change: {
            ...alone,
            [`${api}.annotations`]: {
                "cert-manager.io/cluster-issuer": "letsencrypt-prod",
                "nginx.ingress.kubernetes.io/proxy-read-timeout": "3600",
                "nginx.ingress.kubernetes.io/limit-rps": "5",
            },
        },
        errors: [
            [
                annotation("cert-manager.io/cluster-issuer"),
                "is of an Ingress, and exposure is gateway: set gateway.annotations instead",
                `pulumi config rm --path '${annotation("cert-manager.io/cluster-issuer")}' && ` +
                    `pulumi config set --path 'gateway.annotations["cert-manager.io/cluster-issuer"]' letsencrypt-prod`,
            ],
            [
                annotation("nginx.ingress.kubernetes.io/proxy-read-timeout"),
                "is of an Ingress, and exposure is gateway: set ingress.timeoutSeconds instead",
                `pulumi config rm --path '${annotation("nginx.ingress.kubernetes.io/proxy-read-timeout")}'`,
            ],
            [
                annotation("nginx.ingress.kubernetes.io/limit-rps"),
                "is of an Ingress, and exposure is gateway: the Gateway API has no such feature",
                `pulumi config rm --path '${annotation("nginx.ingress.kubernetes.io/limit-rps")}'`,
            ],
        ],
    },
    {
        title: "routes with what only an Ingress has",
        change: {
            ...alone,
            [`${api}.maxBodySize`]: "10m",
            [`${api}.requestsPerSecond`]: 20,
        },
        errors: [
            ["maxBodySize", "no limit of a body's size"],
            ["requestsPerSecond", "no limit of requests"],
        ].map(([key, what]) => [
            `${api}.${key}`,
            `has no effect: the Gateway API has ${what} (exposure: gateway)`,
            `pulumi config rm --path ${api}.${key}`,
        ]),
    },
    ...["gateway", "both"].map((exposure): Broken => ({
        title: `a rewrite with routes, exposure ${exposure}`,
        change: {
            ...(exposure === "gateway" ? alone : { exposure, "gateway.className": "example" }),
            [`${api}.rewriteTarget`]: "/$1",
        },
        errors: [
            [
                `${api}.rewriteTarget`,
                "is of Ingresses alone: the Gateway API has no rewrites by groups of a path (exposure: gateway or both)",
                `pulumi config rm --path ${api}.rewriteTarget`,
            ],
        ],
    })),
    {
        title: "a rewrite that ingress-nginx refuses",
        change: {
            [`${api}.rewriteTarget`]: "/x?a=$1",
            [`${api}.hosts[0].paths[0].pathType`]: "ImplementationSpecific",
            [`${api}.hosts[0].paths[0].path`]: "/(.*)",
        },
        errors: [
            [
                `${api}.rewriteTarget`,
                'must be a path such as /api/$1: letters, digits, $ and - . _ ~ / :, is "/x?a=$1"',
                `pulumi config set --path ${api}.rewriteTarget '<rewriteTarget>'`,
            ],
        ],
    },
    {
        title: "hosts for the smoke test that serve no probe's path",
        change: {
            ...{ "smokeTest.enabled": true, "smokeTest.hosts.enabled": true, "agentDashboard.paused": true },
            [`${api}.hosts[0].paths[0].path`]: "/app",
        },
        errors: [
            [
                "smokeTest.hosts.enabled",
                "is true, and no host serves the path of a readiness probe",
                "pulumi config set --path smokeTest.hosts.enabled false",
            ],
        ],
    },
    {
        title: "a route with a path that each controller reads in its own way",
        change: { ...alone, [`${api}.hosts[0].paths[0].pathType`]: "ImplementationSpecific" },
        errors: [
            [
                `${api}.hosts[0].paths[0].pathType`,
                "is ImplementationSpecific, which routes do not have",
                `pulumi config set --path '${api}.hosts[0].paths[0].pathType' '<Prefix|Exact>'`,
            ],
        ],
    },
    ...["/a|b", "/a#b", "/ü", "/100%"].map((path): Broken => ({
        title: `a route with the path ${path}`,
        change: { ...alone, [`${api}.hosts[0].paths[0].path`]: path },
        errors: [
            [
                `${api}.hosts[0].paths[0].path`,
                `is ${path}, with a character that routes do not take`,
                `pulumi config set --path '${api}.hosts[0].paths[0].path' '<path>'`,
            ],
        ],
    })),
    {
        title: "a class of another controller than the default one",
        change: { [`${api}.className`]: "traefik-internal" },
        errors: [
            [
                `${api}.className`,
                `is traefik-internal, and ${api}.controller is nginx`,
                `pulumi config set --path ${api}.controller traefik`,
            ],
        ],
    },
    {
        title: "a controller with the class of another one",
        change: onController("traefik", "nginx"),
        errors: [
            [
                `${api}.className`,
                `is nginx, and ${api}.controller is traefik`,
                `pulumi config set --path ${api}.className traefik`,
            ],
        ],
    },
    {
        title: "an Ingress of an unknown controller, without a class",
        change: { ...onController("none", ""), [`${api}.className`]: undefined },
        errors: [
            [
                `${api}.className`,
                `is missing, and ${api}.controller is none`,
                `pulumi config set --path ${api}.className '<className>'`,
            ],
        ],
    },
    {
        title: "an annotation of another controller",
        change: {
            ...onController("traefik", "traefik"),
            [annotation("nginx.ingress.kubernetes.io/proxy-body-size")]: "10m",
        },
        errors: [
            [
                annotation("nginx.ingress.kubernetes.io/proxy-body-size"),
                `is read by nginx, and ${api}.controller is traefik`,
                `pulumi config rm --path '${annotation("nginx.ingress.kubernetes.io/proxy-body-size")}'`,
            ],
        ],
    },
    {
        title: "features that the controller lacks",
        change: {
            ...onController("traefik", "traefik"),
            [`${api}.maxBodySize`]: "10m",
            [`${api}.timeoutSeconds`]: 60,
            [`${api}.requestsPerSecond`]: 20,
            [`${api}.hstsSeconds`]: 600,
        },
        errors: ["maxBodySize", "timeoutSeconds", "requestsPerSecond", "hstsSeconds"].map((feature) => [
            `${api}.${feature}`,
            "has no effect: the controller traefik has no annotation for it",
            `pulumi config rm --path ${api}.${feature}`,
        ]),
    },
    {
        title: "a longer wait than the controller takes",
        change: { ...onController("alb", "alb"), ...cidrs, [`${api}.timeoutSeconds`]: 4001 },
        errors: [
            [
                `${api}.timeoutSeconds`,
                "is 4001: the controller alb takes 4000 at most",
                `pulumi config set --path ${api}.timeoutSeconds 4000`,
            ],
        ],
    },
    {
        title: "a rewrite by a controller that has none",
        change: {
            ...onController("alb", "alb"),
            ...cidrs,
            [`${api}.rewriteTarget`]: "/$1",
            [`${path}.path`]: "/v1/(.*)",
            [`${path}.pathType`]: "ImplementationSpecific",
        },
        errors: [
            [
                `${api}.rewriteTarget`,
                "has no effect: the controller alb has no annotation for it",
                `pulumi config rm --path ${api}.rewriteTarget`,
            ],
        ],
    },
    {
        title: "a rewrite of a path that is no regular expression",
        change: { [`${api}.rewriteTarget`]: "/" },
        errors: [
            [
                `${path}.pathType`,
                `is Prefix, and ${api}.rewriteTarget takes regular expressions`,
                `pulumi config set --path '${path}.pathType' ImplementationSpecific`,
            ],
        ],
    },
    ...[
        ["/v1(.*", "/$1", "is /v1(.*, no regular expression"],
        ["/v1/(?:a|b)/(.*)", "/$2", `is /v1/(?:a|b)/(.*), which has no group 2 for ${api}.rewriteTarget (/$2)`],
    ].map(([text, target, message]): Broken => ({
        title: `a rewrite to ${target} of the path ${text}`,
        change: {
            [`${api}.rewriteTarget`]: target,
            [`${path}.path`]: text,
            [`${path}.pathType`]: "ImplementationSpecific",
        },
        errors: [[`${path}.path`, message!, `pulumi config set --path '${path}.path' '<path>'`]],
    })),
    {
        title: "clients of a load balancer that is not there",
        change: { "gatewayApi.service.sourceRanges": ["203.0.113.0/24"] },
        errors: [
            [
                "gatewayApi.service.sourceRanges",
                "has no effect: gatewayApi.service.type is ClusterIP",
                "pulumi config rm --path gatewayApi.service.sourceRanges",
            ],
        ],
    },
    {
        title: "features for which no controller is named",
        change: { ...onController("none", "haproxy"), [`${api}.timeoutSeconds`]: 60 },
        errors: [
            [
                `${api}.timeoutSeconds`,
                "has no effect: for controller none the program writes no annotation for it",
                `pulumi config rm --path ${api}.timeoutSeconds`,
            ],
        ],
    },
    {
        title: "a load balancer outside of the cluster that the network policies keep out",
        change: onController("gce", "gce"),
        errors: [
            [
                "networkPolicy.ingressCidrs",
                `is empty: requests of ${api}.controller gce come from outside of the cluster`,
                "pulumi config set --path 'networkPolicy.ingressCidrs[0]' '<cidr>'",
            ],
        ],
    },
    {
        title: "a load balancer's range with bits after the prefix",
        change: { ...onController("gce", "gce"), ...cidrs, "networkPolicy.ingressCidrs[0]": "130.211.0.1/22" },
        errors: [
            [
                "networkPolicy.ingressCidrs[0]",
                "is 130.211.0.1/22, an address within 130.211.0.0/22",
                "pulumi config set --path 'networkPolicy.ingressCidrs[0]' 130.211.0.0/22",
            ],
        ],
    },
    {
        title: "more paths than a route takes",
        change: {
            ...alone,
            [`${api}.hosts[0].paths`]: Array.from({ length: 65 }, (_, index) => ({
                path: `/${index}`,
                pathType: "Prefix",
            })),
        },
        errors: [
            [
                `${api}.hosts[0].paths`,
                "has 65 paths, and a route takes 64",
                `pulumi config rm --path 'gatewayApi.ingress.hosts[0].paths[64]'`,
            ],
        ],
    },
    {
        title: "more hosts than a route takes",
        change: {
            ...alone,
            [`${api}.hosts`]: Array.from({ length: 17 }, (_, index) => ({
                host: index === 0 ? "api.tradestream.io" : `api${index}.tradestream.io`,
            })),
            [`${api}.tls`]: [
                {
                    secretName: "api-tls",
                    hosts: [
                        "api.tradestream.io",
                        ...Array.from({ length: 16 }, (_, index) => `api${index + 1}.tradestream.io`),
                    ],
                },
            ],
        },
        errors: [
            [
                `${api}.hosts`,
                "has 17 hosts, and a route takes 16",
                `pulumi config rm --path 'gatewayApi.ingress.hosts[16]'`,
            ],
        ],
    },
];
