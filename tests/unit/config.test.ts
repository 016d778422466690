import { expect } from "chai";
import { describeErrors, type ConfigError } from "../../config/errors/index.ts";
import { parseConfig } from "../../config/parse.ts";
import { configuration, parseStack, raw, requiredSecrets, stacks } from "../support/configuration.ts";
import { bothWays, routesAlone } from "../support/exposure.ts";
import { runCommands } from "../support/pulumiConfig.ts";
import { additions } from "./broken/additions.ts";
import { backups } from "./broken/backups.ts";
import { audit } from "./broken/audit.ts";
import type { Broken } from "./broken/broken.ts";
import { chart } from "./broken/chart.ts";
import { exposure } from "./broken/exposure.ts";
import { ingresses } from "./broken/ingress.ts";
import { logging } from "./broken/logging.ts";
import { monitoring } from "./broken/monitoring.ts";
import { podDefaults } from "./broken/podDefaults.ts";
import { rules } from "./broken/rules.ts";
import { secretSources } from "./broken/secretSources.ts";
import { shapes } from "./broken/shapes.ts";
import { values } from "./broken/values.ts";

const tables: Readonly<Record<string, readonly Broken[]>> = {
    "wrong keys and types": shapes,
    "wrong values": values,
    "values that do not go together": rules,
    "Ingresses that no controller serves as meant": ingresses,
    "exposures with a key that has no effect": exposure,
    "additions to pods": additions,
    "what all pods have in common": podDefaults,
    backups,
    logging,
    monitoring,
    "Secrets that operators make": secretSources,
    "values of the chart": chart,
    "what an audit found accepted": audit,
};
const all = Object.values(tables).flat();

const asRows = (errors: readonly ConfigError[]) => errors.map(({ key, problem, fix }) => [key, problem, fix]);

describe("a broken configuration", () => {
    for (const [subject, table] of Object.entries(tables)) {
        describe(subject, () => {
            for (const { title, change, errors } of table) {
                it(title, () => {
                    expect(asRows(parseStack("production", change).errors)).to.deep.equal(errors);
                });
            }
        });
    }

    it("is known in many forms", () => {
        expect(all.length).to.be.at.least(60);
        expect(new Set(all.map(({ title }) => title)).size).to.equal(all.length);
    });
});

describe("the command of an error", () => {
    const toRun = ({ fix }: ConfigError) => !/<|--secret|^helm |^edit /.test(fix);

    for (const { title, change } of all) {
        const { errors } = parseStack("production", change);
        const fixed = errors.filter(toRun);
        if (fixed.length > 0) {
            it(`fixes ${title}`, () => {
                const config = configuration("production", change);
                fixed.forEach(({ fix }) => runCommands(config, fix));
                const left = asRows(parseConfig(raw(config), { placeholders: false }).errors);
                for (const row of asRows(fixed)) {
                    expect(left).to.not.deep.include(row);
                }
            });
        }
    }

    it("is to be run in the order of the message: entries of a list go from the last one on", () => {
        const change = {
            "gatewayApi.ingress.tls[0].hosts": [
                "a.example.com",
                "b.example.com",
                "api.tradestream.io",
                "c.example.com",
            ],
        };
        const runIn = (order: readonly string[]): unknown => {
            const config = configuration("production", change);
            order.forEach((command) => runCommands(config, command));
            return parseConfig(raw(config), { placeholders: false }).errors;
        };
        const { errors } = parseStack("production", change);
        const message = describeErrors("production", errors).replaceAll(" --stack production", "");
        const commands = message.split("\n").flatMap((line) => /^ {6}(pulumi .*)/.exec(line)?.[1] ?? []);
        expect(commands)
            .to.have.members(errors.map(({ fix }) => fix))
            .and.have.length(3);
        expect(runIn(commands)).to.deep.equal([]);
        // Control: in the order of the list they take out others than they name.
        expect(runIn(errors.map(({ fix }) => fix))).to.not.deep.equal([]);
    });

    it("names the stack", () => {
        const text = describeErrors("production", [
            {
                key: "gatewayApi.replcaCount",
                problem: "is not a known key",
                fix: "pulumi config rm --path gatewayApi.replcaCount && pulumi config set --path gatewayApi.replicaCount 3",
            },
        ]);
        expect(text.split("\n")).to.deep.equal([
            "The configuration of stack production has 1 error; nothing was changed.",
            "",
            "  gatewayApi.replcaCount is not a known key",
            "      pulumi config rm --stack production --path gatewayApi.replcaCount && " +
                "pulumi config set --stack production --path gatewayApi.replicaCount 3",
            "",
        ]);
    });
});

