/** Variants of configurations that an audit found accepted, although nobody could have meant them. */
import type { Broken } from "./broken.ts";

const api = "gatewayApi.ingress";
const pg = "chart.values.postgresql.primary";
const cidrs = { "networkPolicy.databaseCidrs": ["10.20.0.0/16"] };
const other = { repository: "https://charts.example.com", name: "other", version: "1.2.3" };

/** One change, and the one error that it leads to. */
function one(title: string, change: Broken["change"], key: string, problem: string, fix: string): Broken {
    return { title, change, errors: [[key, problem, fix]] };
}

const quoted = (key: string): string => (/^[\w./:@=+,-]+$/.test(key) ? key : `'${key}'`);
const removed = (key: string): string => `pulumi config rm --path ${quoted(key)}`;
const set = (key: string, value: string): string => `pulumi config set --path ${quoted(key)} ${quoted(value)}`;

/** Values that the chart hands to its pods: the API server would refuse them in the middle of an update. */
const pods: readonly Broken[] = (
    [
        [
            `${pg}.tolerations[0]`,
            { key: "db", operator: "Exists", value: "x" },
            "value",
            "a toleration with the operator Exists takes no value",
            "set",
        ],
        [
            `${pg}.tolerations[0]`,
            { key: "db", effect: "NoSchedul" },
            "effect",
            "must be one of NoExecute, NoSchedule and PreferNoSchedule",
            "set",
        ],
        [
            `${pg}.nodeSelector`,
            { disk: "fast ssd" },
            "disk",
            "must be a label's value: at most 63 letters, digits, dashes, dots and underscores, with a letter or digit at both ends",
            "set",
        ],
        [
            `${pg}.podLabels`,
            { team: "a/b" },
            "team",
            "must be a label's value: at most 63 letters, digits, dashes, dots and underscores, with a letter or digit at both ends",
            "set",
        ],
        [
            "chart.values.redis.master.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0]",
            { topologyKey: "zone", weight: 100 },
            "weight",
            "there is no such field",
            "rm",
        ],
        [
            `${pg}.topologySpreadConstraints[0]`,
            { maxSkew: 0, topologyKey: "zone", whenUnsatisfiable: "DoNotSchedule" },
            "maxSkew",
            "must be at least 1",
            "set",
        ],
    ] as const
).map(([place, value, field, message, verb]) => {
    const key = `${place}.${field}`;
    const problem = `is refused by the API server: ${message}`;
    return one(
        `${key} of the chart`,
        { [place]: value },
        key,
        problem,
        verb === "rm" ? removed(key) : set(key, "<value>"),
    );
});

/** Their commands: a number in quotes, and no new value for a wrong name. */
const podCommands: readonly Broken[] = [
    one(
        "a number among annotations of another chart's pods",
        { chart: { ...other, values: { api: { podAnnotations: { "prometheus.io/port": 9187 } } } } },
        'chart.values.api.podAnnotations["prometheus.io/port"]',
        "is refused by the API server: must be text, not a number",
        "pulumi config set --path 'chart.values.api.podAnnotations[\"prometheus.io/port\"]' --type string 9187",
    ),
    one(
        "a label of nodes with a space in its name",
        { [`${pg}.nodeSelector`]: { "disk type": "ssd" } },
        `${pg}.nodeSelector["disk type"]`,
        "is refused by the API server: the name must be a label's name: letters, digits, dashes, dots and underscores, " +
            "at most 63, perhaps after a domain and a slash",
        removed(`${pg}.nodeSelector["disk type"]`),
    ),
];

