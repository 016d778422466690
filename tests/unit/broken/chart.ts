import type { Broken } from "./broken.ts";

const postgresql = "chart.values.postgresql";
const schema = "values.schema.json";

/** Values of the chart that are wrong. */
export const chart: readonly Broken[] = [
    {
        title: "misspelt values of the chart, near a known one, far from all, and above others",
        change: {
            [`${postgresql}.primary.persistence.sise`]: "50Gi",
            [`${postgresql}.primary.sharedMemorysize`]: 5,
            [`${postgresql}.primary.zebra`]: true,
            "chart.values.redis.mastr.maxMemory": "64mb",
        },
        errors: [
            [
                `${postgresql}.primary.sharedMemorysize`,
                `is not a value of the chart; did you mean ${postgresql}.primary.sharedMemorySize?`,
                `pulumi config rm --path ${postgresql}.primary.sharedMemorysize && ` +
                    `pulumi config set --path ${postgresql}.primary.sharedMemorySize 5`,
            ],
            [
                `${postgresql}.primary.zebra`,
                `is not a value of the chart (${schema})`,
                `pulumi config rm --path ${postgresql}.primary.zebra`,
            ],
            [
                `${postgresql}.primary.persistence.sise`,
                `is not a value of the chart; did you mean ${postgresql}.primary.persistence.size?`,
                `pulumi config rm --path ${postgresql}.primary.persistence.sise && ` +
                    `pulumi config set --path ${postgresql}.primary.persistence.size '<size>'`,
            ],
            [
                "chart.values.redis.mastr",
                "is not a value of the chart; did you mean chart.values.redis.master?",
                "pulumi config rm --path chart.values.redis.mastr",
            ],
        ],
    },
    {
        title: "values of the chart of a wrong type or form",
        change: {
            [`${postgresql}.primary.resources.requests.memory`]: "1 GiB",
            [`${postgresql}.primary.terminationGracePeriodSeconds`]: "60",
            [`${postgresql}.primary.persistence.accessModes`]: ["ReadWrite"],
            [`${postgresql}.primary.podSecurityContext.runAsUser`]: 0,
            [`${postgresql}.primary.tolerations`]: { key: "spot" },
            "chart.values.redis.architecture": "replication",
            "chart.values.redis.master.persistence.enabled": "yes",
        },
        errors: [
            [
                `${postgresql}.primary.resources.requests.memory`,
                'must match pattern "^[0-9]+(\\.[0-9]+)?(m|k|Ki|M|Mi|G|Gi|T|Ti|P|Pi|E|Ei)?$" ' +
                    "(A Kubernetes quantity: 500m, 1.5, 20Gi (a plain number only when it is small))",
                `pulumi config set --path ${postgresql}.primary.resources.requests.memory '<memory>'`,
            ],
            [
                `${postgresql}.primary.persistence.accessModes[0]`,
                `must be one of "ReadWriteOnce", "ReadWriteOncePod", "ReadWriteMany" (${schema})`,
                `pulumi config set --path '${postgresql}.primary.persistence.accessModes[0]' ` +
                    "'<ReadWriteOnce|ReadWriteOncePod|ReadWriteMany>'",
            ],
            [
                `${postgresql}.primary.podSecurityContext.runAsUser`,
                "must be >= 1 (A user or group other than root)",
                `pulumi config set --path ${postgresql}.primary.podSecurityContext.runAsUser '<integer>'`,
            ],
            [
                `${postgresql}.primary.terminationGracePeriodSeconds`,
                `must be integer (${schema})`,
                `pulumi config set --path ${postgresql}.primary.terminationGracePeriodSeconds 60`,
            ],
            [
                `${postgresql}.primary.tolerations`,
                `must be array (${schema})`,
                `pulumi config rm --path ${postgresql}.primary.tolerations`,
            ],
            [
                "chart.values.redis.architecture",
                'must be "standalone" (This chart has no replicas and no sentinel)',
                "pulumi config set --path chart.values.redis.architecture standalone",
            ],
            [
                "chart.values.redis.master.persistence.enabled",
                `must be boolean (${schema})`,
                "pulumi config set --path chart.values.redis.master.persistence.enabled '<true|false>'",
            ],
        ],
    },
    {
        title: "amounts that are valid and make no sense, and a limit below the chart's own request",
        change: {
            [`${postgresql}.primary.resources.limits.memory`]: "512m",
            [`${postgresql}.primary.persistence.size`]: "20",
            "chart.values.redis.master.persistence.size": "0",
            "chart.values.redis.master.resources": { requests: { cpu: "2" }, limits: { cpu: "500m", memory: "32Mi" } },
        },
        errors: [
            [
                `${postgresql}.primary.resources.limits.memory`,
                "must be a quantity from 1Mi to 1Pi",
                `pulumi config set --path ${postgresql}.primary.resources.limits.memory '<memory>'`,
            ],
            [
                `${postgresql}.primary.persistence.size`,
                "must be a quantity from 1Mi to 1Pi",
                `pulumi config set --path ${postgresql}.primary.persistence.size '<size>'`,
            ],
            [
                "chart.values.redis.master.persistence.size",
                "must be a quantity from 1Mi to 1Pi",
                "pulumi config set --path chart.values.redis.master.persistence.size '<size>'",
            ],
            [
                "chart.values.redis.master.resources.requests.cpu",
                "is 2, more than the limit of 500m",
                "pulumi config set --path chart.values.redis.master.resources.requests.cpu 500m",
            ],
            [
                "chart.values.redis.master.resources.limits.memory",
                "is 32Mi, less than the chart's request of 128Mi",
                "pulumi config rm --path chart.values.redis.master.resources.limits.memory",
            ],
        ],
    },
    {
        title: "values without value, which would leave the default as it is",
        change: { [`${postgresql}.primary.settings`]: null, [`${postgresql}.primary.tolerations`]: [null] },
        errors: [
            [
                `${postgresql}.primary.settings`,
                "is null (the key has no value): the chart's default stays",
                `pulumi config rm --path ${postgresql}.primary.settings`,
            ],
            [
                `${postgresql}.primary.tolerations[0]`,
                "is null (the key has no value): the chart's default stays",
                `pulumi config rm --path '${postgresql}.primary.tolerations[0]'`,
            ],
        ],
    },
    {
        title: "a text in place of what the program says of the database",
        change: { [postgresql]: "s3cr3t", "chart.values.redis": false },
        errors: [
            [postgresql, "must be an object", `pulumi config rm --path ${postgresql}`],
            ["chart.values.redis", "must be an object", "pulumi config rm --path chart.values.redis"],
        ],
    },
    {
        title: "values that the program works out",
        change: {
            [`${postgresql}.primary.maxConnections`]: 300,
            [`${postgresql}.primary.settings.max_connections`]: 300,
            'chart.values.redis.master.podAnnotations["checksum/database-secrets"]': "1",
        },
        errors: [
            [
                `${postgresql}.primary.maxConnections`,
                "belongs to the program: set database.maxConnections beside chart instead",
                `pulumi config rm --path ${postgresql}.primary.maxConnections && ` +
                    "pulumi config set --path database.maxConnections 300",
            ],
            [
                `${postgresql}.primary.settings.max_connections`,
                "belongs to the program: set database.maxConnections beside chart instead",
                `pulumi config rm --path ${postgresql}.primary.settings.max_connections && ` +
                    "pulumi config set --path database.maxConnections 300",
            ],
            [
                'chart.values.redis.master.podAnnotations["checksum/database-secrets"]',
                "belongs to the program: it restarts Redis for a new password",
                `pulumi config rm --path 'chart.values.redis.master.podAnnotations["checksum/database-secrets"]'`,
            ],
        ],
    },
    {
        title: "values by which another chart moves what the services look for",
        change: {
            chart: {
                oci: "oci://registry.example.com/charts/other",
                version: "1.2.3",
                values: {
                    global: { postgresql: { auth: { postgresPassword: "s3cr3t" } }, redis: { password: "s3cr3t" } },
                    postgresql: {
                        architecture: "replication",
                        primary: {
                            extendedConfiguration: "shared_buffers = 1GB\nmax_connections = 5\n",
                            service: { ports: { postgresql: 5433 } },
                        },
                    },
                    redis: { sentinel: { enabled: true } },
                },
            },
        },
        errors: [
            [
                "chart.values.global.postgresql",
                "belongs to the program: set database, or the secret databaseUrl, beside chart instead",
                "pulumi config rm --path chart.values.global.postgresql",
            ],
            [
                `${postgresql}.primary.extendedConfiguration`,
                "belongs to the program: its max_connections is database.maxConnections beside chart",
                `pulumi config rm --path ${postgresql}.primary.extendedConfiguration`,
            ],
            [
                `${postgresql}.architecture`,
                "belongs to the program: the services look for it under the release's name",
                `pulumi config rm --path ${postgresql}.architecture`,
            ],
            [
                "chart.values.global.redis",
                "belongs to the program: set redis.auth.enabled beside chart instead",
                "pulumi config rm --path chart.values.global.redis",
            ],
            [
                "chart.values.redis.sentinel.enabled",
                "belongs to the program: the services look for it under the release's name",
                "pulumi config rm --path chart.values.redis.sentinel.enabled",
            ],
            [
                `${postgresql}.primary.service.ports`,
                "belongs to the program: the services and their network policies use its default port",
                `pulumi config rm --path ${postgresql}.primary.service.ports`,
            ],
        ],
    },
    {
        title: "a database of production whose data goes with the pod",
        change: { [`${postgresql}.primary.persistence.enabled`]: false },
        errors: [
            [
                `${postgresql}.primary.persistence.enabled`,
                "is false: production must keep its data when the pod goes",
                `pulumi config set --path ${postgresql}.primary.persistence.enabled true`,
            ],
        ],
    },
];
