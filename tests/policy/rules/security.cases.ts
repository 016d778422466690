import { LONG_RUNNING_KINDS, POD_KINDS } from "../../../policy-pack/model/object.ts";
import { breaks, keeps, type RuleCases } from "./cases.ts";

const C = "pod:containers[0]";
const S = `${C}.securityContext`;
const P = "pod:securityContext";

/** Connections to a database outside the cluster by which somebody between may answer in its place. */
const UNVERIFIED = [
    ...["disable", "allow", "prefer", "require", "verify-ca", "no-verify"].map(
        (mode) => `postgresql://shop:$(PASSWORD)@db.example.com:5432/shop?sslmode=${mode}`,
    ),
    "postgres://shop@db.example.com/shop",
    "postgresql+asyncpg://shop@db.eu-central-1.rds.amazonaws.com/shop?ssl=require",
    "jdbc:postgresql://db.example.com/shop?user=shop&sslmode=prefer",
    "postgres://shop@203.0.113.7:6432/shop?application_name=api&sslmode=disable",
    "postgres://shop@database,replica.example.com:5433/shop",
    "host=db.example.com port=5432 dbname=shop sslmode=require",
];

/** Connections that verify, that stay in the cluster, or of which nothing can be said. */
const VERIFIED = [
    "postgresql://shop@db.example.com/shop?sslmode=verify-full&sslrootcert=/etc/ca.crt",
    "postgresql+asyncpg://shop@db.example.com/shop?ssl=verify-full",
    "postgresql://shop@db.example.com/shop?sslmode=require&sslaccept=strict",
    "postgresql://shop@db.example.com/shop?sslrootcert=system",
    "postgresql://shop@db.example.com/shop?ssl=true",
    "postgres://shop@database/shop",
    "postgres://shop@database.shop/shop?sslmode=disable",
    "postgres://shop@database-0.database.shop:5432/shop?sslmode=disable",
    "postgres://shop@database.other.svc:5432/shop",
    "postgres://shop@database.other.svc.cluster.local/shop",
    "postgres://shop@localhost:5432/shop?sslmode=disable",
    "postgres://shop@127.0.0.1/shop",
    "postgres://shop@10.20.0.5/shop?sslmode=disable",
    "postgres://shop@[::1]/shop",
    "postgres://$(USER):$(PASSWORD)@$(HOST)/shop",
    "postgres://{{ user }}@{{ host }}/shop",
    "postgresql:///shop?host=/cloudsql/project:region:name",
    "mysql://shop@db.example.com/shop",
    "host=database dbname=shop sslmode=disable",
    "host=db.example.com dbname=shop sslmode=verify-full",
    "https://www.postgresql.org/docs/current/",
];
const WEAK = "holds a connection to a database outside the cluster that does not verify the server";

/** Has cert-manager make a Secret. */
const certificate = (secretName: string) => ({
    apiVersion: "cert-manager.io/v1",
    kind: "Certificate",
    metadata: { name: "certificate", namespace: "shop" },
    spec: { secretName },
});

const externalSecret = (name: string, spec = {}) => ({
    apiVersion: "external-secrets.io/v1",
    kind: "ExternalSecret",
    metadata: { name, namespace: "shop" },
    spec,
});