/** Values that the templates of the embedded chart refuse. */
const chart: readonly Broken[] = [
    ...["port", "listen_addresses", "ssl", "hba_file"].map((name) =>
        one(
            `the setting ${name} of PostgreSQL`,
            { [`${pg}.settings.${name}`]: "x" },
            `${pg}.settings.${name}`,
            "belongs to the chart, which sets it itself",
            removed(`${pg}.settings.${name}`),
        ),
    ),
    one(
        "a setting of PostgreSQL in capitals",
        { [`${pg}.settings.MAX_CONNECTIONS`]: 50 },
        `${pg}.settings.MAX_CONNECTIONS`,
        "is not the name of a setting: small letters, digits, _ and .",
        removed(`${pg}.settings.MAX_CONNECTIONS`),
    ),
    one(
        "an image of the chart without version",
        { "chart.values.redis.image.tag": "latest" },
        "chart.values.redis.image.tag",
        "is latest, which does not say what runs: name a version",
        set("chart.values.redis.image.tag", "<tag>"),
    ),
    one(
        "a password among the lines of redis.conf",
        { "chart.values.redis.commonConfiguration": "appendonly no\nrequirepass s3cr3t" },
        "chart.values.redis.commonConfiguration",
        "sets a password, which would be in a ConfigMap: set redis.auth.enabled instead",
        removed("chart.values.redis.commonConfiguration"),
    ),
    one(
        "a cache of the size of its memory limit",
        { "chart.values.redis.master.maxMemory": "4gb" },
        "chart.values.redis.master.maxMemory",
        "is 4gb, not below the memory limit (384Mi): Redis would be killed before it is full",
        set("chart.values.redis.master.resources.limits.memory", "<memory>"),
    ),
    one(
        "shared memory of less than a byte",
        { [`${pg}.sharedMemorySize`]: "64m" },
        `${pg}.sharedMemorySize`,
        "must be a quantity from 1Mi to 1Pi",
        set(`${pg}.sharedMemorySize`, "<sharedMemorySize>"),
    ),
    ...["persistence.storageClass", "priorityClassName"].map((field) =>
        one(
            `two dots in ${field} of the chart`,
            { [`${pg}.${field}`]: "fast..ssd" },
            `${pg}.${field}`,
            field === "priorityClassName"
                ? 'must match pattern "^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*)?$" (Name of a Kubernetes object, or empty)'
                : 'must match pattern "^(-|[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*)?$" (Empty: the cluster\'s default; -: none)',
            set(`${pg}.${field}`, `<${field.split(".").at(-1)!}>`),
        ),
    ),
    ...["whenDeleted", "whenScaled"].map((field) =>
        one(
            `volumes of production that go ${field}`,
            { [`${pg}.persistentVolumeClaimRetentionPolicy.${field}`]: "Delete" },
            `${pg}.persistentVolumeClaimRetentionPolicy.${field}`,
            "is Delete: production must keep its volumes",
            set(`${pg}.persistentVolumeClaimRetentionPolicy.${field}`, "Retain"),
        ),
    ),
    ...["influxdb.persistence", "kafka.controller.persistence", "minio.persistence"].map((place) =>
        one(
            `data of ${place} that go with the pod`,
            { chart: other, [`chart.values.${place}.enabled`]: false },
            `chart.values.${place}.enabled`,
            "is false: production must keep its data when the pod goes",
            set(`chart.values.${place}.enabled`, "true"),
        ),
    ),
    one(
        "credentials of a registry that are no JSON",
        { chartSecrets: { regcred: { ".dockerconfigjson": "s3cr3t" } } },
        'chartSecrets.regcred[".dockerconfigjson"]',
        "must be JSON, as in the configuration file of docker",
        "pulumi config set --secret --path 'chartSecrets.regcred[\".dockerconfigjson\"]'",
    ),
];

const addresses: readonly Broken[] = [
    one(
        "an address of the API that no Ingress serves",
        { "gatewayApi.urls.api": "https://api.tradstream.io/v1" },
        "gatewayApi.urls.api",
        "leads to api.tradstream.io, which no Ingress or route of the stack serves (gatewayApi.ingress.hosts)",
        set("gatewayApi.urls.api", "https://api.tradestream.io/v1"),
    ),
    one(
        "an address in capitals and with a port that no Ingress serves",
        { "gatewayApi.urls.api": "https://API.Tradstream.io:8443" },
        "gatewayApi.urls.api",
        "leads to api.tradstream.io, which no Ingress or route of the stack serves (gatewayApi.ingress.hosts)",
        set("gatewayApi.urls.api", "https://api.tradestream.io:8443"),
    ),
    one(
        "an address of the dashboard that no Ingress serves",
        { "gatewayApi.urls.frontend": "https://tradestrem.io", "gatewayApi.cors.origins[0]": "https://tradestrem.io" },
        "gatewayApi.urls.frontend",
        "leads to tradestrem.io, which no Ingress or route of the stack serves (agentDashboard.ingress.hosts)",
        set("gatewayApi.urls.frontend", "https://tradestream.io"),
    ),
    ...["auth-secrets", "image-pull-secret", "postgresql", "postgresql-tls", "database-client-gateway-api"].map(
        (suffix) =>
            one(
                `a certificate in the Secret ${suffix} of the program`,
                { [`${api}.tls[0].secretName`]: `tradestream-${suffix}` },
                `${api}.tls[0].secretName`,
                `is tradestream-${suffix}, which holds something else`,
                set(`${api}.tls[0].secretName`, "<secret>"),
            ),
    ),
    ...["haproxy", "kong-internal", "azure-application-gateway", "openshift-default", "cilium", "contour"].map((name) =>
        one(
            `the class ${name} with the annotations of nginx`,
            { [`${api}.className`]: name },
            `${api}.className`,
            `is ${name}, whose controller does not read the annotations of nginx: with none, the program writes none`,
            set(`${api}.controller`, "none"),
        ),
    ),
    ...(
        [
            ["enable-cors", "on", "true or false", "<true|false>"],
            ["use-regex", "yes", "true or false", "<true|false>"],
            ["proxy-request-buffering", "false", "on or off", "<on|off>"],
            [
                "backend-protocol",
                "http2",
                "HTTP, HTTPS, AUTO_HTTP, GRPC, GRPCS or FCGI",
                "<HTTP|HTTPS|AUTO_HTTP|GRPC|GRPCS|FCGI>",
            ],
            ["affinity", "cookies", "cookie", "cookie"],
            ["proxy-http-version", "2", "1.0 or 1.1", "<1.0|1.1>"],
            ["cors-max-age", "1h", "a whole number without a unit (times are in seconds)", "<60>"],
            ["auth-url", "auth.example.com", "a URL", "<url>"],
            ["auth-signin", "auth.example.com", "a URL or a path", "<url>"],
            ["whitelist-source-range", "any", "addresses and ranges, with commas between", "<cidrs>"],
            ["limit-whitelist", "10.0.0.0/33", "addresses and ranges, with commas between", "<cidrs>"],
        ] as const
    ).map(([name, value, says, example]) => {
        const key = `${api}.annotations["nginx.ingress.kubernetes.io/${name}"]`;
        return one(
            `the annotation ${name} as nginx does not read it`,
            { [key]: value },
            key,
            `is ${value}: nginx takes ${says}`,
            set(key, example),
        );
    }),
    one(
        "clients of a load balancer from everywhere in parts",
        {
            "gatewayApi.service.type": "LoadBalancer",
            "gatewayApi.service.sourceRanges": ["0.0.0.0/2", "64.0.0.0/2", "128.0.0.0/2", "192.0.0.0/2"],
        },
        "gatewayApi.service.sourceRanges",
        "must not be all addresses together",
        "pulumi config rm --path gatewayApi.service.sourceRanges && " +
            "pulumi config set --path 'gatewayApi.service.sourceRanges[0]' '<value>'",
    ),
    ...['nodeSelector["a..b/c"]', 'podLabels["a.-b/c"]', 'podAnnotations["a b/c"]'].map((place) =>
        one(
            `the key of ${place}`,
            { [`gatewayApi.${place}`]: "x" },
            `gatewayApi.${place}`,
            "is a wrong name: it must be a key such as topology.kubernetes.io/zone",
            removed(`gatewayApi.${place}`),
        ),
    ),
];

