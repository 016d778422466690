/** Values that are right each on its own, and wrong together. */
import type { Broken } from "./broken.ts";

const anotherChart = {
    "chart.repository": "https://charts.example.com",
    "chart.name": "data",
    "chart.version": "1.2.3",
};

export const rules: readonly Broken[] = [
    {
        title: "a request above its limit",
        change: { "gatewayApi.resources.requests.memory": "1Gi" },
        errors: [
            [
                "gatewayApi.resources.requests.memory",
                "is 1Gi, more than the limit of 512Mi",
                "pulumi config set --path gatewayApi.resources.limits.memory 1Gi",
            ],
        ],
    },
    {
        title: "a request above its limit, in other units",
        change: { "notificationWorker.resources.requests.cpu": "0.3" },
        errors: [
            [
                "notificationWorker.resources.requests.cpu",
                "is 0.3, more than the limit of 200m",
                "pulumi config set --path notificationWorker.resources.limits.cpu 0.3",
            ],
        ],
    },
    {
        title: "a disk request above the default limit",
        change: { "databaseMigration.resources.requests.ephemeral-storage": "1Gi" },
        errors: [
            [
                "databaseMigration.resources.requests.ephemeral-storage",
                "is 1Gi, more than the limit of 256Mi",
                "pulumi config set --path databaseMigration.resources.limits.ephemeral-storage 1Gi",
            ],
        ],
    },
    {
        title: "an autoscaler without range",
        change: { "gatewayApi.autoscaling.minReplicas": 11 },
        errors: [
            [
                "gatewayApi.autoscaling.minReplicas",
                "is 11, more than maxReplicas (10)",
                "pulumi config set --path gatewayApi.autoscaling.maxReplicas 11",
            ],
        ],
    },
    {
        title: "an autoscaler without a request to compare with",
        change: { "gatewayApi.resources.requests.cpu": 0, "gatewayApi.resources.limits.cpu": 0 },
        errors: [
            [
                "gatewayApi.resources.requests.cpu",
                "is 0: the autoscaler compares the usage with the request",
                "pulumi config set --path gatewayApi.resources.requests.cpu '<cpu>'",
            ],
        ],
    },
    {
        title: "an autoscaler without a request, but with a limit",
        change: { "gatewayApi.resources.requests.memory": "0" },
        errors: [
            [
                "gatewayApi.resources.requests.memory",
                "is 0: the autoscaler compares the usage with the request",
                "pulumi config set --path gatewayApi.resources.requests.memory 512Mi",
            ],
        ],
    },
    {
        title: "a policy file that does not exist",
        change: { "policy.config": "policies.json" },
        errors: [
            [
                "policy.config",
                "is policies.json, which does not exist",
                "pulumi config set --path policy.config policy-config.json",
            ],
        ],
    },
    {
        title: "a policy file that is not JSON",
        change: { "policy.config": "README.md" },
        errors: [
            [
                "policy.config",
                "is README.md, which is not a file with a JSON object",
                "pulumi config set --path policy.config policy-config.json",
            ],
        ],
    },
    {
        title: "an autoscaler's target at the limit",
        change: { "gatewayApi.autoscaling.targetMemoryUtilization": 200 },
        errors: [
            [
                "gatewayApi.autoscaling.targetMemoryUtilization",
                "is 200: that percentage of the request (256Mi) is not below the limit (512Mi), so the autoscaler would never add a pod",
                "pulumi config set --path gatewayApi.autoscaling.targetMemoryUtilization 160",
            ],
        ],
    },
    {
        title: "more connections than the database has",
        change: { "gatewayApi.database.poolSize": 20 },
        errors: [
            [
                "gatewayApi.database.poolSize",
                "is 20: 11 pods (one of them during an update) would open 220 connections, and database.maxConnections less database.reservedConnections leaves 180",
                "pulumi config set --path database.maxConnections 240",
            ],
        ],
    },
    {
        title: "more connections than the database has, without autoscaler",
        change: { "gatewayApi.autoscaling.enabled": false, "gatewayApi.replicaCount": 20 },
        errors: [
            [
                "gatewayApi.database.poolSize",
                "is 10: 21 pods (one of them during an update) would open 210 connections, and database.maxConnections less database.reservedConnections leaves 180",
                "pulumi config set --path database.maxConnections 230",
            ],
        ],
    },
    {
        title: "an Ingress without hosts",
        change: { "agentDashboard.ingress.hosts": [], "agentDashboard.ingress.tls": [] },
        errors: [
            [
                "agentDashboard.ingress.hosts",
                "is empty, and the Ingress is enabled",
                "pulumi config set --path 'agentDashboard.ingress.hosts[0].host' '<host>'",
            ],
        ],
    },
    {
        title: "a host that no certificate covers",
        change: { "agentDashboard.ingress.tls[0].hosts": ["tradestream.io"] },
        errors: [
            [
                "agentDashboard.ingress.hosts[1].host",
                "is www.tradestream.io, which no entry of agentDashboard.ingress.tls covers",
                "pulumi config set --path 'agentDashboard.ingress.tls[0].hosts[1]' www.tradestream.io",
            ],
        ],
    },
    {
        title: "an Ingress without certificates",
        change: { "gatewayApi.ingress.tls": [] },
        errors: [
            [
                "gatewayApi.ingress.hosts[0].host",
                "is api.tradestream.io, which no entry of gatewayApi.ingress.tls covers",
                "pulumi config set --path 'gatewayApi.ingress.tls[0].secretName' '<secret>' && pulumi config set --path 'gatewayApi.ingress.tls[0].hosts[0]' api.tradestream.io",
            ],
        ],
    },
    {
        title: "a certificate that covers no host",
        change: { "gatewayApi.ingress.tls[1]": { secretName: "old-tls", hosts: ["old.tradestream.io"] } },
        errors: [
            [
                "gatewayApi.ingress.tls[1].hosts[0]",
                "is old.tradestream.io, which no entry of gatewayApi.ingress.hosts serves",
                "pulumi config rm --path 'gatewayApi.ingress.tls[1]'",
            ],
        ],
    },
    {
        title: "a host listed twice",
        change: {
            "agentDashboard.ingress.hosts[1].host": "tradestream.io",
            "agentDashboard.ingress.tls[0].hosts": ["tradestream.io"],
        },
        errors: [
            [
                "agentDashboard.ingress.hosts[1].host",
                "is tradestream.io, which is listed already: put all its paths into one entry",
                "pulumi config rm --path 'agentDashboard.ingress.hosts[1]'",
            ],
        ],
    },
    {
        title: "two services at one address",
        change: {
            "gatewayApi.ingress.hosts[0].host": "tradestream.io",
            "gatewayApi.ingress.tls[0].hosts": ["tradestream.io"],
            "gatewayApi.urls.api": "https://tradestream.io/api",
        },
        errors: [
            [
                "agentDashboard.ingress.hosts[0].host",
                "is tradestream.io, whose path / gatewayApi.ingress serves already",
                "pulumi config set --path 'agentDashboard.ingress.hosts[0].host' '<host>'",
            ],
        ],
    },
    {
        title: "an address without encryption",
        change: { "gatewayApi.urls.api": "http://api.tradestream.io" },
        errors: [
            [
                "gatewayApi.urls.api",
                "is http://api.tradestream.io: production needs https",
                "pulumi config set --path gatewayApi.urls.api https://api.tradestream.io",
            ],
        ],
    },
    {
        title: "an origin without encryption",
        change: { "gatewayApi.cors.origins[1]": "http://www.tradestream.io" },
        errors: [
            [
                "gatewayApi.cors.origins[1]",
                "is http://www.tradestream.io: production needs https",
                "pulumi config set --path 'gatewayApi.cors.origins[1]' https://www.tradestream.io",
            ],
        ],
    },
    {
        title: "a dashboard that may not call the API",
        change: { "gatewayApi.cors.origins": ["https://www.tradestream.io"] },
        errors: [
            [
                "gatewayApi.cors.origins",
                "lacks https://tradestream.io: browsers would block requests of the dashboard to https://api.tradestream.io",
                "pulumi config set --path 'gatewayApi.cors.origins[1]' https://tradestream.io",
            ],
        ],
    },
    {
        title: "an address instead of its network",
        change: {
            databaseUrl: "postgresql://app:s3cr3t@db.example.com/tradestream?sslmode=verify-full",
            "networkPolicy.databaseCidrs": ["10.20.0.0/16", "10.20.1.5/16", "fd00::1/64"],
        },
        errors: [
            [
                "networkPolicy.databaseCidrs[1]",
                "is 10.20.1.5/16, an address within 10.20.0.0/16",
                "pulumi config set --path 'networkPolicy.databaseCidrs[1]' 10.20.0.0/16",
            ],
            [
                "networkPolicy.databaseCidrs[2]",
                "is fd00::1/64, an address within fd00::/64",
                "pulumi config set --path 'networkPolicy.databaseCidrs[2]' fd00::/64",
            ],
        ],
    },
    {
        title: "a login of a service without a database outside the cluster",
        change: { "databaseUrls.gatewayApi": "postgresql://api:s3cr3t@db.example.com/trade?sslmode=verify-full" },
        errors: [
            [
                "databaseUrls.gatewayApi",
                "is set, but databaseUrl is not, so nothing would use it",
                "pulumi config rm --path databaseUrls.gatewayApi",
            ],
        ],
    },
    {
        title: "logins of services on another server, and without verification of it",
        change: {
            databaseUrl: "postgresql://app:s3cr3t@db.example.com/trade?sslmode=verify-full",
            databaseUrls: {
                gatewayApi: "postgresql://api:s3cr3t@db.example.com:6432/trade?sslmode=verify-full",
                notificationWorker: "postgresql://worker:s3cr3t@db.example.com/trade?sslmode=require",
            },
        },
        errors: [
            [
                "databaseUrls.gatewayApi",
                "leads to another server or database than databaseUrl",
                "pulumi config set --secret --path databaseUrls.gatewayApi",
            ],
            [
                "databaseUrls.notificationWorker",
                "has a weak sslmode: production needs sslmode=verify-full, with the authority in sslrootcert " +
                    "(database.tls.secretName mounts it as /etc/database-tls/ca.crt)",
                "pulumi config set --secret --path databaseUrls.notificationWorker",
            ],
        ],
    },
    {
        title: "a run that outlasts the schedule",
        change: { "notificationWorker.activeDeadlineSeconds": 300 },
        errors: [
            [
                "notificationWorker.activeDeadlineSeconds",
                "is 300, and the schedule */5 * * * * starts a run every 300 s: a hung run would block the next",
                "pulumi config set --path notificationWorker.activeDeadlineSeconds 240",
            ],
        ],
    },
    {
        title: "a grace period that sleep takes up",
        change: { "gatewayApi.preStopSleepSeconds": 60 },
        errors: [
            [
                "gatewayApi.terminationGracePeriodSeconds",
                "is 60, and preStopSleepSeconds (60) uses all of it",
                "pulumi config set --path gatewayApi.terminationGracePeriodSeconds 90",
            ],
        ],
    },
    {
        title: "pods that default deny cuts off",
        change: { "gatewayApi.networkPolicy.enabled": false },
        errors: [
            [
                "gatewayApi.networkPolicy.enabled",
                "is false, and networkPolicy.defaultDeny would block all traffic of the pods",
                "pulumi config set --path gatewayApi.networkPolicy.enabled true",
            ],
        ],
    },
    {
        title: "a file that has nothing for the policies",
        change: { "policy.config": "package.json" },
        errors: [
            [
                "policy.config",
                'is package.json, which has no part for the policy "kubernetes"',
                "pulumi config set --path policy.config policy-config.json",
            ],
        ],
    },
    {
        title: "policies that the pack does not know",
        change: { "policy.config": "tests/fixtures/wrong-policies.json" },
        errors: [
            [
                "policy.config",
                "is tests/fixtures/wrong-policies.json, whose kubernetes.preset: must be one of baseline, recommended, strict",
                "edit tests/fixtures/wrong-policies.json",
            ],
        ],
    },
    {
        title: "a variable of the program",
        change: { "gatewayApi.env.DATABASE_URL": "postgresql://app:s3cr3t@db/x" },
        errors: [
            [
                "gatewayApi.env.DATABASE_URL",
                "belongs to the program: it follows from databaseUrl",
                "pulumi config rm --path gatewayApi.env.DATABASE_URL",
            ],
        ],
    },
    {
        title: "a variable of the program that no key sets",
        change: { "gatewayApi.env.JWT_ALGORITHM": "none" },
        errors: [
            [
                "gatewayApi.env.JWT_ALGORITHM",
                "belongs to the program: its value is fixed",
                "pulumi config rm --path gatewayApi.env.JWT_ALGORITHM",
            ],
        ],
    },
    {
        title: "a port that the process alone would know",
        change: { "gatewayApi.env.PORT": "9000" },
        errors: [
            [
                "gatewayApi.env.PORT",
                "is not gatewayApi.containerPort (8000), where requests go",
                "pulumi config rm --path gatewayApi.env.PORT",
            ],
        ],
    },
    {
        title: "annotations in place of those that restart pods and let Prometheus find them",
        change: {
            "gatewayApi.podAnnotations": { "checksum/auth-secrets": "1", "prometheus.io/port": "9", team: "trade" },
            "notificationWorker.podAnnotations": { "checksum/anything": "1" },
        },
        errors: [
            [
                'gatewayApi.podAnnotations["checksum/auth-secrets"]',
                "belongs to the program: annotations of this kind restart the pods when a Secret changes",
                `pulumi config rm --path 'gatewayApi.podAnnotations["checksum/auth-secrets"]'`,
            ],
            [
                'notificationWorker.podAnnotations["checksum/anything"]',
                "belongs to the program: annotations of this kind restart the pods when a Secret changes",
                `pulumi config rm --path 'notificationWorker.podAnnotations["checksum/anything"]'`,
            ],
            [
                'gatewayApi.podAnnotations["prometheus.io/port"]',
                "belongs to the program: it is gatewayApi.containerPort",
                `pulumi config rm --path 'gatewayApi.podAnnotations["prometheus.io/port"]'`,
            ],
        ],
    },
    {
        title: "annotations of an Ingress in place of the program's",
        change: {
            'agentDashboard.ingress.annotations["pulumi.com/skipAwait"]': "true",
            'gatewayApi.ingress.annotations["nginx.ingress.kubernetes.io/proxy-buffering"]': "on",
        },
        errors: [
            [
                'agentDashboard.ingress.annotations["pulumi.com/skipAwait"]',
                "belongs to the program: set agentDashboard.ingress.skipAwait instead",
                `pulumi config rm --path 'agentDashboard.ingress.annotations["pulumi.com/skipAwait"]'`,
            ],
            [
                'gatewayApi.ingress.annotations["nginx.ingress.kubernetes.io/proxy-buffering"]',
                "belongs to the program: server-sent events need it off",
                `pulumi config rm --path 'gatewayApi.ingress.annotations["nginx.ingress.kubernetes.io/proxy-buffering"]'`,
            ],
        ],
    },
    {
        title: "an image without version",
        change: { "agentDashboard.image.tag": "latest" },
        errors: [
            [
                "agentDashboard.image.tag",
                "is latest: name a version, or pin a digest",
                "pulumi config set --path agentDashboard.image.tag '<tag>'",
            ],
        ],
    },
    {
        title: "production with one pod",
        change: { "agentDashboard.replicaCount": 1 },
        errors: [
            [
                "agentDashboard.replicaCount",
                "is 1: production needs 2 or more",
                "pulumi config set --path agentDashboard.replicaCount 2",
            ],
        ],
    },
    {
        title: "production with an autoscaler down to one pod",
        change: { "gatewayApi.autoscaling.minReplicas": 1 },
        errors: [
            [
                "gatewayApi.autoscaling.minReplicas",
                "is 1: production needs 2 or more",
                "pulumi config set --path gatewayApi.autoscaling.minReplicas 2",
            ],
        ],
    },
    {
        title: "production with open doors",
        change: { networkPolicy: { defaultDeny: false } },
        errors: [
            [
                "networkPolicy.defaultDeny",
                "is false: production must deny traffic that no policy allows",
                "pulumi config set --path networkPolicy.defaultDeny true",
            ],
        ],
    },
    {
        title: "a missing secret",
        change: { resendApiKey: undefined },
        errors: [
            [
                "resendApiKey",
                "is missing: authSecrets.create is true, and the Secret holds it",
                "pulumi config set --secret resendApiKey",
            ],
        ],
    },
    {
        title: "missing secrets, each on its own",
        change: { googleClientId: undefined, githubClientSecret: "" },
        errors: [
            [
                "googleClientId",
                "is missing: oauthSecrets.create is true, and the Secret holds it",
                "pulumi config set --secret googleClientId",
            ],
            [
                "githubClientSecret",
                "is missing: oauthSecrets.create is true, and the Secret holds it",
                "pulumi config set --secret githubClientSecret",
            ],
        ],
    },
    {
        title: "a secret that nothing uses",
        change: { "authSecrets.create": false },
        errors: [
            [
                "resendApiKey",
                "is set, but authSecrets.create is false, so nothing would use it",
                "pulumi config rm resendApiKey",
            ],
        ],
    },
    {
        title: "half a VAPID pair",
        change: {
            vapidPublicKey: "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8",
        },
        errors: [
            [
                "vapidPrivateKey",
                "is missing: set both VAPID keys, or neither to have a pair generated",
                "pulumi config set --secret vapidPrivateKey",
            ],
        ],
    },
    {
        title: "VAPID keys of two pairs",
        change: {
            vapidPrivateKey: "fi6pF4zgX--NJ8q9IBQ5ykOfyskmFcxkEBXNcMe6uPA",
            vapidPublicKey: "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8",
        },
        errors: [["vapidPublicKey", "does not belong to vapidPrivateKey", "pulumi config set --secret vapidPublicKey"]],
    },
    {
        title: "a rotation of a secret that is given",
        change: { jwtSecretVersion: 2, jwtSecret: "0123456789abcdef0123456789abcdef" },
        errors: [
            [
                "jwtSecretVersion",
                "is 2, but rotates nothing: jwtSecret is given, and only a generated secret has versions",
                "pulumi config rm jwtSecretVersion",
            ],
        ],
    },
    {
        title: "the next one of a secret that is given",
        change: { jwtSecretNext: true, jwtSecret: "0123456789abcdef0123456789abcdef" },
        errors: [
            [
                "jwtSecretNext",
                "is true, but rotates nothing: jwtSecret is given, and only a generated secret has versions",
                "pulumi config rm jwtSecretNext",
            ],
        ],
    },
    {
        title: "a rotation of passwords that no service has",
        change: { "database.roles.passwordVersion": 2, "database.roles.enabled": false },
        errors: [
            [
                "database.roles.passwordVersion",
                "is 2, but rotates nothing: no service has a role of its own in the database",
                "pulumi config rm --path database.roles.passwordVersion",
            ],
        ],
    },
    {
        title: "a Telegram chat without bot",
        change: { "notificationWorker.telegramChatId": "-1001234" },
        errors: [
            [
                "telegramBotToken",
                "is missing: notificationWorker.telegramChatId is set",
                "pulumi config set --secret telegramBotToken",
            ],
        ],
    },
    {
        title: "placeholders in a deployment",
        change: { placeholderSecrets: true },
        errors: [
            [
                "placeholderSecrets",
                "is true: placeholders are for previews only",
                "pulumi config rm placeholderSecrets",
            ],
        ],
    },
    {
        title: "a release name that the chart does not expect",
        change: { releaseName: "prod" },
        errors: [
            [
                "releaseName",
                "is prod: it must contain tradestream, or the chart looks for its own services under another name",
                "pulumi config set releaseName prod-tradestream",
            ],
        ],
    },
    {
        title: "two sources of the chart",
        change: {
            chart: { path: "charts/tradestream", oci: "oci://registry.example.com/charts/other", version: "1.2.3" },
        },
        errors: [["chart", "names path and oci: a chart has one source", "pulumi config rm --path chart.oci"]],
    },
    {
        title: "a repository without name and version",
        change: { chart: { repository: "https://charts.example.com" } },
        errors: [
            ["chart.name", "is missing: chart.repository needs it", "pulumi config set --path chart.name '<name>'"],
            [
                "chart.version",
                "is missing: chart.repository needs it",
                "pulumi config set --path chart.version '<version>'",
            ],
        ],
    },
    {
        title: "an OCI reference without version",
        change: { chart: { oci: "oci://registry.example.com/charts/other" } },
        errors: [
            ["chart.version", "is missing: chart.oci needs it", "pulumi config set --path chart.version '<version>'"],
        ],
    },
    {
        title: "a version of a chart in a directory",
        change: { chart: { version: "1.2.3" } },
        errors: [
            [
                "chart.version",
                "is set, but the source of the chart does not use it",
                "pulumi config rm --path chart.version",
            ],
        ],
    },
    {
        title: "a chart's directory without chart",
        change: { chart: { path: "charts/no-such-chart" } },
        errors: [
            [
                "chart.path",
                "is charts/no-such-chart, which has no Chart.yaml",
                "pulumi config set --path chart.path charts/tradestream",
            ],
        ],
    },
    {
        title: "a published chart without its Secrets",
        change: {
            chart: { repository: "https://charts.example.com", name: "tradestream", version: "0.1.0" },
            chartSecrets: { coinmarketcap: { apiKey: "s3cr3t" } },
        },
        errors: [
            [
                "chartSecrets.influxdb-admin-secret.admin-token",
                "is missing: the chart needs it; or name influxdb-admin-secret in chart.existingSecrets",
                "pulumi config set --secret --path chartSecrets.influxdb-admin-secret.admin-token",
            ],
            [
                "chartSecrets.influxdb-admin-secret.admin-password",
                "is missing: the chart needs it; or name influxdb-admin-secret in chart.existingSecrets",
                "pulumi config set --secret --path chartSecrets.influxdb-admin-secret.admin-password",
            ],
        ],
    },
    {
        title: "a release to take over, without the password that its PostgreSQL has",
        change: { chart: { adopt: true } },
        errors: [
            [
                "postgresPassword",
                "is missing: chart.adopt takes over a PostgreSQL that has one (docs/adopting.md)",
                "pulumi config set --secret postgresPassword",
            ],
            [
                "createNamespace",
                "is true, but chart.adopt takes over a release, whose namespace exists",
                "pulumi config set createNamespace false",
            ],
        ],
    },
    {
        title: "a password that an editor has given a line's end",
        change: { postgresPassword: "s3cr3t\n" },
        errors: [
            [
                "postgresPassword",
                "must not begin or end with white space",
                "pulumi config set --secret postgresPassword",
            ],
        ],
    },
    {
        title: "a Secret that is both given and made elsewhere",
        change: {
            chart: { existingSecrets: ["coinmarketcap"] },
            chartSecrets: { coinmarketcap: { apiKey: "s3cr3t" } },
        },
        errors: [
            [
                "chartSecrets.coinmarketcap",
                "is given, and chart.existingSecrets says that it is made elsewhere",
                "pulumi config rm --path chartSecrets.coinmarketcap",
            ],
        ],
    },
    {
        title: "a Secret under a name of the program",
        change: { chartSecrets: { "tradestream-auth-secrets": { "jwt-secret": "s3cr3t" } } },
        errors: [
            [
                "chartSecrets.tradestream-auth-secrets",
                "has a name that begins with the release's (tradestream-), which is reserved for the program",
                "pulumi config rm --path chartSecrets.tradestream-auth-secrets",
            ],
        ],
    },
    {
        title: "values that make the chart deploy a service twice",
        change: { chart: { values: { gatewayApi: { enabled: true } } } },
        errors: [
            [
                "chart.values.gatewayApi",
                "belongs to the program: set gatewayApi beside chart instead",
                "pulumi config rm --path chart.values.gatewayApi",
            ],
        ],
    },
    {
        title: "values that give the database another password",
        change: { chart: { values: { postgresql: { auth: { password: "s3cr3t" } } } } },
        errors: [
            [
                "chart.values.postgresql.auth",
                "belongs to the program: set database, or the secret databaseUrl, beside chart instead",
                "pulumi config rm --path chart.values.postgresql.auth",
            ],
        ],
    },
    {
        title: "values that give the cache another name",
        change: { chart: { values: { redis: { fullnameOverride: "cache" } } } },
        errors: [
            [
                "chart.values.redis.fullnameOverride",
                "belongs to the program: the services look for it under the release's name",
                "pulumi config rm --path chart.values.redis.fullnameOverride",
            ],
        ],
    },
    ...(
        [
            ["databaseUrl", "databaseCidrs"],
            ["redisUrl", "redisCidrs"],
        ] as const
    ).map(([url, ranges]): Broken => ({
        title: `${ranges} without ${url}`,
        change: { [`networkPolicy.${ranges}`]: ["10.20.0.0/16"] },
        errors: [
            [
                `networkPolicy.${ranges}`,
                `has no effect: without ${url}, services connect to the chart's own pods`,
                `pulumi config rm --path networkPolicy.${ranges}`,
            ],
        ],
    })),
    {
        title: "roles in a database outside the cluster",
        change: {
            "database.roles.enabled": true,
            databaseUrl: "postgresql://app:pw@db.example.com/trade?sslmode=verify-full",
        },
        errors: [
            [
                "database.roles.enabled",
                "is true, but the database is outside the cluster (databaseUrl): its roles are its operator's",
                "pulumi config set --path database.roles.enabled false",
            ],
        ],
    },
    {
        title: "a certificate for a database outside the cluster",
        change: {
            "database.tls.enabled": true,
            databaseUrl: "postgresql://app:pw@db.example.com/trade?sslmode=verify-full",
        },
        errors: [
            [
                "database.tls.enabled",
                "is true, but the database is outside the cluster (databaseUrl): only the PostgreSQL of the embedded chart gets a certificate",
                "pulumi config rm --path database.tls.enabled",
            ],
        ],
    },
    {
        title: "a generated password for a Redis outside the cluster",
        change: { "redis.auth.enabled": true, redisUrl: "rediss://:pw@redis.example.com" },
        errors: [
            [
                "redis.auth.enabled",
                "is true, but Redis is outside the cluster (redisUrl): its password is in its address",
                "pulumi config rm --path redis.auth.enabled",
            ],
        ],
    },
    {
        title: "passwords of servers that are not there",
        change: {
            databaseUrl: "postgresql://app:pw@db.example.com/trade?sslmode=verify-full",
            postgresPassword: "s3cr3t-of-postgresql",
            redisPassword: "s3cr3t-of-redis-server",
        },
        errors: [
            [
                "postgresPassword",
                "is set, but the database is outside the cluster (databaseUrl), so nothing would use it",
                "pulumi config rm postgresPassword",
            ],
            [
                "redisPassword",
                "is set, but redis.auth.enabled is false, so nothing would use it",
                "pulumi config rm redisPassword",
            ],
        ],
    },
    {
        title: "a range of Redis that is an address",
        change: { redisUrl: "rediss://:pw@redis.example.com", "networkPolicy.redisCidrs": ["10.20.0.1/16"] },
        errors: [
            [
                "networkPolicy.redisCidrs[0]",
                "is 10.20.0.1/16, an address within 10.20.0.0/16",
                "pulumi config set --path 'networkPolicy.redisCidrs[0]' 10.20.0.0/16",
            ],
        ],
    },
    {
        title: "a certificate of the database that exists, and nothing said of those of the roles",
        change: { "database.tls.secretName": "certificate" },
        errors: [
            [
                "database.tls.clientCertificates",
                "is missing: with database.tls.secretName the Secrets of the roles have to exist as well (docs/secrets.md)",
                "pulumi config set --path database.tls.clientCertificates required",
            ],
        ],
    },
    {
        title: "a database of production without TLS",
        change: { "database.tls.enabled": false },
        errors: [
            [
                "database.tls.enabled",
                "is false: production needs TLS to its database",
                "pulumi config rm --path database.tls.enabled",
            ],
        ],
    },
    {
        title: "a certificate that nothing serves",
        change: { ...anotherChart, "database.tls.secretName": "certificate" },
        errors: [
            [
                "database.tls.secretName",
                "has no effect: no PostgreSQL of the embedded chart speaks TLS here",
                "pulumi config rm --path database.tls.secretName",
            ],
        ],
    },
    {
        title: "certificates of clients that nothing asks for",
        change: { ...anotherChart, "database.tls.clientCertificates": "required" },
        errors: [
            [
                "database.tls.clientCertificates",
                "has no effect: no PostgreSQL of the embedded chart speaks TLS here",
                "pulumi config rm --path database.tls.clientCertificates",
            ],
        ],
    },
    {
        title: "a database of production that asks for a password alone",
        change: { "database.tls.clientCertificates": "none" },
        errors: [
            [
                "database.tls.clientCertificates",
                "is none: in production a stolen password alone must not log in",
                "pulumi config rm --path database.tls.clientCertificates",
            ],
        ],
    },
    {
        title: "roles that no Job makes",
        change: { "database.roles.enabled": true, "databaseMigration.enabled": false },
        errors: [
            [
                "database.roles.enabled",
                "is true, but databaseMigration.enabled is false: its Job makes them",
                "pulumi config set --path database.roles.enabled false",
            ],
        ],
    },
    {
        title: "roles in the PostgreSQL of another chart, whose image is not known",
        change: {
            "database.roles.enabled": true,
            "chart.repository": "https://charts.example.com",
            "chart.name": "data",
            "chart.version": "1.2.3",
        },
        errors: ["repository", "tag"].map((name) => [
            `chart.values.postgresql.image.${name}`,
            "is missing: database.roles needs an image with psql",
            `pulumi config set --path chart.values.postgresql.image.${name} '<${name}>'`,
        ]),
    },
];
