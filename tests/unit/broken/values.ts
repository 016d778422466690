/** Values of the right type in the wrong form. */
import type { Broken } from "./broken.ts";

export const values: readonly Broken[] = [
    {
        title: "a host with a scheme",
        change: { "gatewayApi.ingress.hosts[0].host": "https://api.tradestream.io" },
        errors: [
            [
                "gatewayApi.ingress.hosts[0].host",
                'must be a host name such as api.example.com (lower case, no scheme, no wildcard), is "https://api.tradestream.io"',
                "pulumi config set --path 'gatewayApi.ingress.hosts[0].host' '<host>'",
            ],
        ],
    },
    {
        title: "a cluster's name as its uid",
        change: { clusterUid: "production-eu" },
        errors: [
            [
                "clusterUid",
                'must be a UUID such as 0e7c1e0a-5b8f-4d2c-9a54-3f1d6c7b8e90, is "production-eu"',
                "pulumi config set clusterUid '<clusterUid>'",
            ],
        ],
    },
    {
        title: "a schedule that never starts a run",
        change: { "notificationWorker.schedule": "0 0 30 2 *" },
        errors: [
            [
                "notificationWorker.schedule",
                'must be a schedule that starts a run at some time, is "0 0 30 2 *"',
                "pulumi config set --path notificationWorker.schedule '<schedule>'",
            ],
        ],
    },
    {
        title: "a wildcard host",
        change: { "gatewayApi.ingress.hosts[0].host": "*.tradestream.io" },
        errors: [
            [
                "gatewayApi.ingress.hosts[0].host",
                'must be a host name such as api.example.com (lower case, no scheme, no wildcard), is "*.tradestream.io"',
                "pulumi config set --path 'gatewayApi.ingress.hosts[0].host' '<host>'",
            ],
        ],
    },
    {
        title: "a host in capitals",
        change: { "agentDashboard.ingress.hosts[1].host": "WWW.tradestream.io" },
        errors: [
            [
                "agentDashboard.ingress.hosts[1].host",
                'must be a host name such as api.example.com (lower case, no scheme, no wildcard), is "WWW.tradestream.io"',
                "pulumi config set --path 'agentDashboard.ingress.hosts[1].host' '<host>'",
            ],
        ],
    },
    {
        title: "a host with a port, deep in a list",
        change: { "agentDashboard.ingress.tls[0].hosts[1]": "www.tradestream.io:443" },
        errors: [
            [
                "agentDashboard.ingress.tls[0].hosts[1]",
                'must be a host name such as api.example.com (lower case, no scheme, no wildcard), is "www.tradestream.io:443"',
                "pulumi config set --path 'agentDashboard.ingress.tls[0].hosts[1]' '<value>'",
            ],
        ],
    },
    {
        title: "a path without slash",
        change: { "agentDashboard.ingress.hosts[0].paths[0].path": "app" },
        errors: [
            [
                "agentDashboard.ingress.hosts[0].paths[0].path",
                'must be a path that begins with /, without //, /./, /../ and %2F, is "app"',
                "pulumi config set --path 'agentDashboard.ingress.hosts[0].paths[0].path' '<path>'",
            ],
        ],
    },
    {
        title: "an unknown path type",
        change: { "gatewayApi.ingress.hosts[0].paths[0].pathType": "prefix" },
        errors: [
            [
                "gatewayApi.ingress.hosts[0].paths[0].pathType",
                'must be one of Prefix, Exact, ImplementationSpecific, is "prefix"',
                "pulumi config set --path 'gatewayApi.ingress.hosts[0].paths[0].pathType' '<Prefix|Exact|ImplementationSpecific>'",
            ],
        ],
    },
    {
        title: "a quantity with a space",
        change: { "gatewayApi.resources.requests.cpu": "200 m" },
        errors: [
            [
                "gatewayApi.resources.requests.cpu",
                'must be a quantity such as 500m or 256Mi (no space), is "200 m"',
                "pulumi config set --path gatewayApi.resources.requests.cpu '<cpu>'",
            ],
        ],
    },
    {
        title: "a quantity with a wrong unit",
        change: { "gatewayApi.resources.limits.memory": "512MB" },
        errors: [
            [
                "gatewayApi.resources.limits.memory",
                'must be a quantity such as 500m or 256Mi (no space), is "512MB"',
                "pulumi config set --path gatewayApi.resources.limits.memory '<memory>'",
            ],
        ],
    },
    ...[
        ["requests.memory", "512m", "1Mi to 1Pi", "memory"],
        ["limits.memory", "256", "1Mi to 1Pi", "memory"],
        ["requests.cpu", "524M", "1m to 192", "cpu"],
        ["limits.cpu", "500Mi", "1m to 192", "cpu"],
        ["limits.cpu", "200", "1m to 192", "cpu"],
        ["requests.ephemeral-storage", "64m", "1Mi to 1Pi", "ephemeral-storage"],
    ].map(([path, value, bounds, name]): Broken => ({
        title: `${value} of ${path}`,
        change: { [`gatewayApi.resources.${path}`]: value },
        errors: [
            [
                `gatewayApi.resources.${path}`,
                `must be a quantity from ${bounds}, is "${value}"`,
                `pulumi config set --path gatewayApi.resources.${path} '<${name}>'`,
            ],
        ],
    })),
    ...["/a/../b", "/a//b", "/a/.", "/%2Fb"].map((path): Broken => ({
        title: `the path ${path} of an Ingress`,
        change: { "gatewayApi.ingress.hosts[0].paths[0].path": path },
        errors: [
            [
                "gatewayApi.ingress.hosts[0].paths[0].path",
                `must be a path that begins with /, without //, /./, /../ and %2F, is "${path}"`,
                "pulumi config set --path 'gatewayApi.ingress.hosts[0].paths[0].path' '<path>'",
            ],
        ],
    })),
    {
        title: "an address as a host",
        change: { "gatewayApi.ingress.hosts[0].host": "192.0.2.10" },
        errors: [
            [
                "gatewayApi.ingress.hosts[0].host",
                'must be a host name such as api.example.com, not an address, is "192.0.2.10"',
                "pulumi config set --path 'gatewayApi.ingress.hosts[0].host' '<host>'",
            ],
        ],
    },
    ...["europe/berlin", "EUROPE/BERLIN", "us/eastern", "Us/Eastern", "GB-eire", "Asia/KOLKATA", "Local"].map(
        (zone): Broken => ({
            title: `the time zone ${zone}`,
            change: { "notificationWorker.timeZone": zone },
            errors: [
                [
                    "notificationWorker.timeZone",
                    `must be a time zone of the IANA database such as Etc/UTC or Europe/Berlin, is "${zone}"`,
                    "pulumi config set --path notificationWorker.timeZone '<timeZone>'",
                ],
            ],
        }),
    ),
    {
        title: "port 0",
        change: { "gatewayApi.service.port": 0 },
        errors: [
            [
                "gatewayApi.service.port",
                "must be 1 or more, is 0",
                "pulumi config set --path gatewayApi.service.port '<integer>'",
            ],
        ],
    },
    {
        title: "port 65536",
        change: { "agentDashboard.containerPort": 65536 },
        errors: [
            [
                "agentDashboard.containerPort",
                "must be 65535 or less, is 65536",
                "pulumi config set --path agentDashboard.containerPort '<integer>'",
            ],
        ],
    },
    {
        title: "a port as text",
        change: { "gatewayApi.containerPort": "http" },
        errors: [
            [
                "gatewayApi.containerPort",
                'must be an integer, is "http"',
                "pulumi config set --path gatewayApi.containerPort '<integer>'",
            ],
        ],
    },
    {
        title: "a cron expression of six fields",
        change: { "notificationWorker.schedule": "0 */5 * * * *" },
        errors: [
            [
                "notificationWorker.schedule",
                'must be a cron expression of five fields such as */5 * * * *, is "0 */5 * * * *"',
                "pulumi config set --path notificationWorker.schedule '<schedule>'",
            ],
        ],
    },
    {
        title: "minute 60",
        change: { "notificationWorker.schedule": "60 * * * *" },
        errors: [
            [
                "notificationWorker.schedule",
                'must be a cron expression of five fields such as */5 * * * *, is "60 * * * *"',
                "pulumi config set --path notificationWorker.schedule '<schedule>'",
            ],
        ],
    },
    {
        title: "weekday 7, which Kubernetes does not know",
        change: { "notificationWorker.schedule": "0 8 * * 7" },
        errors: [
            [
                "notificationWorker.schedule",
                'must be a cron expression of five fields such as */5 * * * *, is "0 8 * * 7"',
                "pulumi config set --path notificationWorker.schedule '<schedule>'",
            ],
        ],
    },
    ...["https://ops:s3cr3t-4711@api.tradestream.io", "https://api.tradestream.io/?token=s3cr3t-4711"].map(
        (url): Broken => ({
            title: `an address with a secret in it: ${new URL(url).search === "" ? "a password" : "a token"}`,
            change: { "gatewayApi.urls.api": url },
            errors: [
                [
                    "gatewayApi.urls.api",
                    "must be a URL such as https://api.example.com (no user, no query, no slash at the end)",
                    "pulumi config set --path gatewayApi.urls.api '<api>'",
                ],
            ],
        }),
    ),
    {
        title: "a time zone that does not exist",
        change: { "notificationWorker.timeZone": "Europe/Frankfurt" },
        errors: [
            [
                "notificationWorker.timeZone",
                'must be a time zone of the IANA database such as Etc/UTC or Europe/Berlin, is "Europe/Frankfurt"',
                "pulumi config set --path notificationWorker.timeZone '<timeZone>'",
            ],
        ],
    },
    {
        title: "an offset where a time zone is",
        change: { "notificationWorker.timeZone": "+02:00" },
        errors: [
            [
                "notificationWorker.timeZone",
                'must be a time zone of the IANA database such as Etc/UTC or Europe/Berlin, is "+02:00"',
                "pulumi config set --path notificationWorker.timeZone '<timeZone>'",
            ],
        ],
    },
    {
        title: "an image repository with a tag",
        change: { "gatewayApi.image.repository": "tradestreamhq/gateway-api:v1.0.0" },
        errors: [
            [
                "gatewayApi.image.repository",
                'must be an image repository such as tradestreamhq/gateway-api (no tag; see image.tag), is "tradestreamhq/gateway-api:v1.0.0"',
                "pulumi config set --path gatewayApi.image.repository '<repository>'",
            ],
        ],
    },
    {
        title: "an image repository in capitals",
        change: { "gatewayApi.image.repository": "TradeStreamHQ/gateway-api" },
        errors: [
            [
                "gatewayApi.image.repository",
                'must be an image repository such as tradestreamhq/gateway-api (no tag; see image.tag), is "TradeStreamHQ/gateway-api"',
                "pulumi config set --path gatewayApi.image.repository '<repository>'",
            ],
        ],
    },
    {
        title: "a tag with a slash",
        change: { "databaseMigration.image.tag": "release/1" },
        errors: [
            [
                "databaseMigration.image.tag",
                'must be an image tag such as v1.0.0, is "release/1"',
                "pulumi config set --path databaseMigration.image.tag '<tag>'",
            ],
        ],
    },
    {
        title: "a short digest",
        change: { "gatewayApi.image.digest": "sha256:abc" },
        errors: [
            [
                "gatewayApi.image.digest",
                'must be a digest: sha256: and 64 hex digits, is "sha256:abc"',
                "pulumi config set --path gatewayApi.image.digest '<digest>'",
            ],
        ],
    },
    {
        title: "an unknown pull policy",
        change: { "gatewayApi.image.pullPolicy": "Allways" },
        errors: [
            [
                "gatewayApi.image.pullPolicy",
                'must be one of Always, IfNotPresent, Never, is "Allways"',
                "pulumi config set --path gatewayApi.image.pullPolicy '<Always|IfNotPresent|Never>'",
            ],
        ],
    },
    {
        title: "uid 0",
        change: { "gatewayApi.runAsUser": 0 },
        errors: [
            [
                "gatewayApi.runAsUser",
                "must be 1 or more, is 0",
                "pulumi config set --path gatewayApi.runAsUser '<integer>'",
            ],
        ],
    },
    {
        title: "a namespace with an underscore",
        change: { namespace: "trade_stream" },
        errors: [
            [
                "namespace",
                'must be a DNS label: lower-case letters, digits and hyphens, 63 at most, is "trade_stream"',
                "pulumi config set namespace '<namespace>'",
            ],
        ],
    },
    {
        title: "a namespace of 64 letters",
        change: { namespace: "n".repeat(64) },
        errors: [
            [
                "namespace",
                'must be a DNS label: lower-case letters, digits and hyphens, 63 at most, is "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn…"',
                "pulumi config set namespace '<namespace>'",
            ],
        ],
    },
    {
        title: "namespace default",
        change: { namespace: "default" },
        errors: [
            [
                "namespace",
                'must be a namespace of its own, not default and none of Kubernetes\' (kube-…), is "default"',
                "pulumi config set namespace '<namespace>'",
            ],
        ],
    },
    {
        title: "a namespace of Kubernetes",
        change: { namespace: "kube-system" },
        errors: [
            [
                "namespace",
                'must be a namespace of its own, not default and none of Kubernetes\' (kube-…), is "kube-system"',
                "pulumi config set namespace '<namespace>'",
            ],
        ],
    },
    {
        title: "a release name that makes a CronJob's name too long",
        change: { releaseName: "tradestream-of-the-northern-region" },
        errors: [
            [
                "releaseName",
                'must have 32 characters at most, as names are made from it, is "tradestream-of-the-northern-region"',
                "pulumi config set releaseName '<releaseName>'",
            ],
        ],
    },
    {
        title: "a Secret's name with a slash",
        change: { imagePullSecrets: ["regcred", "team/regcred"] },
        errors: [
            [
                "imagePullSecrets[1]",
                'must be a DNS name: lower-case letters, digits, hyphens and dots, 253 at most, is "team/regcred"',
                "pulumi config set --path 'imagePullSecrets[1]' '<value>'",
            ],
        ],
    },
    {
        title: "a URL with a slash at its end",
        change: { "gatewayApi.urls.api": "https://api.tradestream.io/" },
        errors: [
            [
                "gatewayApi.urls.api",
                'must be a URL such as https://api.example.com (no user, no query, no slash at the end), is "https://api.tradestream.io/"',
                "pulumi config set --path gatewayApi.urls.api '<api>'",
            ],
        ],
    },
    {
        title: "a URL without scheme",
        change: { "gatewayApi.urls.frontend": "tradestream.io" },
        errors: [
            [
                "gatewayApi.urls.frontend",
                'must be a URL such as https://api.example.com (no user, no query, no slash at the end), is "tradestream.io"',
                "pulumi config set --path gatewayApi.urls.frontend '<frontend>'",
            ],
        ],
    },
    {
        title: "an origin with a path",
        change: { "gatewayApi.cors.origins[2]": "https://app.tradestream.io/" },
        errors: [
            [
                "gatewayApi.cors.origins[2]",
                'must be an origin such as https://example.com (no path, no *), is "https://app.tradestream.io/"',
                "pulumi config set --path 'gatewayApi.cors.origins[2]' '<value>'",
            ],
        ],
    },
    {
        title: "every origin",
        change: { "gatewayApi.cors.origins[2]": "*" },
        errors: [
            [
                "gatewayApi.cors.origins[2]",
                'must be an origin such as https://example.com (no path, no *), is "*"',
                "pulumi config set --path 'gatewayApi.cors.origins[2]' '<value>'",
            ],
        ],
    },
    {
        title: "a variable with a hyphen",
        change: { "gatewayApi.env": { "LOG-LEVEL": "debug" } },
        errors: [
            [
                "gatewayApi.env.LOG-LEVEL",
                "is a wrong name: it must be a variable name: letters, digits and underscores",
                "pulumi config rm --path gatewayApi.env.LOG-LEVEL",
            ],
        ],
    },
    {
        title: "an annotation's key with a space",
        change: { "gatewayApi.podAnnotations": { "a b": "c" } },
        errors: [
            [
                'gatewayApi.podAnnotations["a b"]',
                "is a wrong name: it must be a key such as topology.kubernetes.io/zone",
                "pulumi config rm --path 'gatewayApi.podAnnotations[\"a b\"]'",
            ],
        ],
    },
    {
        title: "a node label's value with a space",
        change: { "gatewayApi.nodeSelector": { disk: "very fast" } },
        errors: [
            [
                "gatewayApi.nodeSelector.disk",
                'must be a label value: letters, digits, hyphens, dots and underscores, 63 at most, is "very fast"',
                "pulumi config set --path gatewayApi.nodeSelector.disk '<disk>'",
            ],
        ],
    },
    {
        title: "a key of a toleration that there is not",
        change: { "gatewayApi.tolerations": [{ key: "spot", effect: "NoRun" }] },
        errors: [
            [
                "gatewayApi.tolerations[0].effect",
                'must be one of NoSchedule, PreferNoSchedule, NoExecute, is "NoRun"',
                "pulumi config set --path 'gatewayApi.tolerations[0].effect' '<NoSchedule|PreferNoSchedule|NoExecute>'",
            ],
        ],
    },
    {
        title: "a target of no percent",
        change: { "gatewayApi.autoscaling.targetCPUUtilization": 0 },
        errors: [
            [
                "gatewayApi.autoscaling.targetCPUUtilization",
                "must be 1 or more, is 0",
                "pulumi config set --path gatewayApi.autoscaling.targetCPUUtilization '<integer>'",
            ],
        ],
    },
    {
        title: "an autoscaler's behaviour without policies",
        change: { "gatewayApi.autoscaling.behavior.scaleUp.policies": [] },
        errors: [
            [
                "gatewayApi.autoscaling.behavior.scaleUp.policies",
                "must not be empty",
                "pulumi config rm --path gatewayApi.autoscaling.behavior.scaleUp.policies && pulumi config set --path 'gatewayApi.autoscaling.behavior.scaleUp.policies[0].type' '<Pods|Percent>'",
            ],
        ],
    },
    {
        title: "an autoscaler's policy with a long period",
        change: {
            "gatewayApi.autoscaling.behavior.scaleDown.policies": [{ type: "Pods", value: 1, periodSeconds: 3600 }],
        },
        errors: [
            [
                "gatewayApi.autoscaling.behavior.scaleDown.policies[0].periodSeconds",
                "must be 1800 or less, is 3600",
                "pulumi config set --path 'gatewayApi.autoscaling.behavior.scaleDown.policies[0].periodSeconds' '<integer>'",
            ],
        ],
    },
    {
        title: "a chart version that is a range",
        change: { chart: { repository: "https://charts.example.com", name: "other", version: "^1.2.0" } },
        errors: [
            [
                "chart.version",
                'must be an exact version such as 1.2.3, is "^1.2.0"',
                "pulumi config set --path chart.version '<version>'",
            ],
        ],
    },
    {
        title: "an OCI reference with a tag",
        change: { chart: { oci: "oci://registry.example.com/charts/other:1.2.3", version: "1.2.3" } },
        errors: [
            [
                "chart.oci",
                'must be an OCI reference such as oci://registry.example.com/charts/tradestream (no tag; see chart.version), is "oci://registry.example.com/charts/other:1.2.3"',
                "pulumi config set --path chart.oci '<oci>'",
            ],
        ],
    },
    {
        title: "a time-out that no install makes",
        change: { chart: { timeoutSeconds: 5 } },
        errors: [
            [
                "chart.timeoutSeconds",
                "must be 30 or more, is 5",
                "pulumi config set --path chart.timeoutSeconds '<integer>'",
            ],
        ],
    },
    {
        title: "a database name with a hyphen",
        change: { "database.name": "trade-stream" },
        errors: [
            [
                "database.name",
                'must be a PostgreSQL name: lower-case letters, digits, underscores, is "trade-stream"',
                "pulumi config set --path database.name '<name>'",
            ],
        ],
    },
    {
        title: "an address with a password in it",
        change: { "gatewayApi.urls.api": "https://:hunter2@api.tradestream.io" },
        errors: [
            [
                "gatewayApi.urls.api",
                "must be a URL such as https://api.example.com (no user, no query, no slash at the end)",
                "pulumi config set --path gatewayApi.urls.api '<api>'",
            ],
        ],
    },
    ...[
        ...["10.20.0.0", "10.20.0.0/33", "10.20.0/16", "2001:db8::/129", "db.example.com/24"],
        // The API server refuses these since 1.36: leading zeros, and IPv4 in the form of IPv6.
        ...["10.20.0.0/016", "010.20.0.0/16", "::ffff:10.20.0.0/112", "fe80::%eth0/64"],
    ].map((range) => ({
        title: `the address range ${range}`,
        change: { "networkPolicy.databaseCidrs": [range] },
        errors: [
            [
                "networkPolicy.databaseCidrs[0]",
                `must be an address range such as 10.20.0.0/16, is "${range}"`,
                "pulumi config set --path 'networkPolicy.databaseCidrs[0]' '<value>'",
            ],
        ] as const,
    })),
    {
        title: "a contact that is none",
        change: { "notificationWorker.vapidSubject": "ops@tradestream.io" },
        errors: [
            [
                "notificationWorker.vapidSubject",
                'must be mailto:someone@example.com or an https URL, is "ops@tradestream.io"',
                "pulumi config set --path notificationWorker.vapidSubject '<vapidSubject>'",
            ],
        ],
    },
    {
        title: "a JWT secret that is too short",
        change: { jwtSecret: "short-s3cr3t" },
        errors: [["jwtSecret", "must have 32 characters or more", "pulumi config set --secret jwtSecret"]],
    },
    {
        title: "a JWT secret with the newline of its file",
        change: { jwtSecret: "0123456789abcdef0123456789abcdef\n" },
        errors: [["jwtSecret", "must not begin or end with white space", "pulumi config set --secret jwtSecret"]],
    },
    {
        title: "an API key with a space",
        change: { resendApiKey: "re_s3cr3t " },
        errors: [["resendApiKey", "must not contain white space", "pulumi config set --secret resendApiKey"]],
    },
    {
        title: "a password of Redis that is too short",
        change: { "redis.auth.enabled": true, redisPassword: "s3cr3t" },
        errors: [
            [
                "redisPassword",
                "must have 16 characters or more, printable ASCII without spaces",
                "pulumi config set --secret redisPassword",
            ],
        ],
    },
    {
        title: "a database URL of another database",
        change: { databaseUrl: "mysql://app:s3cr3t@db.example.com/tradestream" },
        errors: [
            [
                "databaseUrl",
                "must be a URL such as postgresql://user:password@host:5432/database, its parts percent-encoded",
                "pulumi config set --secret databaseUrl",
            ],
        ],
    },
    {
        title: "a database URL with a password that is not encoded",
        change: { databaseUrl: "postgresql://app:s3cr3t@home@db.example.com/tradestream" },
        errors: [
            [
                "databaseUrl",
                "must be a URL such as postgresql://user:password@host:5432/database, its parts percent-encoded",
                "pulumi config set --secret databaseUrl",
            ],
        ],
    },
    {
        title: "a database URL without database",
        change: { databaseUrl: "postgresql://app:s3cr3t@db.example.com" },
        errors: [
            [
                "databaseUrl",
                "must be a URL such as postgresql://user:password@host:5432/database, its parts percent-encoded",
                "pulumi config set --secret databaseUrl",
            ],
        ],
    },
    ...[
        "postgresql://app:s3cr3t@db.example.com/trade stream",
        "postgresql://app:s3cr3t@db.example.com/tradestream\n",
        "postgresql://app:s3cr3t@db.example.com:0/tradestream",
        "postgresql://app:s3cr3t%@db.example.com/tradestream",
    ].map((databaseUrl): Broken => ({
        title: `a database URL that clients read in different ways: ${JSON.stringify(databaseUrl.slice(24))}`,
        change: { databaseUrl },
        errors: [
            [
                "databaseUrl",
                "must be a URL such as postgresql://user:password@host:5432/database, its parts percent-encoded",
                "pulumi config set --secret databaseUrl",
            ],
        ],
    })),
    ...[
        "redis.example.com:6379",
        "http://:s3cr3t@redis.example.com",
        "rediss://:s3cr3t@home@redis.example.com",
        "rediss://:s3cr3t%@redis.example.com",
        "rediss://:s3cr3t@redis.example.com:0",
        "rediss://:s3cr3t@redis.example.com/cache",
        "rediss://:s3cr3t@redis.example.com\n",
    ].map((redisUrl): Broken => ({
        title: `an address of Redis that clients refuse, or read in different ways: ${JSON.stringify(redisUrl)}`,
        change: { redisUrl },
        errors: [
            [
                "redisUrl",
                "must be a URL such as rediss://:password@host:6379, its parts percent-encoded",
                "pulumi config set --secret redisUrl",
            ],
        ],
    })),
    {
        title: "a Redis of production without TLS",
        change: { redisUrl: "redis://:s3cr3t@redis.example.com" },
        errors: [["redisUrl", "is without TLS: production needs rediss://", "pulumi config set --secret redisUrl"]],
    },
    ...[
        ...["disable", "allow", "prefer", "require", "verify-ca", "VERIFY-FULL"],
        // Drivers differ on which of two counts.
        ...["verify-full&sslmode=disable", "verify-full&ssl=prefer"],
    ].map((mode): Broken => ({
        title: `a database of production with the sslmode ${mode}`,
        change: {
            databaseUrl: `postgresql://app:s3cr3t@db.example.com/tradestream?sslmode=${mode}`,
            "networkPolicy.databaseCidrs": ["10.20.0.0/16"],
        },
        errors: [
            [
                "databaseUrl",
                "has a weak sslmode: production needs sslmode=verify-full, with the authority in sslrootcert " +
                    "(database.tls.secretName mounts it as /etc/database-tls/ca.crt)",
                "pulumi config set --secret databaseUrl",
            ],
        ],
    })),
    {
        title: "a release name that older clusters take for no Service's name",
        change: { releaseName: "1-tradestream" },
        errors: [
            [
                "releaseName",
                'must begin with a letter, as names of Services are made from it, is "1-tradestream"',
                "pulumi config set releaseName '<releaseName>'",
            ],
        ],
    },
    {
        title: "a deadline that no run reaches",
        change: { "databaseMigration.activeDeadlineSeconds": 9e15 },
        errors: [
            [
                "databaseMigration.activeDeadlineSeconds",
                "must be 604800 or less, is 9000000000000000",
                "pulumi config set --path databaseMigration.activeDeadlineSeconds '<integer>'",
            ],
        ],
    },
    ...["https://registry.example.com", "registry.example.com/", "mirror"].map((registry): Broken => ({
        title: `an image registry such as ${registry}`,
        change: { imageRegistry: registry },
        errors: [
            [
                "imageRegistry",
                `must be an image registry such as registry.example.com/mirror (no scheme, no slash at the end), is "${registry}"`,
                "pulumi config set imageRegistry '<imageRegistry>'",
            ],
        ],
    })),
    ...([0, 65536, 99999] as const).map((port): Broken => ({
        title: `the port ${port} in a registry, an OCI reference and a URL`,
        change: {
            imageRegistry: `registry.example.com:${port}/mirror`,
            "chart.oci": `oci://registry.example.com:${port}/charts/tradestream`,
            "proxy.https": `http://proxy.example.com:${port}`,
        },
        errors: [
            [
                "imageRegistry",
                `must have a port from 1 to 65535, is "registry.example.com:${port}/mirror"`,
                "pulumi config set imageRegistry '<imageRegistry>'",
            ],
            [
                "proxy.https",
                `must be a URL such as http://proxy.example.com:3128 (no user, no path), is "http://proxy.example.com:${port}"`,
                "pulumi config set --path proxy.https '<https>'",
            ],
            [
                "chart.oci",
                `must have a port from 1 to 65535, is "oci://registry.example.com:${port}/charts/tradestream"`,
                "pulumi config set --path chart.oci '<oci>'",
            ],
        ],
    })),
    ...["//app", "/./app", "/../app", "/.", "/..", "/app//", "/app/..", "/app/%2F"].map((path): Broken => ({
        title: `the path ${path} of an Ingress`,
        change: { "gatewayApi.ingress.hosts[0].paths[0].path": path },
        errors: [
            [
                "gatewayApi.ingress.hosts[0].paths[0].path",
                `must be a path that begins with /, without //, /./, /../ and %2F, is "${path}"`,
                "pulumi config set --path 'gatewayApi.ingress.hosts[0].paths[0].path' '<path>'",
            ],
        ],
    })),
    {
        title: "a registry on a port that there is not",
        change: { "gatewayApi.image.repository": "registry.example.com:99999/gateway-api" },
        errors: [
            [
                "gatewayApi.image.repository",
                'must have a port of its registry from 1 to 65535, is "registry.example.com:99999/gateway-api"',
                "pulumi config set --path gatewayApi.image.repository '<repository>'",
            ],
        ],
    },
    {
        title: "VAPID keys in hex",
        change: { vapidPrivateKey: "ab".repeat(32), vapidPublicKey: "04".repeat(65) },
        errors: [
            [
                "vapidPrivateKey",
                "must be a P-256 private key: 32 bytes in base64url, 43 characters (npx web-push generate-vapid-keys)",
                "pulumi config set --secret vapidPrivateKey",
            ],
            [
                "vapidPublicKey",
                "must be a P-256 public key: 65 bytes in base64url, 87 characters (npx web-push generate-vapid-keys)",
                "pulumi config set --secret vapidPublicKey",
            ],
        ],
    },
    {
        title: "a secret for the chart with a number",
        change: { chartSecrets: { coinmarketcap: { apiKey: 12345678 } } },
        errors: [
            [
                "chartSecrets.coinmarketcap.apiKey",
                "must be a string (in the file, put it in quotes)",
                "pulumi config set --secret --path chartSecrets.coinmarketcap.apiKey",
            ],
        ],
    },
    {
        title: "a secret for the chart that is empty",
        change: { chartSecrets: { coinmarketcap: { apiKey: "" } } },
        errors: [
            [
                "chartSecrets.coinmarketcap.apiKey",
                "must not be empty",
                "pulumi config set --secret --path chartSecrets.coinmarketcap.apiKey",
            ],
        ],
    },
    {
        title: "secrets for the chart as text",
        change: { chartSecrets: "s3cr3t" },
        errors: [
            [
                "chartSecrets",
                "must be an object (text that is not JSON)",
                "pulumi config set --secret --path 'chartSecrets.<name>.<name>'",
            ],
        ],
    },
];
