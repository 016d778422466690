/** Ingresses and their certificates that the API server takes, and no controller serves as they are meant. */
import type { Broken } from "./broken.ts";

const dashboard = "agentDashboard.ingress";

export const ingresses: readonly Broken[] = [
    {
        title: "a certificate with one host too many",
        change: { [`${dashboard}.tls[0].hosts[2]`]: "old.tradestream.io" },
        errors: [
            [
                `${dashboard}.tls[0].hosts[2]`,
                `is old.tradestream.io, which no entry of ${dashboard}.hosts serves`,
                `pulumi config rm --path '${dashboard}.tls[0].hosts[2]'`,
            ],
        ],
    },
    {
        title: "a host with two certificates",
        change: { [`${dashboard}.tls[1]`]: { secretName: "www-tls", hosts: ["www.tradestream.io"] } },
        errors: [
            [
                `${dashboard}.tls[1].hosts[0]`,
                "is www.tradestream.io, which is listed already",
                `pulumi config rm --path '${dashboard}.tls[1].hosts[0]'`,
            ],
        ],
    },
    {
        title: "one certificate's Secret for two Ingresses",
        change: { [`${dashboard}.tls[0].secretName`]: "gateway-api-tls" },
        errors: [
            [
                `${dashboard}.tls[0].secretName`,
                "is gateway-api-tls, which gatewayApi.ingress has its certificate in",
                `pulumi config set --path '${dashboard}.tls[0].secretName' '<secret>'`,
            ],
        ],
    },
    {
        title: "a prefix that is there already, without the slash at its end",
        change: {
            [`${dashboard}.hosts[0].paths[1]`]: { path: "/app", pathType: "Prefix" },
            [`${dashboard}.hosts[0].paths[2]`]: { path: "/app/", pathType: "Prefix" },
            [`${dashboard}.hosts[0].paths[3]`]: { path: "/app", pathType: "Exact" },
        },
        errors: [
            [
                `${dashboard}.hosts[0].paths[2].path`,
                "is /app/, which paths[1] serves already",
                `pulumi config rm --path '${dashboard}.hosts[0].paths[2]'`,
            ],
        ],
    },
    {
        title: "a prefix of another service, without the slash at its end",
        change: {
            "gatewayApi.ingress.hosts[1]": {
                host: "tradestream.io",
                paths: [{ path: "/app", pathType: "Prefix" }],
            },
            "gatewayApi.ingress.tls[0].hosts[1]": "tradestream.io",
            [`${dashboard}.hosts[0].paths[0].path`]: "/app/",
        },
        errors: [
            [
                `${dashboard}.hosts[0].host`,
                "is tradestream.io, whose path /app/ gatewayApi.ingress serves already",
                `pulumi config set --path '${dashboard}.hosts[0].host' '<host>'`,
            ],
        ],
    },
    {
        title: "a body size in a unit that nginx does not know",
        change: { 'gatewayApi.ingress.annotations["nginx.ingress.kubernetes.io/proxy-body-size"]': "10MB" },
        errors: [
            [
                'gatewayApi.ingress.annotations["nginx.ingress.kubernetes.io/proxy-body-size"]',
                "is 10MB: nginx takes a number, with k, m or g for a unit",
                "pulumi config set --path 'gatewayApi.ingress.annotations[\"nginx.ingress.kubernetes.io/proxy-body-size\"]' '<10m>'",
            ],
        ],
    },
    ...(
        [
            ["client-body-buffer-size", "16kB", "a number, with k or m for a unit", "<16k>"],
            ["proxy-buffer-size", "1g", "a number, with k or m for a unit", "<16k>"],
            ["proxy-read-timeout", "60s", "a whole number without a unit (times are in seconds)", "<60>"],
            ["proxy-connect-timeout", "-5", "a whole number without a unit (times are in seconds)", "<60>"],
            ["limit-rps", "1.5", "a whole number without a unit (times are in seconds)", "<60>"],
        ] as const
    ).map(([name, value, says, example]): Broken => {
        const key = `gatewayApi.ingress.annotations["nginx.ingress.kubernetes.io/${name}"]`;
        return {
            title: `${name} as nginx does not read it`,
            change: { [key]: value },
            errors: [[key, `is ${value}: nginx takes ${says}`, `pulumi config set --path '${key}' '${example}'`]],
        };
    }),
    {
        title: "a prefix that is left to the controller as well",
        change: {
            [`${dashboard}.hosts[0].paths[1]`]: { path: "/app", pathType: "Prefix" },
            [`${dashboard}.hosts[0].paths[2]`]: { path: "/app", pathType: "ImplementationSpecific" },
        },
        errors: [
            [
                `${dashboard}.hosts[0].paths[2].path`,
                "is /app, which paths[1] serves already",
                `pulumi config rm --path '${dashboard}.hosts[0].paths[2]'`,
            ],
        ],
    },
    ...(["Prefix", "Exact"] as const).map((pathType): Broken => ({
        title: `a pattern as a path of the type ${pathType}, which ingress-nginx refuses`,
        change: { [`${dashboard}.hosts[0].paths[1]`]: { path: "/app(/|$)(.*)", pathType } },
        errors: [
            [
                `${dashboard}.hosts[0].paths[1].pathType`,
                `is ${pathType}, and the path /app(/|$)(.*) has more than letters, digits and ._-/: nginx takes such a path with ` +
                    "ImplementationSpecific only",
                `pulumi config set --path '${dashboard}.hosts[0].paths[1].pathType' ImplementationSpecific`,
            ],
        ],
    })),
];
