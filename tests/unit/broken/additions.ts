/** What a stack adds to pods, in wrong forms. */
import type { Broken } from "./broken.ts";

export const additions: readonly Broken[] = [
    {
        title: "a variable from a Secret without its key",
        change: { "gatewayApi.env.STRIPE_KEY": { secretKeyRef: { name: "stripe" } } },
        errors: [
            [
                "gatewayApi.env.STRIPE_KEY.secretKeyRef.key",
                "is missing: key in the Secret",
                "pulumi config set --path gatewayApi.env.STRIPE_KEY.secretKeyRef.key '<key>'",
            ],
        ],
    },
    {
        title: "a variable as in a container's list, with valueFrom",
        change: { "gatewayApi.env.STRIPE_KEY": { valueFrom: { secretKeyRef: { name: "stripe", key: "key" } } } },
        errors: [
            [
                "gatewayApi.env.STRIPE_KEY.valueFrom",
                "is not a known key",
                "pulumi config rm --path gatewayApi.env.STRIPE_KEY.valueFrom",
            ],
            [
                "gatewayApi.env.STRIPE_KEY",
                "must be text, or have either secretKeyRef or configMapKeyRef",
                "pulumi config rm --path gatewayApi.env.STRIPE_KEY && " +
                    "pulumi config set --path gatewayApi.env.STRIPE_KEY.secretKeyRef.name '<name>'",
            ],
        ],
    },
    {
        title: "a variable from two sources",
        change: {
            "gatewayApi.env.STRIPE_KEY": {
                secretKeyRef: { name: "stripe", key: "key" },
                configMapKeyRef: { name: "stripe", key: "key" },
            },
        },
        errors: [
            [
                "gatewayApi.env.STRIPE_KEY",
                "must be text, or have either secretKeyRef or configMapKeyRef",
                "pulumi config rm --path gatewayApi.env.STRIPE_KEY && " +
                    "pulumi config set --path gatewayApi.env.STRIPE_KEY.secretKeyRef.name '<name>'",
            ],
        ],
    },
    {
        title: "a variable of the program from another Secret",
        change: { "gatewayApi.env.DATABASE_URL": { secretKeyRef: { name: "mine", key: "url" } } },
        errors: [
            [
                "gatewayApi.env.DATABASE_URL",
                "belongs to the program: it follows from databaseUrl",
                "pulumi config rm --path gatewayApi.env.DATABASE_URL",
            ],
        ],
    },
    {
        title: "variables from nowhere",
        change: { "gatewayApi.envFrom": [{ prefix: "STRIPE_" }] },
        errors: [
            [
                "gatewayApi.envFrom[0]",
                "must have either secretRef or configMapRef",
                "pulumi config rm --path 'gatewayApi.envFrom[0]' && " +
                    "pulumi config set --path 'gatewayApi.envFrom[0].prefix' '<prefix>'",
            ],
        ],
    },
    {
        title: "a sidecar without resources, with an image that moves",
        change: { "gatewayApi.sidecars": [{ name: "proxy", image: "example.com/proxy" }] },
        errors: [
            [
                "gatewayApi.sidecars[0].image",
                'must be an image with its tag or digest, such as registry.example.com/proxy:v1.2.3, is "example.com/proxy"',
                "pulumi config set --path 'gatewayApi.sidecars[0].image' '<image>'",
            ],
            [
                "gatewayApi.sidecars[0].resources",
                "is missing: requests and limits of the container",
                "pulumi config set --path 'gatewayApi.sidecars[0].resources.requests.cpu' '<cpu>'",
            ],
        ],
    },
    {
        title: "an init container without a limit of its memory",
        change: {
            "databaseMigration.initContainers": [
                {
                    name: "wait",
                    image: "example.com/wait:v1",
                    resources: { requests: { cpu: "10m", memory: "16Mi" }, limits: { cpu: "10m" } },
                },
            ],
        },
        errors: [
            [
                "databaseMigration.initContainers[0].resources.limits.memory",
                "is missing: memory, in bytes",
                "pulumi config set --path 'databaseMigration.initContainers[0].resources.limits.memory' '<memory>'",
            ],
        ],
    },
    {
        title: "a volume of the node",
        change: { "gatewayApi.volumes": [{ name: "logs", mountPath: "/logs", hostPath: { path: "/var/log" } }] },
        errors: [
            [
                "gatewayApi.volumes[0].hostPath",
                "is not a known key",
                "pulumi config rm --path 'gatewayApi.volumes[0].hostPath'",
            ],
            [
                "gatewayApi.volumes[0]",
                "must have one of configMap, secret, emptyDir, persistentVolumeClaim",
                "pulumi config rm --path 'gatewayApi.volumes[0]' && " +
                    "pulumi config set --path 'gatewayApi.volumes[0].name' '<name>'",
            ],
        ],
    },
    {
        title: "a scratch volume without limit",
        change: { "gatewayApi.volumes": [{ name: "cache", mountPath: "/cache", emptyDir: {} }] },
        errors: [
            [
                "gatewayApi.volumes[0].emptyDir.sizeLimit",
                "is missing: most that it may hold, in bytes",
                "pulumi config set --path 'gatewayApi.volumes[0].emptyDir.sizeLimit' '<sizeLimit>'",
            ],
        ],
    },
    {
        title: "a scratch volume that the pod's local disk cannot hold",
        change: { "databaseMigration.volumes": [{ name: "dump", mountPath: "/dump", emptyDir: { sizeLimit: "1Gi" } }] },
        errors: [
            [
                "databaseMigration.volumes[0].emptyDir.sizeLimit",
                "is 1Gi: with it, the emptyDir volumes (1024Mi) exceed the pod's local disk " +
                    "(databaseMigration.resources.limits.ephemeral-storage, 256Mi)",
                "pulumi config set --path databaseMigration.resources.limits.ephemeral-storage 1024Mi",
            ],
        ],
    },
    {
        title: "scratch volumes that the pod's local disk cannot hold together",
        change: {
            "databaseMigration.volumes": [
                { name: "dump", mountPath: "/dump", emptyDir: { sizeLimit: "200Mi" } },
                { name: "work", mountPath: "/work", emptyDir: { sizeLimit: "200Mi" } },
            ],
        },
        errors: [
            [
                "databaseMigration.volumes[1].emptyDir.sizeLimit",
                "is 200Mi: with it, the emptyDir volumes (400Mi) exceed the pod's local disk " +
                    "(databaseMigration.resources.limits.ephemeral-storage, 256Mi)",
                "pulumi config set --path databaseMigration.resources.limits.ephemeral-storage 400Mi",
            ],
        ],
    },
    {
        title: "a volume in place of a directory of the system",
        change: { "gatewayApi.volumes": [{ name: "x", mountPath: "/dev/x", configMap: { name: "x" } }] },
        errors: [
            [
                "gatewayApi.volumes[0].mountPath",
                'must be a path outside of /dev, /proc, /sys and /var/run/secrets, which belong to the system, is "/dev/x"',
                "pulumi config set --path 'gatewayApi.volumes[0].mountPath' '<mountPath>'",
            ],
        ],
    },
    ...(
        [
            ["tmp", "/tmp"],
            ["ca-bundle", "/etc/ca-bundle"],
            ["database-tls", "/etc/database-tls"],
        ] as const
    ).map(([name, mountPath]): Broken => ({
        title: `a volume in place of the program's own ${name}`,
        change: { "gatewayApi.volumes": [{ name, mountPath, configMap: { name: "x" } }] },
        errors: [
            [
                "gatewayApi.volumes[0].name",
                `must be another name than tmp, ca-bundle and database-tls, volumes of the program's own, is "${name}"`,
                "pulumi config set --path 'gatewayApi.volumes[0].name' '<name>'",
            ],
            [
                "gatewayApi.volumes[0].mountPath",
                `must be another path than /tmp, /etc/ca-bundle and /etc/database-tls, which the program mounts, is "${mountPath}"`,
                "pulumi config set --path 'gatewayApi.volumes[0].mountPath' '<mountPath>'",
            ],
        ],
    })),
    {
        title: "a volume that may hold nothing",
        change: { "gatewayApi.volumes": [{ name: "cache", mountPath: "/cache", emptyDir: { sizeLimit: "0" } }] },
        errors: [
            [
                "gatewayApi.volumes[0].emptyDir.sizeLimit",
                'must be a quantity from 1Mi to 1Pi, is "0"',
                "pulumi config set --path 'gatewayApi.volumes[0].emptyDir.sizeLimit' '<sizeLimit>'",
            ],
        ],
    },
    {
        title: "two volumes with one name in one directory",
        change: {
            "gatewayApi.volumes": [
                { name: "certificates", mountPath: "/certificates", secret: { secretName: "a" } },
                { name: "certificates", mountPath: "/certificates", secret: { secretName: "b" } },
            ],
        },
        errors: [
            [
                "gatewayApi.volumes[1].name",
                "is certificates, which another volume has already",
                "pulumi config set --path 'gatewayApi.volumes[1].name' '<name>'",
            ],
            [
                "gatewayApi.volumes[1].mountPath",
                "is /certificates, which another volume has already",
                "pulumi config set --path 'gatewayApi.volumes[1].mountPath' '<mountPath>'",
            ],
        ],
    },
    {
        title: "labels that the program relies on",
        change: { "agentDashboard.podLabels": { "app.kubernetes.io/component": "gateway-api", team: "trading" } },
        errors: [
            [
                'agentDashboard.podLabels["app.kubernetes.io/component"]',
                "belongs to the program: the program sets the label of this name",
                `pulumi config rm --path 'agentDashboard.podLabels["app.kubernetes.io/component"]'`,
            ],
        ],
    },
    ...["0.0.0.0/0", "128.0.0.0/1", "::/0", "0:0:0:0:0:0:0:0/0", "2000::/3"].map((range): Broken => ({
        title: `egress to everywhere as ${range}`,
        change: { "gatewayApi.networkPolicy.egress": [{ cidrs: [range], ports: [587] }] },
        errors: [
            [
                "gatewayApi.networkPolicy.egress[0].cidrs[0]",
                "must be an address range without bits after the prefix such as 10.20.0.0/16; for all public addresses, " +
                    `set public, is "${range}"`,
                "pulumi config set --path 'gatewayApi.networkPolicy.egress[0].cidrs[0]' '<value>'",
            ],
        ],
    })),
    {
        title: "egress to everywhere in parts",
        change: {
            "gatewayApi.networkPolicy.egress": [{ cidrs: ["0.0.0.0/2", "64.0.0.0/3", "96.0.0.0/3"], ports: [587] }],
        },
        errors: [
            [
                "gatewayApi.networkPolicy.egress[0].cidrs",
                "must not be all addresses together; for all public addresses, set public",
                "pulumi config rm --path 'gatewayApi.networkPolicy.egress[0].cidrs' && " +
                    "pulumi config set --path 'gatewayApi.networkPolicy.egress[0].cidrs[0]' '<value>'",
            ],
        ],
    },
    {
        title: "egress to nobody, on any port",
        change: { "databaseMigration.networkPolicy.egress": [{}] },
        errors: [
            [
                "databaseMigration.networkPolicy.egress[0].ports",
                "is missing: ports",
                "pulumi config set --path 'databaseMigration.networkPolicy.egress[0].ports[0]' '<integer>'",
            ],
        ],
    },
    {
        title: "egress of a policy that is off",
        change: {
            "networkPolicy.defaultDeny": false,
            environment: "staging",
            "gatewayApi.networkPolicy": { enabled: false, egress: [{ namespace: "vault", ports: [8200] }] },
        },
        errors: [
            [
                "gatewayApi.networkPolicy.egress",
                "adds to a policy that gatewayApi.networkPolicy.enabled switches off",
                "pulumi config set --path gatewayApi.networkPolicy.enabled true",
            ],
        ],
    },
];