const servers: readonly Broken[] = [
    ...["localhost", "127.0.0.1", "[::1]"].map((host) =>
        one(
            `a database at ${host}`,
            { databaseUrl: `postgresql://app:s3cr3t@${host}/tradestream?sslmode=verify-full`, ...cidrs },
            "databaseUrl",
            "leads to the pod itself, where no sidecar answers: gatewayApi, notificationWorker, databaseMigration",
            "pulumi config set --secret databaseUrl",
        ),
    ),
    one(
        "a Redis in the pod itself",
        { redisUrl: "rediss://:s3cr3t@localhost:6379" },
        "redisUrl",
        "leads to the pod itself, where no sidecar answers: gatewayApi, notificationWorker",
        "pulumi config set --secret redisUrl",
    ),
    ...["ssl_cert_reqs=none", "ssl_cert_reqs=CERT_NONE", "ssl_check_hostname=false", "skip_verify=true"].map((query) =>
        one(
            `a Redis of production with ${query}`,
            { redisUrl: `rediss://:s3cr3t@redis.example.com:6379/0?${query}` },
            "redisUrl",
            "takes any certificate: production verifies that of its Redis",
            "pulumi config set --secret redisUrl",
        ),
    ),
    one(
        "a database URL with a fragment",
        { databaseUrl: "postgresql://app:s3cr3t@db.example.com/tradestream?sslmode=verify-full#x", ...cidrs },
        "databaseUrl",
        "must be a URL such as postgresql://user:password@host:5432/database, its parts percent-encoded",
        "pulumi config set --secret databaseUrl",
    ),
    one(
        "several hosts of Redis in one address",
        { redisUrl: "rediss://:s3cr3t@a.example.com,b.example.com:6379" },
        "redisUrl",
        "must be a URL such as rediss://:password@host:6379, its parts percent-encoded",
        "pulumi config set --secret redisUrl",
    ),
    ...["@hourly ", " @daily", "*/+90 * * * *", "0 0 * * sat-sun", "0 0 31 4,6,9,11 *"].map((schedule) =>
        one(
            `the schedule "${schedule}"`,
            { "notificationWorker.schedule": schedule },
            "notificationWorker.schedule",
            schedule.startsWith("0 0 31")
                ? `must be a schedule that starts a run at some time, is "${schedule}"`
                : `must be a cron expression of five fields such as */5 * * * *, is "${schedule}"`,
            set("notificationWorker.schedule", "<schedule>"),
        ),
    ),
];

export const audit: readonly Broken[] = [...pods, ...podCommands, ...chart, ...addresses, ...servers];