export const SECURITY: readonly RuleCases[] = [
    {
        rule: "privileged",
        on: POD_KINDS,
        breaks: [breaks({ [`${S}.privileged`]: true }, `${S}.privileged`, 'container "main" is privileged')],
        keeps: [keeps({ [`${S}.privileged`]: false })],
    },
    {
        rule: "privilege-escalation",
        on: POD_KINDS,
        breaks: [undefined, true].map((value) =>
            breaks(
                { [`${S}.allowPrivilegeEscalation`]: value },
                `${S}.allowPrivilegeEscalation`,
                'container "main" does not rule out privilege escalation',
            ),
        ),
        keeps: [keeps({ [`${S}.allowPrivilegeEscalation`]: false })],
    },
    {
        rule: "capabilities-drop",
        on: POD_KINDS,
        breaks: [undefined, ["NET_RAW"], []].map((value) =>
            breaks(
                { [`${S}.capabilities.drop`]: value },
                `${S}.capabilities.drop`,
                'container "main" does not drop all capabilities',
            ),
        ),
        keeps: [keeps({ [`${S}.capabilities.drop`]: ["NET_RAW", "all"] })],
    },
    {
        rule: "capabilities-add",
        on: POD_KINDS,
        breaks: [
            breaks(
                { [`${S}.capabilities.add`]: ["NET_BIND_SERVICE", "SYS_ADMIN"] },
                `${S}.capabilities.add[1]`,
                'container "main" adds a capability that is not allowed',
            ),
        ],
        keeps: [
            keeps({ [`${S}.capabilities.add`]: ["NET_BIND_SERVICE"] }),
            keeps(
                { [`${S}.capabilities.add`]: ["CHOWN"] },
                { config: { parameters: { allowedCapabilities: ["CHOWN"] } } },
            ),
        ],
    },
    {
        rule: "run-as-non-root",
        on: POD_KINDS,
        breaks: [
            breaks({ [`${P}.runAsNonRoot`]: undefined }, `${S}.runAsNonRoot`, 'container "main" may run as root'),
            breaks({ [`${P}.runAsNonRoot`]: false }, `${P}.runAsNonRoot`, 'container "main" may run as root'),
            breaks({ [`${S}.runAsNonRoot`]: false }, `${S}.runAsNonRoot`, 'container "main" may run as root'),
        ],
        keeps: [keeps({ [`${S}.runAsNonRoot`]: true })],
    },
    ...(
        [
            ["user-id", "runAsUser", "user"],
            ["group-id", "runAsGroup", "group"],
        ] as const
    ).map(([rule, field, word]): RuleCases => ({
        rule,
        on: POD_KINDS,
        breaks: [
            breaks(
                { [`${P}.${field}`]: undefined },
                `${S}.${field}`,
                `container "main" leaves its ${word} id to the image`,
            ),
            breaks({ [`${S}.${field}`]: 0 }, `${S}.${field}`, `container "main" has a ${word} id below 10000`),
            breaks({ [`${P}.${field}`]: 9999 }, `${P}.${field}`, `container "main" has a ${word} id below 10000`),
        ],
        keeps: [
            keeps({ [`${P}.${field}`]: 10000 }),
            keeps({ [`${P}.${field}`]: 1000 }, { config: { parameters: { userIdFloor: 1000 } } }),
        ],
    })),
    {
        rule: "file-system-group",
        on: POD_KINDS,
        breaks: [
            breaks({ [`${P}.fsGroup`]: 0 }, `${P}.fsGroup`, "the pod is in the root group"),
            breaks(
                { [`${P}.supplementalGroups`]: [4, 0] },
                `${P}.supplementalGroups[1]`,
                "the pod is in the root group",
            ),
        ],
        keeps: [keeps({ [`${P}.fsGroup`]: undefined, [`${P}.supplementalGroups`]: [4] })],
    },
    {
        rule: "read-only-root",
        on: POD_KINDS,
        breaks: [undefined, false].map((value) =>
            breaks(
                { [`${S}.readOnlyRootFilesystem`]: value },
                `${S}.readOnlyRootFilesystem`,
                'container "main" can write to its root file system',
            ),
        ),
        keeps: [keeps({ [`${S}.readOnlyRootFilesystem`]: true })],
    },
    {
        rule: "seccomp-profile",
        on: POD_KINDS,
        breaks: [
            breaks(
                { [`${P}.seccompProfile`]: undefined },
                `${S}.seccompProfile.type`,
                'container "main" has no seccomp profile',
            ),
            breaks(
                { [`${S}.seccompProfile`]: { type: "Unconfined" } },
                `${S}.seccompProfile.type`,
                'container "main" turns its seccomp profile off',
            ),
        ],
        keeps: [
            keeps({ [`${S}.seccompProfile`]: { type: "Localhost", localhostProfile: "a.json" } }),
            keeps({ "pod:os": { name: "windows" }, [`${P}.seccompProfile`]: undefined }),
        ],
    },
    {
        rule: "apparmor-profile",
        on: POD_KINDS,
        breaks: [
            breaks(
                { [`${P}.appArmorProfile`]: { type: "Unconfined" } },
                `${P}.appArmorProfile.type`,
                'container "main" turns AppArmor off',
            ),
            breaks(
                { 'meta:annotations["container.apparmor.security.beta.kubernetes.io/main"]': "unconfined" },
                'meta:annotations["container.apparmor.security.beta.kubernetes.io/main"]',
                "the pod turns AppArmor off for a container",
            ),
        ],
        keeps: [keeps({ [`${P}.appArmorProfile`]: { type: "RuntimeDefault" } })],
    },
    {
        rule: "selinux-options",
        on: POD_KINDS,
        breaks: [
            breaks(
                { [`${P}.seLinuxOptions`]: { type: "spc_t" } },
                `${P}.seLinuxOptions.type`,
                "this SELinux type is none of a container",
            ),
            breaks({ [`${S}.seLinuxOptions`]: { user: "root" } }, `${S}.seLinuxOptions.user`, "an SELinux user is set"),
        ],
        keeps: [keeps({ [`${P}.seLinuxOptions`]: { type: "container_t", level: "s0:c1,c2" } })],
    },
    {
        rule: "proc-mount",
        on: POD_KINDS,
        breaks: [breaks({ [`${S}.procMount`]: "Unmasked" }, `${S}.procMount`, 'container "main" unmasks /proc')],
        keeps: [keeps({ [`${S}.procMount`]: "Default" })],
    },
    {
        rule: "windows-host-process",
        on: POD_KINDS,
        breaks: [
            breaks(
                { [`${P}.windowsOptions`]: { hostProcess: true } },
                `${P}.windowsOptions.hostProcess`,
                "this runs as a process of the Windows host",
            ),
        ],
        keeps: [keeps({ [`${P}.windowsOptions`]: { hostProcess: false } })],
    },
    {
        rule: "sysctls",
        on: POD_KINDS,
        breaks: [
            breaks(
                { [`${P}.sysctls`]: [{ name: "kernel.msgmax", value: "1" }] },
                `${P}.sysctls[0].name`,
                "this sysctl is not one of the safe ones",
            ),
        ],
        keeps: [keeps({ [`${P}.sysctls`]: [{ name: "net.ipv4.ip_unprivileged_port_start", value: "0" }] })],
    },
    {
        rule: "volume-types",
        on: POD_KINDS,
        breaks: [
            breaks(
                { "pod:volumes": [{ name: "a", nfs: { server: "s", path: "/" } }] },
                "pod:volumes[0].nfs",
                "this type of volume is not allowed",
            ),
        ],
        keeps: [
            keeps({
                "pod:volumes": [
                    { name: "a", projected: { sources: [] } },
                    { name: "b", persistentVolumeClaim: { claimName: "b" } },
                ],
            }),
        ],
    },
    {
        rule: "host-path",
        on: POD_KINDS,
        breaks: [
            breaks(
                { "pod:volumes": [{ name: "a", hostPath: { path: "/etc" } }] },
                "pod:volumes[0].hostPath",
                "this volume is a path of the node",
            ),
        ],
        keeps: [keeps({ "pod:volumes": [{ name: "a", emptyDir: {} }] })],
    },
    {
        rule: "runtime-socket",
        on: POD_KINDS,
        breaks: ["/var/run/docker.sock", "/run/containerd/containerd.sock", "/var/run", "/"].map((path) =>
            breaks(
                { "pod:volumes": [{ name: "a", hostPath: { path } }] },
                "pod:volumes[0].hostPath.path",
                "this volume holds the socket of the container runtime",
            ),
        ),
        keeps: [keeps({ "pod:volumes": [{ name: "a", hostPath: { path: "/var/log" } }] })],
    },
    {
        rule: "host-namespaces",
        on: POD_KINDS,
        breaks: ["hostNetwork", "hostPID", "hostIPC"].map((field) =>
            breaks({ [`pod:${field}`]: true }, `pod:${field}`, `the pod sets ${field}`),
        ),
        keeps: [keeps({ "pod:hostNetwork": false })],
    },
    {
        rule: "host-ports",
        on: POD_KINDS,
        breaks: [
            breaks(
                { [`${C}.ports`]: [{ containerPort: 8000, hostPort: 80 }] },
                `${C}.ports[0].hostPort`,
                'container "main" takes a port of the node',
            ),
        ],
        keeps: [keeps({ [`${C}.ports`]: [{ containerPort: 8000, hostPort: 0 }] })],
    },
    {
        rule: "privileged-ports",
        on: POD_KINDS,
        breaks: [
            breaks(
                { [`${C}.ports`]: [{ name: "http", containerPort: 1023 }] },
                `${C}.ports[0].containerPort`,
                'container "main" has a port that it may not open',
            ),
            breaks(
                {
                    [`${C}.ports`]: [{ name: "http", containerPort: 79 }],
                    [`${P}.sysctls`]: [{ name: "net.ipv4.ip_unprivileged_port_start", value: "80" }],
                },
                `${C}.ports[0].containerPort`,
                'container "main" has a port that it may not open',
            ),
        ],
        keeps: [
            keeps({ [`${C}.ports`]: [{ name: "http", containerPort: 1024 }] }),
            keeps({
                [`${C}.ports`]: [{ name: "http", containerPort: 80 }],
                [`${P}.sysctls`]: [{ name: "net.ipv4.ip_unprivileged_port_start", value: "80" }],
            }),
        ],
    },
    {
        rule: "ssh-port",
        on: POD_KINDS,
        breaks: [
            breaks(
                { [`${C}.ports`]: [{ containerPort: 22 }] },
                `${C}.ports[0].containerPort`,
                'container "main" serves the port of SSH',
            ),
        ],
        keeps: [keeps({ [`${C}.ports`]: [{ containerPort: 2222 }] })],
    },
    {
        rule: "container-ports",
        on: POD_KINDS,
        breaks: [
            breaks(
                { [`${C}.ports`]: [{ name: "HTTP", containerPort: 8000 }] },
                `${C}.ports[0].name`,
                'container "main" has a port with an invalid name',
            ),
            breaks(
                {
                    [`${C}.ports`]: [
                        { name: "http", containerPort: 1 },
                        { name: "http", containerPort: 2 },
                    ],
                },
                `${C}.ports[1].name`,
                "the pod has two ports of this name",
            ),
            breaks(
                { [`${C}.ports`]: [{ containerPort: 1 }, { containerPort: 1 }] },
                `${C}.ports[1].containerPort`,
                "the pod declares this port twice",
            ),
        ],
        keeps: [
            keeps({
                [`${C}.ports`]: [
                    { name: "dns", containerPort: 53, protocol: "UDP" },
                    { name: "dns-tcp", containerPort: 53 },
                ],
            }),
        ],
    },
    {
        rule: "duplicate-env",
        on: POD_KINDS,
        breaks: [
            breaks(
                {
                    [`${C}.env`]: [
                        { name: "A", value: "1" },
                        { name: "A", value: "2" },
                    ],
                },
                `${C}.env[1].name`,
                'container "main" sets this variable twice',
            ),
        ],
        keeps: [
            keeps({
                [`${C}.env`]: [
                    { name: "A", value: "1" },
                    { name: "a", value: "2" },
                ],
            }),
        ],
    },
    {
        rule: "service-account",
        on: POD_KINDS,
        breaks: [undefined, "default"].map((name) =>
            breaks({ "pod:serviceAccountName": name }, "pod:serviceAccountName", "the pod uses the default account"),
        ),
        keeps: [
            keeps({ "pod:serviceAccountName": "own" }),
            keeps({ "pod:serviceAccountName": undefined, "pod:serviceAccount": "own" }),
        ],
    },
    {
        rule: "service-account-field",
        on: POD_KINDS,
        breaks: [
            breaks(
                { "pod:serviceAccountName": undefined, "pod:serviceAccount": "own" },
                "pod:serviceAccount",
                "the pod names its account in the deprecated field",
            ),
        ],
        keeps: [keeps({ "pod:serviceAccount": "api" })],
    },
    {
        rule: "service-account-automount",
        on: ["ServiceAccount"],
        breaks: [undefined, true].map((value) =>
            breaks(
                { automountServiceAccountToken: value },
                "automountServiceAccountToken",
                "the account mounts its token by default",
            ),
        ),
        keeps: [keeps({ automountServiceAccountToken: false })],
    },
    {
        rule: "service-account-token",
        on: POD_KINDS,
        breaks: [
            breaks(
                { "pod:automountServiceAccountToken": true },
                "pod:automountServiceAccountToken",
                "the pod mounts the token of its service account",
            ),
            breaks(
                { "pod:automountServiceAccountToken": undefined, "pod:serviceAccountName": "elsewhere" },
                "pod:automountServiceAccountToken",
                "the pod mounts the token of its service account",
            ),
        ],
        keeps: [keeps({ "pod:automountServiceAccountToken": undefined, "pod:serviceAccountName": "api" })],
    },
    {
        rule: "service-account-exists",
        on: POD_KINDS,
        breaks: [
            breaks(
                { "pod:serviceAccountName": "nobody" },
                "pod:serviceAccountName",
                "the stack has no ServiceAccount of this name",
            ),
        ],
        keeps: [keeps({ "pod:serviceAccountName": "agent" })],
    },
    {
        rule: "grace-period",
        on: LONG_RUNNING_KINDS,
        breaks: [
            breaks(
                { "pod:terminationGracePeriodSeconds": 0 },
                "pod:terminationGracePeriodSeconds",
                "the pod is killed at once",
            ),
            breaks(
                { [`${C}.lifecycle`]: { preStop: { sleep: { seconds: 30 } } } },
                `${C}.lifecycle.preStop.sleep.seconds`,
                'preStop of container "main" waits as long as the whole grace period',
            ),
        ],
        keeps: [keeps({ [`${C}.lifecycle`]: { preStop: { sleep: { seconds: 29 } } } })],
    },
    {
        rule: "priority-class",
        on: POD_KINDS,
        breaks: [breaks({}, "pod:priorityClassName", "the pod has no priority class")],
        keeps: [keeps({ "pod:priorityClassName": "high" })],
    },
    {
        rule: "secret-in-env",
        on: POD_KINDS,
        breaks: (
            [
                ["DB_PASSWORD", "hunter2x"],
                ["apiKey", "0f9c1a"],
                ["OTHER", "postgres://shop:hunter2x@db:5432/shop"],
                ["OTHER", `eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0.${"a".repeat(24)}`],
                ["OTHER", "-----BEGIN RSA PRIVATE KEY-----\nMIIE"],
            ] as const
        ).map(([name, value]) =>
            breaks(
                { [`${C}.env`]: [{ name, value }] },
                `${C}.env[0].value`,
                'a variable of container "main" holds a secret in plain sight',
            ),
        ),
        keeps: (
            [
                ["JWT_ACCESS_TOKEN_EXPIRE_MINUTES", "15"],
                ["PASSWORD_FILE", "/run/secrets/password"],
                ["TOKEN", "$(OTHER)"],
                ["VAPID_PUBLIC_KEY", "BEl62iUYgUivxIkv69yViEuiBIa"],
                ["SECRET_NAME", "shop-keys"],
                ["ALLOW_EMPTY_PASSWORD", "yes"],
                ["REDIS_URL", "redis://redis:6379"],
                ["DATABASE_URL", "postgres://shop:$(PASSWORD)@db/shop"],
            ] as const
        ).map(([name, value]) => keeps({ [`${C}.env`]: [{ name, value }] })),
    },
    {
        rule: "database-tls",
        on: ["Deployment", "CronJob"],
        breaks: [
            ...UNVERIFIED.map((value) =>
                breaks(
                    { [`${C}.env`]: [{ name: "URL", value }] },
                    `${C}.env[0].value`,
                    `a variable of container "main" ${WEAK}`,
                ),
            ),
            breaks(
                { [`${C}.args`]: ["--database", "postgres://shop:$(PASSWORD)@db.example.com/shop"] },
                `${C}.args[1]`,
                `a command line of container "main" ${WEAK}`,
            ),
            breaks(
                {
                    [`${C}.env`]: [
                        { name: "PGHOST", value: "db.example.com" },
                        { name: "PGSSLMODE", value: "require" },
                    ],
                },
                `${C}.env[1].value`,
                `a variable of container "main" ${WEAK}`,
            ),
        ],
        keeps: [
            ...VERIFIED.map((value) => keeps({ [`${C}.env`]: [{ name: "URL", value }] })),
            // libpq takes the mode for a URL without one.
            ...[{ value: "verify-full" }, { valueFrom: { configMapKeyRef: { name: "settings", key: "mode" } } }].map(
                (mode) =>
                    keeps({
                        [`${C}.env`]: [
                            { name: "PGSSLMODE", ...mode },
                            { name: "URL", value: "postgres://shop@db.example.com/shop" },
                        ],
                    }),
            ),
            keeps(
                { [`${C}.env`]: [{ name: "URL", value: "postgres://shop@db.example.com/shop?sslmode=verify-ca" }] },
                { config: { parameters: { databaseTlsModes: ["verify-full", "verify-ca"] } } },
            ),
        ],
    },
    {
        rule: "database-tls",
        on: ["ConfigMap"],
        breaks: UNVERIFIED.map((value) =>
            breaks({ "data.env": `# the database\nURL=${value}\n` }, "data.env", `this entry ${WEAK}`),
        ),
        keeps: [
            ...VERIFIED.map((value) => keeps({ "data.env": `URL=${value}` })),
            keeps({ "data.env": "# URL=postgres://shop@db.example.com/shop" }),
        ],
    },
    {
        rule: "database-tls",
        on: ["Secret"],
        breaks: UNVERIFIED.flatMap((value) => [
            breaks({ "stringData.url": value }, "stringData.url", `this entry ${WEAK}`),
            breaks({ "data.url": Buffer.from(value).toString("base64") }, "data.url", `this entry ${WEAK}`),
        ]),
        keeps: VERIFIED.map((value) => keeps({ "stringData.url": value })),
    },
    {
        rule: "secret-in-args",
        on: POD_KINDS,
        breaks: [
            breaks(
                { [`${C}.args`]: ["serve", "--password=hunter2x"] },
                `${C}.args[1]`,
                'a command line of container "main" holds a secret',
            ),
            breaks(
                { [`${C}.command`]: ["x", "--token", "hunter2x"] },
                `${C}.command[2]`,
                'a command line of container "main" holds a secret',
            ),
            breaks(
                {
                    [`${C}.startupProbe`]: {
                        exec: { command: ["sh", "-c", "PGPASSWORD=hunter2x DB_PASSWORD=hunter2x psql"] },
                    },
                },
                `${C}.startupProbe.exec.command[2]`,
                'a command line of container "main" holds a secret',
            ),
        ],
        keeps: [
            keeps({
                [`${C}.args`]: [
                    "--password-file=/run/x",
                    "--token",
                    "$(TOKEN)",
                    "--secret",
                    "--verbose",
                    'PASSWORD="$PW"',
                ],
            }),
        ],
    },
    {
        rule: "secret-env-reference",
        on: POD_KINDS,
        breaks: [
            breaks(
                { [`${C}.env`]: [{ name: "A", valueFrom: { secretKeyRef: { name: "keys", key: "token" } } }] },
                `${C}.env[0].valueFrom.secretKeyRef`,
                `a variable of container "main" holds a Secret's value`,
            ),
            breaks(
                { [`${C}.envFrom`]: [{ secretRef: { name: "keys" } }] },
                `${C}.envFrom[0].secretRef`,
                'variables of container "main" hold a whole Secret',
            ),
        ],
        keeps: [
            keeps({ [`${C}.env`]: [{ name: "A", valueFrom: { configMapKeyRef: { name: "settings", key: "mode" } } }] }),
        ],
    },
    {
        rule: "reference-key",
        on: POD_KINDS,
        breaks: [
            breaks(
                { [`${C}.env`]: [{ name: "A", valueFrom: { secretKeyRef: { name: "keys", key: "tokn" } } }] },
                `${C}.env[0].valueFrom.secretKeyRef.key`,
                "Secret keys has no such key",
                // It fills another.
                { add: [externalSecret("keys", { target: { name: "other" } })] },
            ),
            breaks(
                { "pod:volumes": [{ name: "a", configMap: { name: "settings", items: [{ key: "x", path: "x" }] } }] },
                "pod:volumes[0].configMap.items[0].key",
                "ConfigMap settings has no such key",
            ),
        ],
        keeps: [
            keeps({
                [`${C}.env`]: [{ name: "A", valueFrom: { secretKeyRef: { name: "keys", key: "x", optional: true } } }],
            }),
            keeps({ [`${C}.env`]: [{ name: "A", valueFrom: { secretKeyRef: { name: "elsewhere", key: "x" } } }] }),
            keeps({
                [`${C}.env`]: [{ name: "A", valueFrom: { secretKeyRef: { name: "keys", key: "ca.crt" } } }],
                "Secret/keys:type": "kubernetes.io/service-account-token",
            }),
            keeps(
                { [`${C}.env`]: [{ name: "A", valueFrom: { secretKeyRef: { name: "keys", key: "x" } } }] },
                { add: [externalSecret("keys", { target: { creationPolicy: "Merge" } })] },
            ),
            ...["config.openshift.io/inject-trusted-cabundle", "acme.io/filled"].map((mark) =>
                keeps(
                    {
                        "pod:volumes": [
                            { name: "a", configMap: { name: "settings", items: [{ key: "x", path: "x" }] } },
                        ],
                        "ConfigMap/settings:metadata.labels": { [mark]: "true" },
                    },
                    { config: { parameters: { controllerFilled: ["acme.io/filled"] } } },
                ),
            ),
        ],
    },
    {
        rule: "reference-exists",
        on: POD_KINDS,
        breaks: [
            breaks(
                { [`${C}.envFrom`]: [{ secretRef: { name: "elsewhere" } }] },
                `${C}.envFrom[0].secretRef.name`,
                "the stack has no Secret of this name",
            ),
            breaks(
                { [`${C}.envFrom`]: [{ secretRef: { name: "elsewhere" } }] },
                `${C}.envFrom[0].secretRef.name`,
                "the stack has no Secret of this name",
                { add: [certificate("another")] },
            ),
        ],
        keeps: [
            keeps({
                [`${C}.envFrom`]: [
                    { secretRef: { name: "elsewhere", optional: true } },
                    { secretRef: { name: "keys" } },
                ],
            }),
            keeps({ [`${C}.envFrom`]: [{ secretRef: { name: "elsewhere" } }] }, { add: [certificate("elsewhere")] }),
            ...[externalSecret("elsewhere"), externalSecret("x", { target: { name: "elsewhere" } })].map((maker) =>
                keeps({ [`${C}.envFrom`]: [{ secretRef: { name: "elsewhere" } }] }, { add: [maker] }),
            ),
            // The Job makes it.
            keeps({
                [`${C}.envFrom`]: [{ secretRef: { name: "elsewhere" } }],
                "Job/migration:spec.template.spec.containers[0].args": ["create", "--secret-name=elsewhere"],
            }),
        ],
    },
    {
        rule: "secret-in-annotations",
        on: ["Deployment", "CronJob", "Service", "Secret", "Ingress"],
        breaks: [
            breaks(
                { "metadata.annotations": { "acme.example/password": "hunter2x" } },
                'metadata.annotations["acme.example/password"]',
                "this holds a secret",
            ),
            breaks(
                { "metadata.annotations": { note: "redis://:hunter2x@redis:6379" } },
                "metadata.annotations.note",
                "this holds a secret",
            ),
        ],
        keeps: [
            keeps({
                "metadata.annotations": {
                    "checksum/auth-secrets": "5e884898da28047151d0e56f8dc6292773603d0d",
                    "nginx.ingress.kubernetes.io/auth-secret": "shop/basic",
                    "acme.example/password": "$(FROM_ELSEWHERE)",
                },
            }),
        ],
    },
    {
        rule: "secret-in-config-map",
        on: ["ConfigMap"],
        breaks: [
            breaks({ data: { smtp_password: "hunter2x" } }, "data.smtp_password", "this entry holds a secret"),
            breaks(
                { data: { "app.env": "A=1\nDB=mysql://a:hunter2x@db/x\n" } },
                'data["app.env"]',
                "this entry holds a secret",
            ),
        ],
        keeps: [keeps({ data: { token_ttl: "600", "app.env": "DB=mysql://a:${PW}@db/x\n", password: "" } })],
    },
];
