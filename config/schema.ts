/**
 * Everything that `Pulumi.<stack>.yaml` may set. Names and defaults are those of values.yaml in docs/specification.md.
 * `docs/configuration.md` is generated from this schema.
 */
import { z } from "./zod.ts";
import { backup } from "./backup.ts";
import { database } from "./databaseSchema.ts";
import * as format from "./formats.ts";
import { logging } from "./logging.ts";
import { monitoring } from "./monitoring.ts";
import { secretKeys } from "./secrets.ts";
import { secretSource } from "./secretSource.ts";
import { serviceSchemas } from "./services/index.ts";
import { annotations } from "./services/workload.ts";

const chart = z
    .strictObject({
        path: format.text.optional().describe("Directory of a chart, relative to the project"),
        repository: format.url.optional().describe("Chart repository; with name and version"),
        name: format.dnsName.optional().describe("Name of the chart in the repository"),
        oci: z
            .string()
            .regex(/^oci:\/\/[a-z0-9.-]+(:\d{1,5})?(\/[\w.-]+)+$/, {
                error: "must be an OCI reference such as oci://registry.example.com/charts/tradestream (no tag; see chart.version)",
                abort: true,
            })
            .refine(format.hasRealPort, "must have a port from 1 to 65535")
            .optional()
            .describe("OCI reference of the chart; with version"),
        version: z
            .string()
            .regex(/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/, "must be an exact version such as 1.2.3")
            .optional()
            .describe("Exact version of the chart"),
        values: z
            .record(z.string(), z.unknown())
            .default({})
            .describe(
                "Values of the chart, checked against its values.schema.json where it is in a directory; " +
                    "they win over the program's where those are not needed, such as kafkaSsl.enabled",
            ),
        timeoutSeconds: z
            .int()
            .min(30)
            .max(7200)
            .default(600)
            .describe("Timeout of an install or an upgrade, in seconds"),
        existingSecrets: z
            .array(format.dnsName)
            .default([])
            .describe("Secrets that the chart needs and that exist already"),
        adopt: z
            .boolean()
            .default(false)
            .describe(
                "Whether the release exists already, installed by hand, and the first update takes it over with its data " +
                    "(docs/adopting.md); without an effect from then on",
            ),
    })
    .prefault({})
    .describe("The tradestream chart: database, cache, data services. Without a source: the embedded one");

const amounts = z
    .strictObject({
        cpu: format.quantityText("1m", "1M").optional().describe("CPU, in cores"),
        memory: format.quantityText("1Mi", "1Pi").optional().describe("Memory, in bytes"),
    })
    .prefault({});

/** A CronJob's name has 52 characters at most, and `-notification-worker` has 20 of them. */
const longestReleaseName = 32;

