/** Wrong keys and wrong types: what YAML, JSON and old habits bring. */
import type { Broken } from "./broken.ts";

export const shapes: readonly Broken[] = [
    {
        title: "an unknown top-level key, near a known one",
        change: { imagePulSecrets: "regcred" },
        errors: [
            [
                "imagePulSecrets",
                "is not a known key; did you mean imagePullSecrets?",
                "pulumi config rm imagePulSecrets && pulumi config set --path 'imagePullSecrets[0]' '<value>'",
            ],
        ],
    },
    {
        title: "an unknown top-level key, near nothing",
        change: { zebra: "1" },
        errors: [["zebra", "is not a known key", "pulumi config rm zebra"]],
    },
    {
        title: "an unknown top-level key that has its place elsewhere",
        change: { cors: { origins: [] } },
        errors: [["cors", "is not a known key; did you mean gatewayApi.cors?", "pulumi config rm cors"]],
    },
    {
        title: "an unknown key, one letter off, with a number",
        change: { "gatewayApi.replcaCount": 3 },
        errors: [
            [
                "gatewayApi.replcaCount",
                "is not a known key; did you mean gatewayApi.replicaCount?",
                "pulumi config rm --path gatewayApi.replcaCount && pulumi config set --path gatewayApi.replicaCount 3",
            ],
        ],
    },
    {
        title: "an unknown key, with text that may be a secret",
        change: { "gatewayApi.image.tga": "s3cr3t-t4g" },
        errors: [
            [
                "gatewayApi.image.tga",
                "is not a known key; did you mean gatewayApi.image.tag?",
                "pulumi config rm --path gatewayApi.image.tga && pulumi config set --path gatewayApi.image.tag '<tag>'",
            ],
        ],
    },
    {
        title: "a key that has its place elsewhere in the same branch",
        change: { "gatewayApi.poolSize": 5 },
        errors: [
            [
                "gatewayApi.poolSize",
                "is not a known key; did you mean gatewayApi.database.poolSize?",
                "pulumi config rm --path gatewayApi.poolSize && pulumi config set --path gatewayApi.database.poolSize 5",
            ],
        ],
    },
    {
        title: "a key shortened by hand",
        change: { "gatewayApi.autoscaling.targetCPU": 70 },
        errors: [
            [
                "gatewayApi.autoscaling.targetCPU",
                "is not a known key; did you mean gatewayApi.autoscaling.targetCPUUtilization?",
                "pulumi config rm --path gatewayApi.autoscaling.targetCPU && pulumi config set --path gatewayApi.autoscaling.targetCPUUtilization 70",
            ],
        ],
    },
    {
        title: "the word that Deployments use",
        change: { "gatewayApi.replicas": 3 },
        errors: [
            [
                "gatewayApi.replicas",
                "is not a known key; did you mean gatewayApi.replicaCount?",
                "pulumi config rm --path gatewayApi.replicas && pulumi config set --path gatewayApi.replicaCount 3",
            ],
        ],
    },
    {
        title: "an unknown key in a list",
        change: { "gatewayApi.ingress.hosts[0].hots": "x.example.com" },
        errors: [
            [
                "gatewayApi.ingress.hosts[0].hots",
                "is not a known key; did you mean gatewayApi.ingress.hosts[0].host?",
                "pulumi config rm --path 'gatewayApi.ingress.hosts[0].hots' && pulumi config set --path 'gatewayApi.ingress.hosts[0].host' '<host>'",
            ],
        ],
    },
    {
        title: "an unknown key in a list within a list",
        change: { "agentDashboard.ingress.hosts[1].paths[0].pathTyp": "Exact" },
        errors: [
            [
                "agentDashboard.ingress.hosts[1].paths[0].pathTyp",
                "is not a known key; did you mean agentDashboard.ingress.hosts[1].paths[0].pathType?",
                "pulumi config rm --path 'agentDashboard.ingress.hosts[1].paths[0].pathTyp' && pulumi config set --path 'agentDashboard.ingress.hosts[1].paths[0].pathType' '<Prefix|Exact|ImplementationSpecific>'",
            ],
        ],
    },
    {
        title: "an unknown key deep in the autoscaler",
        change: { "gatewayApi.autoscaling.behavior.scaleDown.stabilisationWindowSeconds": 60 },
        errors: [
            [
                "gatewayApi.autoscaling.behavior.scaleDown.stabilisationWindowSeconds",
                "is not a known key; did you mean gatewayApi.autoscaling.behavior.scaleDown.stabilizationWindowSeconds?",
                "pulumi config rm --path gatewayApi.autoscaling.behavior.scaleDown.stabilisationWindowSeconds && pulumi config set --path gatewayApi.autoscaling.behavior.scaleDown.stabilizationWindowSeconds 60",
            ],
        ],
    },
    {
        title: "an unknown resource",
        change: { "notificationWorker.resources.limits.memmory": "1Gi" },
        errors: [
            [
                "notificationWorker.resources.limits.memmory",
                "is not a known key; did you mean notificationWorker.resources.limits.memory?",
                "pulumi config rm --path notificationWorker.resources.limits.memmory && pulumi config set --path notificationWorker.resources.limits.memory '<memory>'",
            ],
        ],
    },
    {
        title: "an unknown kind of affinity",
        change: { "gatewayApi.affinity.podAntiaffinity": {} },
        errors: [
            [
                "gatewayApi.affinity.podAntiaffinity",
                "is not a known key; did you mean gatewayApi.affinity.podAntiAffinity?",
                "pulumi config rm --path gatewayApi.affinity.podAntiaffinity",
            ],
        ],
    },
    {
        title: "a key in another case",
        change: { "gatewayApi.database.poolsize": 5 },
        errors: [
            [
                "gatewayApi.database.poolsize",
                "is not a known key; did you mean gatewayApi.database.poolSize?",
                "pulumi config rm --path gatewayApi.database.poolsize && pulumi config set --path gatewayApi.database.poolSize 5",
            ],
        ],
    },
    {
        title: "the specification's place of the JWT secret",
        change: { "authSecrets.jwtSecret": "0123456789abcdef0123456789abcdef" },
        errors: [
            [
                "authSecrets.jwtSecret",
                "is not a known key; it is the top-level secret jwtSecret",
                "pulumi config rm --path authSecrets.jwtSecret && pulumi config set --secret jwtSecret",
            ],
        ],
    },
    {
        title: "the specification's place of the Resend key, empty",
        change: { "authSecrets.resendApiKey": "" },
        errors: [
            [
                "authSecrets.resendApiKey",
                "is not a known key; it is the top-level secret resendApiKey",
                "pulumi config rm --path authSecrets.resendApiKey && pulumi config set --secret resendApiKey",
            ],
        ],
    },
    {
        title: "the specification's places of the OAuth clients",
        change: { "oauthSecrets.google": { clientId: "id-of-google", clientSecret: "s3cr3t" } },
        errors: [
            [
                "oauthSecrets.google.clientId",
                "is not a known key; it is the top-level secret googleClientId",
                "pulumi config rm --path oauthSecrets.google.clientId && pulumi config set --secret googleClientId",
            ],
            [
                "oauthSecrets.google.clientSecret",
                "is not a known key; it is the top-level secret googleClientSecret",
                "pulumi config rm --path oauthSecrets.google.clientSecret && pulumi config set --secret googleClientSecret",
            ],
        ],
    },
    {
        title: "the specification's place of an OAuth client, with nothing in it",
        change: { "oauthSecrets.github": {} },
        errors: [
            [
                "oauthSecrets.github",
                "is not a known key; githubClientId and githubClientSecret took its place",
                "pulumi config rm --path oauthSecrets.github",
            ],
        ],
    },
    {
        title: "the specification's place of a VAPID key",
        change: { "notificationSecrets.vapidPrivateKey": "x" },
        errors: [
            [
                "notificationSecrets.vapidPrivateKey",
                "is not a known key; it is the top-level secret vapidPrivateKey",
                "pulumi config rm --path notificationSecrets.vapidPrivateKey && pulumi config set --secret vapidPrivateKey",
            ],
        ],
    },
    {
        title: "no environment",
        change: { environment: undefined },
        errors: [
            [
                "environment",
                "is missing: environment of the stack; production has stricter rules",
                "pulumi config set environment '<local|staging|production>'",
            ],
        ],
    },
    {
        title: "an unknown environment",
        change: { environment: "prod" },
        errors: [
            [
                "environment",
                'must be one of local, staging, production, is "prod"',
                "pulumi config set environment '<local|staging|production>'",
            ],
        ],
    },
    {
        title: "no gatewayApi",
        change: { gatewayApi: undefined },
        errors: [
            [
                "gatewayApi",
                "is missing: gateway-api: the backend",
                "pulumi config set --path gatewayApi.urls.api '<api>'",
            ],
        ],
    },
    {
        title: "a missing address",
        change: { "gatewayApi.urls.frontend": undefined },
        errors: [
            [
                "gatewayApi.urls.frontend",
                "is missing: public address of the dashboard",
                "pulumi config set --path gatewayApi.urls.frontend '<frontend>'",
            ],
        ],
    },
    {
        title: "a host without host",
        change: { "gatewayApi.ingress.hosts[0].host": undefined },
        errors: [
            [
                "gatewayApi.ingress.hosts[0].host",
                "is missing: host name of the requests",
                "pulumi config set --path 'gatewayApi.ingress.hosts[0].host' '<host>'",
            ],
        ],
    },
    {
        title: "a certificate without Secret",
        change: { "agentDashboard.ingress.tls[0].secretName": undefined },
        errors: [
            [
                "agentDashboard.ingress.tls[0].secretName",
                "is missing: secret of the certificate; cert-manager creates it",
                "pulumi config set --path 'agentDashboard.ingress.tls[0].secretName' '<secretName>'",
            ],
        ],
    },
    {
        title: "a number where an annotation is",
        change: { 'gatewayApi.ingress.annotations["nginx.ingress.kubernetes.io/proxy-read-timeout"]': 3600 },
        errors: [
            [
                'gatewayApi.ingress.annotations["nginx.ingress.kubernetes.io/proxy-read-timeout"]',
                "must be a string, is 3600 (in the file, put it in quotes)",
                "pulumi config set --path 'gatewayApi.ingress.annotations[\"nginx.ingress.kubernetes.io/proxy-read-timeout\"]' --type string 3600",
            ],
        ],
    },
    {
        title: "a boolean where an annotation is",
        change: { 'gatewayApi.podAnnotations["example.com/inject"]': true },
        errors: [
            [
                'gatewayApi.podAnnotations["example.com/inject"]',
                "must be a string, is true (in the file, put it in quotes)",
                "pulumi config set --path 'gatewayApi.podAnnotations[\"example.com/inject\"]' --type string true",
            ],
        ],
    },
    {
        title: "a number where a variable is",
        change: { "gatewayApi.env.WORKERS": 4 },
        errors: [
            [
                "gatewayApi.env.WORKERS",
                "must be a string, is 4 (in the file, put it in quotes)",
                "pulumi config set --path gatewayApi.env.WORKERS --type string 4",
            ],
        ],
    },
    {
        title: "a fraction where a tag is",
        change: { "gatewayApi.image.tag": 1.1 },
        errors: [
            [
                "gatewayApi.image.tag",
                "must be a string, is 1.1 (in the file, put it in quotes)",
                "pulumi config set --path gatewayApi.image.tag '<tag>'",
            ],
        ],
    },
    {
        title: "text where a number is",
        change: { "gatewayApi.replicaCount": "3" },
        errors: [
            [
                "gatewayApi.replicaCount",
                'must be an integer, is "3"',
                "pulumi config set --path gatewayApi.replicaCount 3",
            ],
        ],
    },
    {
        title: "a word where a number is",
        change: { "gatewayApi.rateLimit.perMinute": "many" },
        errors: [
            [
                "gatewayApi.rateLimit.perMinute",
                'must be an integer, is "many"',
                "pulumi config set --path gatewayApi.rateLimit.perMinute '<integer>'",
            ],
        ],
    },
    {
        title: "a fraction where a whole number is",
        change: { "gatewayApi.replicaCount": 2.5 },
        errors: [
            [
                "gatewayApi.replicaCount",
                "must be an integer, is 2.5",
                "pulumi config set --path gatewayApi.replicaCount '<integer>'",
            ],
        ],
    },
    {
        title: "yes where a boolean is",
        change: { "gatewayApi.ingress.enabled": "yes" },
        errors: [
            [
                "gatewayApi.ingress.enabled",
                'must be true or false, is "yes"',
                "pulumi config set --path gatewayApi.ingress.enabled true",
            ],
        ],
    },
    {
        title: "a word where a top-level boolean is",
        change: { protect: "off" },
        errors: [["protect", 'must be true or false, is "off"', "pulumi config set protect false"]],
    },
    {
        title: "a word where a top-level number is",
        change: { jwtSecretVersion: "two" },
        errors: [
            ["jwtSecretVersion", 'must be an integer, is "two"', "pulumi config set jwtSecretVersion '<integer>'"],
        ],
    },
    {
        title: "null where an object is",
        change: { "agentDashboard.ingress": null },
        errors: [
            [
                "agentDashboard.ingress",
                "is null (the key has no value): it must be an object",
                "pulumi config rm --path agentDashboard.ingress",
            ],
        ],
    },
    {
        title: "null where a number is",
        change: { "gatewayApi.service.port": null },
        errors: [
            [
                "gatewayApi.service.port",
                "is null (the key has no value): it must be an integer",
                "pulumi config rm --path gatewayApi.service.port",
            ],
        ],
    },
    {
        title: "null where a whole key is",
        change: { notificationWorker: null },
        errors: [
            [
                "notificationWorker",
                "is null (the key has no value): it must be an object",
                "pulumi config rm notificationWorker",
            ],
        ],
    },
    {
        title: "a list with a hole",
        change: { "gatewayApi.ingress.tls": [null] },
        errors: [
            [
                "gatewayApi.ingress.tls[0]",
                "is null (the key has no value): it must be an object",
                "pulumi config rm --path 'gatewayApi.ingress.tls[0]'",
            ],
        ],
    },
    {
        title: "an object where a list is",
        change: { "gatewayApi.tolerations": { key: "spot" } },
        errors: [
            [
                "gatewayApi.tolerations",
                "must be a list, is an object",
                "pulumi config rm --path gatewayApi.tolerations && pulumi config set --path 'gatewayApi.tolerations[0].key' '<key>'",
            ],
        ],
    },
    {
        title: "a list where an object is",
        change: { "gatewayApi.nodeSelector": ["disk=ssd"] },
        errors: [
            [
                "gatewayApi.nodeSelector",
                "must be an object, is a list",
                "pulumi config rm --path gatewayApi.nodeSelector && pulumi config set --path 'gatewayApi.nodeSelector.<name>' '<value>'",
            ],
        ],
    },
    {
        title: "JSON as text in an object",
        change: { "gatewayApi.nodeSelector": '{"disk":"ssd"}' },
        errors: [
            [
                "gatewayApi.nodeSelector",
                'must be an object, is "{\\"disk\\":\\"ssd\\"}" (a single string; set its members one by one)',
                "pulumi config rm --path gatewayApi.nodeSelector && pulumi config set --path 'gatewayApi.nodeSelector.<name>' '<value>'",
            ],
        ],
    },
    {
        title: "text as text in a list",
        change: { "gatewayApi.cors.origins": "https://tradestream.io" },
        errors: [
            [
                "gatewayApi.cors.origins",
                'must be a list, is "https://tradestream.io" (a single string; set its members one by one)',
                "pulumi config rm --path gatewayApi.cors.origins && pulumi config set --path 'gatewayApi.cors.origins[0]' '<value>'",
            ],
        ],
    },
    {
        title: "text that is no JSON",
        change: { agentDashboard: "{enabled: true" },
        errors: [
            [
                "agentDashboard",
                'must be an object, is "{enabled: true" (text that is not JSON)',
                "pulumi config rm agentDashboard && pulumi config set --path agentDashboard.enabled '<true|false>'",
            ],
        ],
    },
    {
        title: "a number where an object is",
        change: { chart: "5" },
        errors: [
            [
                "chart",
                "must be an object, is 5",
                "pulumi config rm chart && pulumi config set --path chart.path '<path>'",
            ],
        ],
    },
    {
        title: "a negative number that must be text",
        change: { "notificationWorker.telegramChatId": -1001234567890, telegramBotToken: "123:abc" },
        errors: [
            [
                "notificationWorker.telegramChatId",
                "must be a string, is -1001234567890 (in the file, put it in quotes)",
                "pulumi config set --path notificationWorker.telegramChatId --type string -- -1001234567890",
            ],
        ],
    },
];