describe("several errors", () => {
    const keysOf = (errors: readonly ConfigError[]) => errors.map(({ key }) => key);

    it("are all reported, wrong keys, wrong values and broken rules alike", () => {
        const { errors } = parseStack("production", {
            zebra: "1",
            environment: undefined,
            releaseName: "prod",
            "gatewayApi.replcaCount": 3,
            "gatewayApi.service.port": 0,
            "gatewayApi.ingress.hosts[0].host": "https://api.tradestream.io",
            "gatewayApi.ingress.hosts[0].paths[0].path": "api",
            "gatewayApi.ingress.tls[0].hosts[0]": "*.tradestream.io",
            "gatewayApi.resources.requests.memory": "1Gi",
            "agentDashboard.ingress.tls[0].hosts": ["tradestream.io"],
            "notificationWorker.schedule": "soon",
            "notificationWorker.telegramChatId": "-100",
            resendApiKey: undefined,
            googleClientId: "with space",
            chart: { timeoutSeconds: 1 },
        });
        expect(keysOf(errors)).to.have.members([
            "zebra",
            "environment",
            "releaseName",
            "gatewayApi.replcaCount",
            "gatewayApi.service.port",
            "gatewayApi.ingress.hosts[0].host",
            "gatewayApi.ingress.hosts[0].paths[0].path",
            "gatewayApi.ingress.tls[0].hosts[0]",
            "gatewayApi.resources.requests.memory",
            "agentDashboard.ingress.hosts[1].host",
            "notificationWorker.schedule",
            "telegramBotToken",
            "resendApiKey",
            "googleClientId",
            "chart.timeoutSeconds",
        ]);
    });

    it("of one list are all reported, under the indices that the file has", () => {
        const { errors } = parseStack("production", {
            "agentDashboard.ingress.hosts": [{ host: "A.io" }, { host: "ok.tradestream.io" }, { hots: "b.io" }, null],
        });
        expect(keysOf(errors)).to.have.members([
            "agentDashboard.ingress.hosts[0].host",
            "agentDashboard.ingress.hosts[2].host",
            "agentDashboard.ingress.hosts[2].hots",
            "agentDashboard.ingress.hosts[3]",
        ]);
    });

    it("of a configuration without anything begin with what it needs", () => {
        const { errors } = parseConfig({}, { placeholders: false });
        expect(keysOf(errors)).to.deep.equal([
            "environment",
            "gatewayApi",
            "agentDashboard.ingress.hosts",
            ...Object.keys(requiredSecrets),
        ]);
    });

    it("do not come from rules that read an invalid value", () => {
        const changes = [
            { "gatewayApi.autoscaling.maxReplicas": "4", "gatewayApi.database.poolSize": 20 },
            { "gatewayApi.resources.limits.memory": "512 Mi", "gatewayApi.resources.requests.memory": "1Gi" },
            { "gatewayApi.ingress.tls[0].secretName": "-" },
            { "notificationWorker.activeDeadlineSeconds": 600, "notificationWorker.schedule": 5 },
        ];
        for (const change of changes) {
            const { errors } = parseStack("production", change);
            expect(keysOf(errors), JSON.stringify(change)).to.have.length(1);
        }
    });
});