/** The plain (not secret) part of a stack's configuration. */
export const settingsSchema = z.strictObject({
    environment: z
        .enum(["local", "staging", "production"])
        .describe("Environment of the stack; production has stricter rules"),
    namespace: format.namespace.default("tradestream").describe("Namespace of all objects"),
    createNamespace: z.boolean().default(true).describe("Whether the program creates the namespace"),
    podSecurity: z
        .enum(["restricted", "baseline", "privileged"])
        .default("restricted")
        .describe("Pod Security Standard that the namespace enforces (lower only for charts that need it)"),
    releaseName: format.dnsLabel
        .regex(/^[a-z]/, "must begin with a letter, as names of Services are made from it")
        .max(longestReleaseName, `must have ${longestReleaseName} characters at most, as names are made from it`)
        .default("tradestream")
        .describe(
            "Name of the Helm release and prefix of every object's name; contains tradestream, at most 32 characters",
        ),
    kubeconfig: format.text.optional().describe("Path or text of a kubeconfig; default: $KUBECONFIG or ~/.kube/config"),
    context: format.text.optional().describe("Context of the kubeconfig; default: its current context"),
    clusterUid: format.uid
        .optional()
        .describe(
            "uid of the namespace kube-system of the cluster that this stack lives in; the program refuses any other cluster",
        ),
    protect: z
        .boolean()
        .default(true)
        .describe("Whether stateful resources refuse deletion; set it to false before a destroy"),
    imageRegistry: format.imageRegistry
        .optional()
        .describe("Registry of all images whose repository names none, PostgreSQL's and Redis' included"),
    imagePullSecrets: z.array(format.dnsName).default([]).describe("Secrets for private image registries"),
    priorityClassName: format.dnsName
        .optional()
        .describe("PriorityClass of all pods, the chart's PostgreSQL and Redis included"),
    priorityClassValue: z
        .int()
        .min(-2_147_483_648)
        .max(1_000_000_000)
        .optional()
        .describe(
            "Creates the PriorityClass priorityClassName with this value; it belongs to the whole cluster, so only " +
                "one stack may. Without it, the PriorityClass must exist",
        ),
    topologySpread: z
        .strictObject({
            whenUnsatisfiable: z
                .enum(["ScheduleAnyway", "DoNotSchedule"])
                .default("ScheduleAnyway")
                .describe("DoNotSchedule: a pod waits rather than makes the zones uneven; all nodes need a zone"),
        })
        .prefault({})
        .describe("How the pods of a service spread over zones"),
    quota: z
        .strictObject({
            requests: amounts.describe("Sum of the requests of all pods"),
            limits: amounts.describe("Sum of the limits of all pods"),
            pods: z.int().min(1).max(100_000).optional().describe("Number of pods"),
        })
        .prefault({})
        .describe(
            "ResourceQuota of the namespace. The program refuses one that the stack exceeds at full scale, during a rollout",
        ),
    limitRange: z
        .strictObject({
            defaultRequest: amounts.describe("Requests of a container that has none"),
            default: amounts.describe("Limits of a container that has none"),
        })
        .prefault({})
        .describe("LimitRange of the namespace, for containers of other charts and of cert-manager"),
    caBundle: z
        .strictObject({
            pem: format.certificates.optional().describe("Certificates, for a ConfigMap of the program's"),
            configMap: z
                .strictObject({
                    name: format.dnsName.describe("Name of the ConfigMap"),
                    key: format.secretKey.default("ca.crt").describe("Key in the ConfigMap"),
                })
                .optional()
                .describe("A ConfigMap that exists in the namespace"),
        })
        .refine(
            ({ pem, configMap }) => pem === undefined || configMap === undefined,
            "must have either pem or configMap",
        )
        .prefault({})
        .describe(
            "Certificate authorities that the services trust: mounted at /etc/ca-bundle/ca.crt, which " +
                "NODE_EXTRA_CA_CERTS adds to Node.js' own and SSL_CERT_FILE puts in place of the system's file",
        ),
    proxy: z
        .strictObject({
            http: format.proxyUrl.optional().describe("HTTP_PROXY: proxy for http URLs"),
            https: format.proxyUrl.optional().describe("HTTPS_PROXY: proxy for https URLs"),
            noProxy: z
                .array(format.noProxy)
                .default(["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"])
                .describe(
                    "Hosts, domains and address ranges that are asked directly, beside the names of the cluster; " +
                        "the addresses of its Services must be among them",
                ),
            cidrs: z
                .array(format.network())
                .default([])
                .describe("Address ranges of the proxy, for network policies; default: the address in http and https"),
            namespace: format.dnsLabel.optional().describe("Namespace of a proxy in the cluster, in place of cidrs"),
        })
        .prefault({})
        .describe("HTTP proxy of the services: their variables, and the network policies to match"),
    networkPolicy: z
        .strictObject({
            defaultDeny: z.boolean().default(true).describe("Whether traffic that no policy allows is denied"),
            ingressNamespace: format.dnsLabel
                .default("ingress-nginx")
                .describe("Namespace of the ingress controller, or of the Gateway's proxies"),
            ingressCidrs: z
                .array(format.cidr)
                .default([])
                .describe("Address ranges that requests come from, where a proxy is outside of the cluster (alb, gce)"),
            monitoringNamespace: format.dnsLabel.default("monitoring").describe("Namespace of Prometheus"),
            databaseCidrs: z
                .array(format.cidr)
                .default([])
                .describe("Address ranges of a database outside the cluster (databaseUrl); empty: any"),
            redisCidrs: z
                .array(format.cidr)
                .default([])
                .describe("Address ranges of a Redis outside the cluster (redisUrl); empty: any"),
        })
        .prefault({})
        .describe("Network policies of the namespace"),
    exposure: z
        .enum(["ingress", "gateway", "both"])
        .default("ingress")
        .describe(
            "How web services are reached: by Ingresses, by routes of the Gateway API, or by both on the way there",
        ),
    gateway: z
        .strictObject({
            className: format.dnsName.optional().describe("GatewayClass of a Gateway of the stack's own"),
            annotations: annotations.describe(
                "Annotations of that Gateway, such as cert-manager.io/cluster-issuer; they win over the program's own",
            ),
            name: format.dnsName.optional().describe("An existing Gateway in place of one of the stack's own"),
            namespace: format.dnsLabel.optional().describe("Namespace of the existing Gateway; default: the stack's"),
            sectionName: format.dnsName.optional().describe("Its listener with TLS and the certificates"),
            httpSectionName: format.dnsName
                .optional()
                .describe("Its listener of plain HTTP, to redirect from; default: the Gateway's owner redirects"),
        })
        .prefault({})
        .describe("The Gateway that routes attach to (exposure: gateway)"),
    ...serviceSchemas,
    authSecrets: secretSource("auth-secrets"),
    oauthSecrets: secretSource("oauth-secrets"),
    notificationSecrets: secretSource("notification-secrets"),
    loggingSecrets: secretSource("logging-secrets"),
    jwtSecretVersion: z
        .int()
        .min(1)
        .default(1)
        .describe("Raise it to rotate a generated JWT secret; the previous one stays in JWT_PREVIOUS_SECRET"),
    jwtSecretNext: z
        .boolean()
        .default(false)
        .describe(
            "Whether JWT_PREVIOUS_SECRET holds the secret of the next version instead: pods then accept its tokens before " +
                "one signs them",
        ),
    chart,
    database,
    backup,
    redis: z
        .strictObject({
            auth: z
                .strictObject({ enabled: z.boolean().default(false).describe("Whether Redis requires a password") })
                .prefault({})
                .describe("Authentication of Redis, with the secret redisPassword or a generated password"),
        })
        .prefault({})
        .describe("The cache"),
    monitoring,
    logging,
    policy: z
        .strictObject({
            enforce: z
                .boolean()
                .default(true)
                .describe("Whether the program refuses to register what breaks a mandatory rule of the policy pack"),
            config: format.text
                .default("policy-config.json")
                .describe("Configuration of the policy pack, as for --policy-pack-config; it holds the exemptions"),
        })
        .prefault({})
        .describe(
            "The policy pack's rules, run by the program on itself. What they refuse, such as a Service of type " +
                "LoadBalancer or podSecurity baseline, needs a parameter or an exemption with a reason in policy.config",
        ),
    placeholderSecrets: z
        .boolean()
        .default(false)
        .describe(
            "Use placeholders for required secrets that are not set; for previews only, in a copy of the stack file (secrets.md)",
        ),
});

/** The plain part of a stack's configuration, parsed, with all defaults. */
export type Settings = z.infer<typeof settingsSchema>;

/** Every key that a stack may set, plain or secret. */
export const knownKeys: readonly string[] = [...Object.keys(settingsSchema.shape), ...secretKeys];
