/** Settings of all pods, in wrong forms. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { root } from "../../support/configuration.ts";
import type { Broken } from "./broken.ts";

const authority = readFileSync(path.join(root, "tests/fixtures/authority.pem"), "utf8");
const pemForm =
    "must be certificates in PEM, one or more: -----BEGIN CERTIFICATE-----, base64, -----END CERTIFICATE-----, and no key";
const pemFix = "pulumi config set --path caBundle.pem '<pem>'";
const ranges = "must be an address range without bits after the prefix such as 10.20.0.0/16";

export const podDefaults: readonly Broken[] = [
    {
        title: "credentials of a registry without the password",
        change: { imagePullSecret: { registry: "registry.example.com", username: "deployer" } },
        errors: [
            [
                "imagePullSecret.password",
                "is missing: password or access token",
                "pulumi config set --secret --path imagePullSecret.password",
            ],
        ],
    },
    {
        title: "credentials of a registry with a scheme",
        change: { imagePullSecret: { registry: "https://r.example.com", username: "deployer", password: "s3cr3t" } },
        errors: [
            [
                "imagePullSecret.registry",
                "must be an image registry such as registry.example.com/mirror (no scheme, no slash at the end)",
                "pulumi config set --secret --path imagePullSecret.registry",
            ],
        ],
    },
    {
        title: "authorities that are a file's name",
        change: { "caBundle.pem": "/etc/ssl/ca.pem" },
        errors: [["caBundle.pem", `${pemForm}, is "/etc/ssl/ca.pem"`, pemFix]],
    },
    {
        title: "authorities that are damaged",
        change: { "caBundle.pem": authority + authority.replace("MII", "MIJ") },
        errors: [["caBundle.pem", pemForm, pemFix]],
    },
    {
        title: "authorities with their key",
        change: { "caBundle.pem": `${authority}-----BEGIN PRIVATE KEY-----\ns3cr3t\n-----END PRIVATE KEY-----\n` },
        errors: [["caBundle.pem", pemForm, pemFix]],
    },
    {
        title: "authorities whose end is cut off",
        change: { "caBundle.pem": authority + authority.slice(0, 200) },
        errors: [["caBundle.pem", pemForm, pemFix]],
    },
    {
        title: "authorities from two places",
        change: { caBundle: { pem: authority, configMap: { name: "authorities" } } },
        errors: [["caBundle", "must have either pem or configMap", `pulumi config rm caBundle && ${pemFix}`]],
    },
    {
        title: "a proxy with a password",
        change: { "proxy.https": "http://user:s3cr3t@10.20.0.5:3128" },
        errors: [
            [
                "proxy.https",
                "must be a URL such as http://proxy.example.com:3128 (no user, no path)",
                "pulumi config set --path proxy.https '<https>'",
            ],
        ],
    },
    {
        title: "a proxy that network policies do not find",
        change: { "proxy.https": "http://proxy.example.com:3128" },
        errors: [
            [
                "proxy.cidrs",
                "is empty, and network policies do not know where proxy.example.com is; for a proxy in the cluster, set proxy.namespace",
                "pulumi config set --path 'proxy.cidrs[0]' '<range>'",
            ],
        ],
    },
    {
        title: "a proxy in two places",
        change: { proxy: { http: "http://proxy:3128", cidrs: ["10.20.0.0/28"], namespace: "egress" } },
        errors: [
            [
                "proxy.namespace",
                "is set beside proxy.cidrs: a proxy is in one place",
                "pulumi config rm --path proxy.namespace",
            ],
        ],
    },
    {
        title: "the place of no proxy",
        change: { "proxy.namespace": "egress" },
        errors: [
            [
                "proxy.namespace",
                "is set, but there is no proxy: set proxy.http or proxy.https",
                "pulumi config rm --path proxy.namespace && pulumi config set --path proxy.https '<url>'",
            ],
        ],
    },
    {
        title: "a proxy at an address within a range, and hosts with a star",
        change: { proxy: { http: "http://10.20.0.5:3128", cidrs: ["10.20.0.5/28"], noProxy: ["*.example.com"] } },
        errors: [
            [
                "proxy.noProxy[0]",
                'must be a host, a domain such as .example.com or an address range such as 10.20.0.0/16 (no *), is "*.example.com"',
                "pulumi config set --path 'proxy.noProxy[0]' '<value>'",
            ],
            ["proxy.cidrs[0]", `${ranges}, is "10.20.0.5/28"`, "pulumi config set --path 'proxy.cidrs[0]' '<value>'"],
        ],
    },
    {
        title: "a priority without a name",
        change: { priorityClassName: undefined, priorityClassValue: 1000 },
        errors: [
            [
                "priorityClassName",
                "is missing: priorityClassValue creates the PriorityClass of this name",
                "pulumi config set priorityClassName tradestream",
            ],
        ],
    },
    {
        title: "a priority under a name of Kubernetes",
        change: { priorityClassName: "system-cluster-critical", priorityClassValue: 1000 },
        errors: [
            [
                "priorityClassValue",
                "creates system-cluster-critical, and names that begin with system- are Kubernetes' own",
                "pulumi config rm priorityClassValue",
            ],
        ],
    },
    {
        title: "a quota that blocks the surge of a rollout",
        // 10 pods of gateway-api and 2 of agent-dashboard fit; the one more of each does not.
        change: { "quota.requests.cpu": 3, "smokeTest.enabled": false },
        errors: [
            [
                "quota.requests.cpu",
                "is 3, and at full scale and during a rollout the pods need 3180m (gatewayApi 11 × 200m, " +
                    "agentDashboard 3 × 50m, notificationWorker 1 × 100m, databaseMigration 1 × 100m, postgresql 1 × 500m, " +
                    "redis 1 × 100m, cert-manager's challenges 3 × 10m)",
                "pulumi config set --path quota.requests.cpu 3180m",
            ],
        ],
    },
    {
        title: "a quota below a larger database and a sidecar",
        change: {
            "quota.limits.memory": "12Gi",
            "smokeTest.enabled": false,
            "agentDashboard.sidecars": [
                {
                    name: "proxy",
                    image: "example.com/proxy:v1",
                    resources: { requests: { cpu: "10m", memory: "32Mi" }, limits: { cpu: "10m", memory: "64Mi" } },
                },
            ],
            "databaseMigration.initContainers": [
                {
                    name: "wait",
                    image: "example.com/wait:v1",
                    resources: { requests: { cpu: "10m", memory: "32Mi" }, limits: { cpu: "10m", memory: "512Mi" } },
                },
            ],
            "chart.values.postgresql.primary.resources.limits.memory": "8Gi",
        },
        errors: [
            [
                "quota.limits.memory",
                "is 12Gi, and at full scale and during a rollout the pods need 15744Mi (gatewayApi 11 × 512Mi, " +
                    "agentDashboard 3 × 192Mi, notificationWorker 1 × 256Mi, databaseMigration 1 × 512Mi, " +
                    "postgresql 1 × 8192Mi, redis 1 × 384Mi, cert-manager's challenges 3 × 64Mi)",
                "pulumi config set --path quota.limits.memory 15744Mi",
            ],
        ],
    },
    {
        title: "a quota of fewer pods",
        change: { "quota.pods": 20, "smokeTest.enabled": false },
        errors: [
            [
                "quota.pods",
                "is 20, and at full scale and during a rollout there are 21 (gatewayApi 11, agentDashboard 3, " +
                    "notificationWorker 1, databaseMigration 1, postgresql 1, redis 1, cert-manager's challenges 3)",
                "pulumi config set --path quota.pods 21",
            ],
        ],
    },
    {
        title: "default requests above the default limits",
        change: { limitRange: { defaultRequest: { memory: "1Gi" }, default: { memory: "512Mi" } } },
        errors: [
            [
                "limitRange.default.memory",
                "is 512Mi, less than limitRange.defaultRequest.memory (1Gi)",
                "pulumi config set --path limitRange.default.memory 1Gi",
            ],
        ],
    },
];