describe("messages", () => {
    it("hold nothing of a secret, however wrong it is", () => {
        const marker = "s3cr3t";
        const wrong = Object.fromEntries(
            [
                "jwtSecret",
                "vapidPrivateKey",
                "vapidPublicKey",
                "databaseUrl",
                "databaseUrls",
                "imagePullSecret",
                "chartSecrets",
            ].map((key) => [key, marker]),
        );
        const spaced = Object.fromEntries(
            [...Object.keys(requiredSecrets), "telegramBotToken"].map((key) => [key, ` ${marker} `]),
        );
        const { errors } = parseStack("production", { ...wrong, ...spaced });
        expect(errors).to.have.length(Object.keys({ ...wrong, ...spaced }).length);
        expect(describeErrors("production", errors)).to.not.include(marker);
    });

    it("hold no secret in any of the known broken forms", () => {
        for (const { title, change } of all) {
            const text = describeErrors("production", parseStack("production", change).errors);
            for (const secret of ["s3cr3t", ...Object.values(requiredSecrets)]) {
                expect(text, title).to.not.include(secret);
            }
        }
    });

    it("hold no value of a key that the stack file encrypts", () => {
        const { errors } = parseStack(
            "production",
            { "chart.timeoutSeconds": "s3cr3t", "chart.version": "s3cr3t", "chart.zebra": "s3cr3t" },
            { encrypted: new Set(["chart"]) },
        );
        expect(asRows(errors)).to.deep.equal([
            [
                "chart.version",
                "must be an exact version such as 1.2.3",
                "pulumi config set --path chart.version '<version>'",
            ],
            ["chart.timeoutSeconds", "must be an integer", "pulumi config set --path chart.timeoutSeconds '<integer>'"],
            ["chart.zebra", "is not a known key", "pulumi config rm --path chart.zebra"],
        ]);
    });

    it("refuse encrypted values where nothing would keep them so", () => {
        const { errors } = parseStack(
            "production",
            { "gatewayApi.env": { STRIPE_KEY: "s3cr3t", LEVEL: 5 }, "gatewayApi.image.tag": "latest" },
            { encrypted: new Set(["gatewayApi", "namespace", "resendApiKey", "chart", "kubeconfig"]) },
        );
        expect(errors.map(({ key }) => key)).to.deep.equal(["namespace", "gatewayApi", "gatewayApi.env.LEVEL"]);
        expect(errors[1]?.fix).to.equal("pulumi config set --path 'gatewayApi.<path>' '<value>' --plaintext");
        expect(describeErrors("production", errors)).to.not.include("s3cr3t");
    });
});

describe("a right configuration", () => {
    for (const stack of stacks) {
        it(`is that of stack ${stack}`, () => {
            expect(parseStack(stack).errors).to.deep.equal([]);
        });
    }

    const published = { repository: "https://charts.example.com/", name: "other", version: "1.2.3-rc.1" };
    const external = "postgresql+asyncpg://app:p%40ss@db.example.com:6432/trade?ssl=verify-full";
    const forms: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
        "a chart of a repository": { chart: published },
        "a chart of a registry": { chart: { oci: "oci://registry.example.com:5000/charts/other", version: "1.2.3" } },
        "a chart in a directory": { chart: { path: "./charts/tradestream" } },
        "the published chart with its Secrets": {
            chart: { ...published, name: "tradestream", existingSecrets: ["influxdb-admin-secret"] },
            chartSecrets: { coinmarketcap: { apiKey: "key" } },
        },
        "values of the chart": { chart: { values: { postgresql: { primary: { persistence: { size: "20Gi" } } } } } },
        "values of another chart, which Helm checks": {
            chart: {
                ...published,
                values: { redis: { architecture: "replication" }, kafkaSsl: { enabled: true }, x: 1 },
            },
        },
        "the port of the process, said twice": { "gatewayApi.env.PORT": "8000" },
        "Secrets made elsewhere": {
            "authSecrets.create": false,
            "oauthSecrets.create": false,
            "notificationSecrets.create": false,
            ...Object.fromEntries(Object.keys(requiredSecrets).map((key) => [key, undefined])),
        },
        "a database outside the cluster, which allows more connections": {
            databaseUrl: external,
            "gatewayApi.database.poolSize": 100,
        },
        "a Redis outside the cluster": { redisUrl: "rediss://redis.example.com" },
        "a Redis outside the cluster, for a user and a database of it": {
            redisUrl: "rediss://app:p%40ss@redis.example.com:6380/1",
            "networkPolicy.redisCidrs": ["10.20.0.0/16"],
        },
        "Redis with a password": { redis: { auth: { enabled: true } } },
        "protection, off for a destroy": { protect: false },
        "protection, as the CLI keeps booleans": { protect: "true" },
        "origins as JSON": { "gatewayApi.cors.format": "json" },
        "origins as CSV": { "gatewayApi.cors.format": "csv" },
        "no origins, as the dashboard is served from the API's address": {
            "gatewayApi.urls": { api: "https://tradestream.io/api", frontend: "https://tradestream.io" },
            "gatewayApi.cors.origins": [],
        },
        "one host, shared by paths": {
            "gatewayApi.ingress.hosts": [{ host: "tradestream.io", paths: [{ path: "/api" }] }],
            "gatewayApi.ingress.tls[0].hosts": ["tradestream.io"],
            "gatewayApi.urls.api": "https://tradestream.io/api",
        },
        "routes alone": routesAlone("example", "letsencrypt-prod"),
        "routes beside Ingresses": bothWays("example", "letsencrypt-prod"),
        "an Ingress class whose name says nothing of its controller": {
            "gatewayApi.ingress.className": "public",
            "gatewayApi.ingress.timeoutSeconds": 60,
        },
        "an Ingress class of another controller, whose annotations the stack writes itself": {
            "gatewayApi.ingress.className": "kong",
            "gatewayApi.ingress.controller": "none",
            "gatewayApi.ingress.annotations": {
                "cert-manager.io/cluster-issuer": "letsencrypt-prod",
                "konghq.com/https-redirect-status-code": "308",
            },
        },
        "a class of the name nginx, whose controller reads other annotations than ingress-nginx": {
            "gatewayApi.ingress.className": "nginx",
            "gatewayApi.ingress.controller": "none",
            "gatewayApi.ingress.annotations": { "nginx.org/client-max-body-size": "10m" },
        },
        "a class that names its controller after something else": { "gatewayApi.ingress.className": "kong-nginx" },
        "annotations in all forms that nginx reads": {
            'gatewayApi.ingress.annotations["nginx.ingress.kubernetes.io/enable-cors"]': "True",
            'gatewayApi.ingress.annotations["nginx.ingress.kubernetes.io/backend-protocol"]': "grpc",
            'gatewayApi.ingress.annotations["nginx.ingress.kubernetes.io/auth-signin"]': "/oauth2/start",
            'gatewayApi.ingress.annotations["nginx.ingress.kubernetes.io/whitelist-source-range"]':
                "10.0.0.0/8, 192.0.2.1, 2001:db8::/32",
        },
        "an annotation whose domain has capitals": { 'gatewayApi.podAnnotations["Example.com/owner"]': "trading" },
        "addresses of a host that is served elsewhere, as the stack has no Ingress of its own": {
            "gatewayApi.urls.api": "https://api.example.com",
            "gatewayApi.ingress.enabled": false,
        },
        "a database and a Redis that a sidecar in the pod leads to": {
            databaseUrl: "postgresql://app:p%40ss@127.0.0.1/trade?sslmode=verify-full",
            redisUrl: "rediss://localhost:6379/0?ssl_cert_reqs=required",
            ...Object.fromEntries(
                ["gatewayApi", "notificationWorker", "databaseMigration"].map((key) => [
                    `${key}.sidecars`,
                    [
                        {
                            ...{ name: "proxy", image: "registry.example.com/proxy:v1" },
                            resources: {
                                requests: { cpu: "10m", memory: "32Mi" },
                                limits: { cpu: "50m", memory: "64Mi" },
                            },
                        },
                    ],
                ]),
            ),
        },
        "pods of the chart on nodes of their own": {
            "chart.values.postgresql.primary": {
                nodeSelector: { "node-role.kubernetes.io/data": "" },
                tolerations: [{ key: "data", operator: "Exists", effect: "NoSchedule" }],
                podLabels: { team: "trading" },
                settings: { shared_buffers: "256MB" },
            },
        },
        "pods of another chart, some by its templates": {
            chart: {
                ...published,
                values: {
                    api: { nodeSelector: { pool: "{{ .Values.pool }} x" }, affinity: "podAntiAffinity: {}" },
                    redis: { persistence: { enabled: false } },
                    kafka: { topologySpreadConstraints: {}, tolerations: {}, affinity: [] },
                },
            },
        },
        "stores of another chart that are off, or copies of others": {
            chart: {
                ...published,
                values: {
                    influxdb: { enabled: false, persistence: { enabled: false } },
                    kafka: { broker: { replicaCount: 0, persistence: { enabled: false } } },
                    postgresql: {
                        primary: { persistentVolumeClaimRetentionPolicy: { enabled: false, whenDeleted: "Delete" } },
                        readReplicas: { persistence: { enabled: false } },
                    },
                },
            },
        },
        "credentials of a registry for the chart": {
            chart: { ...published, values: {} },
            chartSecrets: { regcred: { ".dockerconfigjson": '{"auths":{}}' } },
        },
        "no Ingress": { "gatewayApi.ingress": { enabled: false }, "agentDashboard.ingress": { enabled: false } },
        "a given JWT secret": { jwtSecret: "a passphrase with spaces, and 32 letters" },
        "a rotated JWT secret": { jwtSecretVersion: 3 },
        "a JWT secret's version, as the CLI keeps numbers": { jwtSecretVersion: "3" },
        "no autoscaler": { "gatewayApi.autoscaling": { enabled: false }, "gatewayApi.replicaCount": 5 },
        "an autoscaler's target above the request": { "gatewayApi.autoscaling.targetMemoryUtilization": 120 },
        "an autoscaler with policies": {
            "agentDashboard.autoscaling": {
                enabled: true,
                behavior: { scaleUp: { policies: [{ type: "Pods", value: 4, periodSeconds: 15 }] } },
            },
        },
        "a limit alone, as the request has a default": { "gatewayApi.resources": { limits: { memory: "1Gi" } } },
        "CPUs as a number": { "gatewayApi.resources.limits.cpu": 1, "gatewayApi.resources.requests.cpu": 0.5 },
        "an image of a registry with a port": { "gatewayApi.image.repository": "registry.example.com:5000/a/b_c" },
        "an image by digest": { "gatewayApi.image": { tag: "latest", digest: `sha256:${"0".repeat(64)}` } },
        "a Secret and an Ingress class with dots": {
            "gatewayApi.ingress.tls[0].secretName": "api.tradestream.io-tls",
            "gatewayApi.ingress.className": "nginx.internal",
            imagePullSecrets: ["regcred.example.com"],
        },
        "a nickname as schedule": { "notificationWorker.schedule": "@hourly" },
        "working hours as schedule": { "notificationWorker.schedule": "*/15 8-18 * * mon-fri" },
        "a time zone": { "notificationWorker.timeZone": "Europe/Berlin" },
        "tolerations, affinity and node labels": {
            "gatewayApi.tolerations": [{ key: "spot", operator: "Equal", value: "true", effect: "NoSchedule" }],
            "agentDashboard.tolerations": [
                { key: "", operator: "Exists", effect: "" },
                { key: "spot", operator: "", value: "", effect: "NoSchedule" },
            ],
            "gatewayApi.affinity": { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: {} } },
            "gatewayApi.nodeSelector": { "kubernetes.io/arch": "arm64", disk: "" },
        },
        "variables of one's own": {
            "gatewayApi.env": { JWT_ACCESS_TOKEN_EXPIRE_MINUTES: "30" },
            "agentDashboard.env": { API_URL: "https://api.tradestream.io" },
            "notificationWorker.env": { TELEGRAM_API_BASE: "https://telegram.example.com" },
        },
        "empty values, which count as not set": {
            jwtSecret: "",
            vapidPublicKey: "",
            databaseUrl: "",
            context: "",
            kubeconfig: "",
            chartSecrets: {},
            imagePullSecrets: [],
        },
        "a name as long as names may be": { releaseName: `tradestream-${"x".repeat(20)}` },
        "the uid of its cluster": { clusterUid: "0e7c1e0a-5b8f-4d2c-9a54-3f1d6c7b8e90" },
        "exporters of managed data services, with a login of their own": {
            "monitoring.enabled": true,
            "postgresExporter.enabled": true,
            "postgresExporter.env.DATA_SOURCE_NAME": { secretKeyRef: { name: "monitoring", key: "postgres" } },
            "redisExporter.enabled": true,
            "redisExporter.env.REDIS_ADDR": { secretKeyRef: { name: "monitoring", key: "redis" } },
            databaseUrl: "postgresql://app:pw@db.example.com/trade?sslmode=verify-full",
            redisUrl: "rediss://:pw@redis.example.com",
        },
        "no services but the dashboard": {
            "gatewayApi.enabled": false,
            "notificationWorker.enabled": false,
            "databaseMigration.enabled": false,
        },
    };
    for (const [form, change] of Object.entries(forms)) {
        it(`has ${form}`, () => {
            expect(parseStack("production", change).errors).to.deep.equal([]);
        });
    }

    it("needs no secrets in a preview with placeholders", () => {
        const without = Object.fromEntries(Object.keys(requiredSecrets).map((key) => [key, undefined]));
        const { errors } = parseStack("production", { ...without, placeholderSecrets: true }, { placeholders: true });
        expect(errors).to.deep.equal([]);
    });
});
