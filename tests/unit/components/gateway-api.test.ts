import { expect } from "chai";
import { services } from "../../../config/services/index.ts";
import { type Program, runProgram } from "../../support/mocks.ts";
import { find, inputsOf, podOf, type Tree } from "../../support/objects.ts";
import { programOf } from "../../support/programs.ts";

const name = "tradestream-gateway-api";
const selector = {
    "app.kubernetes.io/name": "tradestream",
    "app.kubernetes.io/instance": "tradestream",
    "app.kubernetes.io/component": "gateway-api",
};
const labels = {
    ...selector,
    "app.kubernetes.io/part-of": "tradestream",
    "app.kubernetes.io/version": "v1.0.0",
    "app.kubernetes.io/managed-by": "pulumi",
};

const fromSecret = (variable: string, secret: string, key: string, optional?: true) => ({
    name: variable,
    valueFrom: { secretKeyRef: { name: `tradestream-${secret}`, key, ...(optional && { optional }) } },
});
const containerOf = (program: Program): Tree => podOf(program, "Deployment", name)["spec"]!["containers"]![0]!;
const variable = (program: Program, wanted: string) =>
    containerOf(program)["env"]!.find((entry) => String(entry["name"]) === wanted);

describe("gateway-api", () => {
    let production: Program;

    before(async () => {
        production = await programOf("production");
    });

    it("is a Deployment under the specification's name, labels and selector", () => {
        const deployment = inputsOf(production, "Deployment", name);
        expect(deployment["metadata"]).to.deep.equal({ name, namespace: "tradestream", labels });
        expect(deployment["spec"]!["selector"]).to.deep.equal({ matchLabels: selector });
        expect(podOf(production, "Deployment", name)["metadata"]!["labels"]).to.deep.include(selector);
    });

    it("updates without a gap, starts with the minimum of pods, and leaves their number to the autoscaler", () => {
        const spec = inputsOf(production, "Deployment", name)["spec"]!;
        expect(spec["replicas"]).to.equal(2);
        expect(find(production, "Deployment", name)!.ignoreChanges).to.deep.equal(["spec.replicas"]);
        expect(spec["strategy"]).to.deep.equal({
            type: "RollingUpdate",
            rollingUpdate: { maxSurge: 1, maxUnavailable: 0 },
        });
        expect(spec["progressDeadlineSeconds"]).to.equal(600);
        expect(spec["revisionHistoryLimit"]).to.equal(5);
    });

    it("has a number of pods where there is no autoscaler", async () => {
        const program = await runProgram("production", {
            "gatewayApi.autoscaling.enabled": false,
            "gatewayApi.replicaCount": 3,
        });
        expect(inputsOf(program, "Deployment", name)["spec"]!["replicas"]).to.equal(3);
        expect(find(program, "HorizontalPodAutoscaler", name)).to.equal(undefined);
    });

    it("has the specification's variables, in its order, from its sources", () => {
        expect(containerOf(production)["env"]).to.deep.equal([
            // The published chart's own Secret has no address, so this one is the program's.
            fromSecret("DATABASE_URL", "database-secrets", "postgres-url"),
            { name: "DATABASE_POOL_SIZE", value: "10" },
            { name: "REDIS_URL", value: "redis://tradestream-redis-master:6379" },
            fromSecret("JWT_SECRET", "auth-secrets", "jwt-secret"),
            fromSecret("JWT_PREVIOUS_SECRET", "auth-secrets", "jwt-secret-previous", true),
            { name: "JWT_ALGORITHM", value: "HS256" },
            fromSecret("GOOGLE_CLIENT_ID", "oauth-secrets", "google-client-id"),
            fromSecret("GOOGLE_CLIENT_SECRET", "oauth-secrets", "google-client-secret"),
            fromSecret("GITHUB_CLIENT_ID", "oauth-secrets", "github-client-id"),
            fromSecret("GITHUB_CLIENT_SECRET", "oauth-secrets", "github-client-secret"),
            fromSecret("RESEND_API_KEY", "auth-secrets", "resend-api-key"),
            { name: "API_URL", value: "https://api.tradestream.io" },
            { name: "FRONTEND_URL", value: "https://tradestream.io" },
            {
                name: "CORS_ORIGINS",
                value: "https://tradestream.io,https://www.tradestream.io,http://localhost:3000",
            },
            { name: "RATE_LIMIT_PER_MINUTE", value: "60" },
        ]);
    });

    it("keeps its variables from being set twice", () => {
        const names = containerOf(production)["env"]!.map((entry) => String(entry["name"]));
        expect(services.gatewayApi.variables).to.have.all.keys(names);
    });

    it("has further variables behind its own", async () => {
        const program = await runProgram("production", { "gatewayApi.env": { LOG_LEVEL: "debug" } });
        expect(containerOf(program)["env"]!.at(-1)).to.deep.equal({ name: "LOG_LEVEL", value: "debug" });
    });

    it("writes origins as a JSON array where asked to", async () => {
        const program = await runProgram("production", { "gatewayApi.cors.format": "json" });
        expect(variable(program, "CORS_ORIGINS")!["value"]).to.equal(
            '["https://tradestream.io","https://www.tradestream.io","http://localhost:3000"]',
        );
    });

    it("takes the cache's address from a Secret where it has a password", async () => {
        const program = await runProgram("production", { redis: { auth: { enabled: true } } });
        expect(variable(program, "REDIS_URL")).to.deep.equal(fromSecret("REDIS_URL", "database-secrets", "redis-url"));
    });

    it("runs the configured image, by digest where there is one", async () => {
        expect(containerOf(production)["image"]).to.equal("tradestreamhq/gateway-api:v1.0.0");
        expect(containerOf(production)["imagePullPolicy"]).to.equal("IfNotPresent");
        expect(podOf(production, "Deployment", name)["spec"]).to.not.have.property("imagePullSecrets");
        const digest = `sha256:${"a".repeat(64)}`;
        const program = await runProgram("production", {
            "gatewayApi.image": { repository: "ghcr.io/x/y", tag: "v2", digest, pullPolicy: "Always" },
            imagePullSecrets: ["regcred"],
        });
        expect(containerOf(program)["image"]).to.equal(`ghcr.io/x/y:v2@${digest}`);
        expect(containerOf(program)["imagePullPolicy"]).to.equal("Always");
        expect(podOf(program, "Deployment", name)["spec"]!["imagePullSecrets"]).to.deep.equal([{ name: "regcred" }]);
    });

    it("labels its version in a form that a label may have", async () => {
        const program = await runProgram("production", { "gatewayApi.image.tag": `_main-${"x".repeat(80)}` });
        const label = inputsOf(program, "Deployment", name)["metadata"]!["labels"]!["app.kubernetes.io/version"];
        expect(label).to.match(/^main-x{57}$/);
    });

    it("listens on its port", async () => {
        expect(containerOf(production)["ports"]).to.deep.equal([
            { name: "http", containerPort: 8000, protocol: "TCP" },
        ]);
        const program = await runProgram("production", { "gatewayApi.containerPort": 9000 });
        expect(containerOf(program)["ports"]![0]!["containerPort"]).to.equal(9000);
        const policy = inputsOf(program, "NetworkPolicy", name)["spec"]!;
        expect(policy["ingress"]![0]!["ports"]).to.deep.equal([{ protocol: "TCP", port: 9000 }]);
        expect(podOf(program, "Deployment", name)["metadata"]!["annotations"]!["prometheus.io/port"]).to.equal("9000");
        expect(inputsOf(program, "Service", name)["spec"]!["ports"]![0]!["port"]).to.equal(8000);
    });

    it("is probed as in the specification", async () => {
        expect(containerOf(production)["livenessProbe"]).to.deep.equal({
            httpGet: { path: "/health", port: "http" },
            initialDelaySeconds: 10,
            periodSeconds: 10,
            timeoutSeconds: 5,
            failureThreshold: 3,
        });
        expect(containerOf(production)["readinessProbe"]).to.deep.equal({
            httpGet: { path: "/health", port: "http" },
            initialDelaySeconds: 5,
            periodSeconds: 5,
            timeoutSeconds: 3,
            failureThreshold: 3,
        });
        const local = await programOf("local");
        expect(containerOf(local)["readinessProbe"]!["httpGet"]).to.deep.equal({ path: "/health", port: "http" });
    });

    it("ends gently", async () => {
        expect(containerOf(production)["lifecycle"]).to.deep.equal({ preStop: { sleep: { seconds: 5 } } });
        expect(podOf(production, "Deployment", name)["spec"]!["terminationGracePeriodSeconds"]).to.equal(60);
        const program = await runProgram("production", { "gatewayApi.preStopSleepSeconds": 0 });
        expect(containerOf(program)).to.not.have.property("lifecycle");
    });

    it("has the specification's resources, and bounds for the disk", () => {
        expect(containerOf(production)["resources"]).to.deep.equal({
            requests: { cpu: "200m", memory: "256Mi", "ephemeral-storage": "64Mi" },
            limits: { cpu: "500m", memory: "512Mi", "ephemeral-storage": "256Mi" },
        });
    });

    it("carries a checksum of each Secret that it reads, and is scraped", () => {
        const annotations = podOf(production, "Deployment", name)["metadata"]!["annotations"]!;
        expect(annotations).to.have.all.keys(
            "checksum/auth-secrets",
            "checksum/oauth-secrets",
            "checksum/database-secrets",
            "prometheus.io/scrape",
            "prometheus.io/port",
            "prometheus.io/path",
        );
        expect(annotations).to.deep.include({
            "prometheus.io/scrape": "true",
            "prometheus.io/port": "8000",
            "prometheus.io/path": "/metrics",
        });
    });

    it("is not scraped where metrics are off, and nobody is let in for it", async () => {
        const program = await runProgram("production", {
            "gatewayApi.metrics": { enabled: false },
            "gatewayApi.podAnnotations": { "example.com/team": "trade" },
            "smokeTest.enabled": false,
        });
        const annotations = podOf(program, "Deployment", name)["metadata"]!["annotations"]!;
        expect(Object.keys(annotations).filter((key) => key.startsWith("prometheus.io"))).to.deep.equal([]);
        expect(annotations["example.com/team"]).to.equal("trade");
        expect(inputsOf(program, "NetworkPolicy", name)["spec"]!["ingress"]![0]!["from"]).to.have.length(2);
    });

    it("goes to the nodes that the configuration says", async () => {
        const spec = podOf(production, "Deployment", name)["spec"]!;
        for (const key of ["nodeSelector", "affinity", "tolerations"]) {
            expect(spec).to.not.have.property(key);
        }
        const given = {
            nodeSelector: { "kubernetes.io/arch": "amd64" },
            affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [] } },
            tolerations: [{ key: "spot", operator: "Exists", effect: "NoSchedule" }],
        };
        const program = await runProgram("production", {
            "gatewayApi.nodeSelector": given.nodeSelector,
            "gatewayApi.affinity": given.affinity,
            "gatewayApi.tolerations": given.tolerations,
        });
        expect(podOf(program, "Deployment", name)["spec"]).to.deep.include(given);
    });

    it("spreads over zones and nodes", () => {
        const spread = podOf(production, "Deployment", name)["spec"]!["topologySpreadConstraints"];
        expect(spread).to.deep.equal(
            [
                {
                    topologyKey: "topology.kubernetes.io/zone",
                    whenUnsatisfiable: "DoNotSchedule",
                    // An update alone must not leave pods without a place.
                    ...{ matchLabelKeys: ["pod-template-hash"], nodeTaintsPolicy: "Honor" },
                },
                { topologyKey: "kubernetes.io/hostname", whenUnsatisfiable: "ScheduleAnyway" },
            ].map((own) => ({ maxSkew: 1, ...own, labelSelector: { matchLabels: selector } })),
        );
    });

    it("runs as the image's user, without anything that it does not need", () => {
        const spec = podOf(production, "Deployment", name)["spec"]!;
        expect(spec["securityContext"]).to.deep.equal({
            runAsNonRoot: true,
            runAsUser: 1000,
            runAsGroup: 1000,
            fsGroup: 1000,
            seccompProfile: { type: "RuntimeDefault" },
        });
        expect(containerOf(production)["securityContext"]).to.deep.equal({
            allowPrivilegeEscalation: false,
            capabilities: { drop: ["ALL"] },
            privileged: false,
            readOnlyRootFilesystem: true,
            runAsNonRoot: true,
            seccompProfile: { type: "RuntimeDefault" },
        });
        expect(containerOf(production)["volumeMounts"]).to.deep.equal([
            { name: "tmp", mountPath: "/tmp" },
            { name: "database-tls", mountPath: "/etc/database-tls", readOnly: true },
        ]);
        const secretName = "tradestream-database-client-gateway-api";
        expect(spec["volumes"]).to.deep.equal([
            { name: "tmp", emptyDir: { sizeLimit: "64Mi" } },
            { name: "database-tls", secret: { secretName, defaultMode: 0o440 } },
        ]);
        expect(spec["enableServiceLinks"]).to.equal(false);
    });

    it("has a Service as in the specification", async () => {
        expect(inputsOf(production, "Service", name)["metadata"]).to.deep.equal({
            name,
            namespace: "tradestream",
            labels,
        });
        expect(inputsOf(production, "Service", name)["spec"]).to.deep.equal({
            type: "ClusterIP",
            ports: [{ name: "http", port: 8000, targetPort: "http", protocol: "TCP" }],
            selector,
        });
        const program = await runProgram("production", {
            "gatewayApi.service": { port: 80, annotations: { "example.com/internal": "true" } },
        });
        const service = inputsOf(program, "Service", name);
        expect(service["spec"]!["ports"]![0]!["port"]).to.equal(80);
        expect(service["metadata"]!["annotations"]).to.deep.equal({ "example.com/internal": "true" });
        expect(
            inputsOf(program, "Ingress", name)["spec"]!["rules"]![0]!["http"]!["paths"]![0]!["backend"]!["service"],
        ).to.deep.equal({ name, port: { number: 80 } });
        expect(program.exports["services"]).to.deep.include({ gatewayApi: { name, port: 80 } });
    });

    it("has an Ingress as in the specification, which sends plain HTTP on to HTTPS", () => {
        const ingress = inputsOf(production, "Ingress", name);
        expect(ingress["metadata"]).to.deep.equal({
            name,
            namespace: "tradestream",
            labels,
            annotations: {
                "cert-manager.io/cluster-issuer": "letsencrypt-prod",
                "nginx.ingress.kubernetes.io/proxy-body-size": "10m",
                "nginx.ingress.kubernetes.io/proxy-read-timeout": "3600",
                "nginx.ingress.kubernetes.io/proxy-send-timeout": "3600",
                "nginx.ingress.kubernetes.io/proxy-buffering": "off",
                "nginx.ingress.kubernetes.io/ssl-redirect": "true",
                "nginx.ingress.kubernetes.io/force-ssl-redirect": "true",
            },
        });
        expect(ingress["spec"]).to.deep.equal({
            ingressClassName: "nginx",
            tls: [{ hosts: ["api.tradestream.io"], secretName: "gateway-api-tls" }],
            rules: [
                {
                    host: "api.tradestream.io",
                    http: {
                        paths: [
                            {
                                path: "/",
                                pathType: "Prefix",
                                backend: { service: { name, port: { number: 8000 } } },
                            },
                        ],
                    },
                },
            ],
        });
    });

    it("lets the stack's annotations of the Ingress win, and need not be waited for", async () => {
        const program = await runProgram("production", {
            'gatewayApi.ingress.annotations["nginx.ingress.kubernetes.io/force-ssl-redirect"]': "false",
            "gatewayApi.ingress.skipAwait": true,
            "gatewayApi.ingress.className": "nginx-internal",
        });
        const ingress = inputsOf(program, "Ingress", name);
        expect(ingress["metadata"]!["annotations"]).to.deep.include({
            "nginx.ingress.kubernetes.io/force-ssl-redirect": "false",
            "pulumi.com/skipAwait": "true",
        });
        expect(ingress["spec"]!["ingressClassName"]).to.equal("nginx-internal");
    });

    it("has no Ingress where it is off", async () => {
        const program = await runProgram("production", { "gatewayApi.ingress.enabled": false });
        expect(find(program, "Ingress", name)).to.equal(undefined);
    });

    it("scales as in the specification, up at once and down slowly", () => {
        expect(inputsOf(production, "HorizontalPodAutoscaler", name)["spec"]).to.deep.equal({
            scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name },
            minReplicas: 2,
            maxReplicas: 10,
            metrics: [
                {
                    type: "Resource",
                    resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 70 } },
                },
                {
                    type: "Resource",
                    resource: { name: "memory", target: { type: "Utilization", averageUtilization: 80 } },
                },
            ],
            behavior: {
                scaleUp: {
                    stabilizationWindowSeconds: 60,
                    policies: [{ type: "Percent", value: 50, periodSeconds: 60 }],
                },
                scaleDown: {
                    stabilizationWindowSeconds: 300,
                    policies: [{ type: "Percent", value: 10, periodSeconds: 60 }],
                },
            },
        });
    });

    it("loses one pod at a time", async () => {
        expect(inputsOf(production, "PodDisruptionBudget", name)["spec"]).to.deep.equal({
            maxUnavailable: 1,
            selector: { matchLabels: selector },
            unhealthyPodEvictionPolicy: "AlwaysAllow",
        });
        const single = await runProgram("staging", {
            "gatewayApi.autoscaling.minReplicas": 1,
            policy: { enforce: false },
        });
        expect(find(single, "PodDisruptionBudget", name)).to.equal(undefined);
    });

    it("talks to nobody else than it must", async () => {
        const program = await runProgram("production", { "smokeTest.enabled": false });
        const pods = (matchLabels: object) => ({ podSelector: { matchLabels } });
        const namespace = (label: string) => ({
            namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": label } },
        });
        const chartPods = (service: string) => ({
            podSelector: {
                matchLabels: { "app.kubernetes.io/name": service, "app.kubernetes.io/instance": "tradestream" },
            },
        });
        expect(inputsOf(program, "NetworkPolicy", name)["spec"]).to.deep.equal({
            podSelector: { matchLabels: selector },
            policyTypes: ["Ingress", "Egress"],
            ingress: [
                {
                    from: [
                        namespace("ingress-nginx"),
                        pods({ ...selector, "app.kubernetes.io/component": "agent-dashboard" }),
                        namespace("monitoring"),
                    ],
                    ports: [{ protocol: "TCP", port: 8000 }],
                },
            ],
            egress: [
                { to: [chartPods("postgresql")], ports: [{ protocol: "TCP", port: 5432 }] },
                { to: [chartPods("redis")], ports: [{ protocol: "TCP", port: 6379 }] },
                {
                    to: [
                        { namespaceSelector: {}, podSelector: { matchLabels: { "k8s-app": "kube-dns" } } },
                        { ipBlock: { cidr: "169.254.20.10/32" } },
                    ],
                    ports: [
                        { protocol: "UDP", port: 53 },
                        { protocol: "TCP", port: 53 },
                    ],
                },
                {
                    to: [
                        {
                            ipBlock: {
                                cidr: "0.0.0.0/0",
                                except: [
                                    "10.0.0.0/8",
                                    "172.16.0.0/12",
                                    "192.168.0.0/16",
                                    "169.254.0.0/16",
                                    "100.64.0.0/10",
                                ],
                            },
                        },
                        { ipBlock: { cidr: "::/0", except: ["fc00::/7", "fe80::/10"] } },
                    ],
                    ports: [{ protocol: "TCP", port: 443 }],
                },
            ],
        });
    });

    it("lets the namespaces in that the configuration names", async () => {
        const program = await runProgram("production", {
            networkPolicy: { ingressNamespace: "traefik", monitoringNamespace: "prometheus" },
        });
        const from = inputsOf(program, "NetworkPolicy", name)["spec"]!["ingress"]![0]!["from"]!;
        expect(JSON.stringify(from)).to.include('"traefik"').and.include('"prometheus"').and.not.include("nginx");
    });

    it("reaches a database outside the cluster on its port", async () => {
        const program = await runProgram("production", {
            databaseUrl: "postgresql://app:pw@db.example.com:6432/trade?sslmode=verify-full",
        });
        const [first] = inputsOf(program, "NetworkPolicy", name)["spec"]!["egress"]!;
        expect(first).to.deep.equal({ ports: [{ protocol: "TCP", port: 6432 }] });
        const narrow = await runProgram("production", {
            databaseUrl: "postgresql://app:pw@db.example.com:6432/trade?sslmode=verify-full",
            networkPolicy: { databaseCidrs: ["10.20.0.0/16", "2001:db8::/64"] },
        });
        expect(inputsOf(narrow, "NetworkPolicy", name)["spec"]!["egress"]![0]).to.deep.equal({
            to: [{ ipBlock: { cidr: "10.20.0.0/16" } }, { ipBlock: { cidr: "2001:db8::/64" } }],
            ports: [{ protocol: "TCP", port: 6432 }],
        });
    });

    it("reaches a Redis outside the cluster on its port, by the address in the Secret", async () => {
        const redisUrl = "rediss://:pw@redis.example.com:6380";
        const program = await runProgram("production", { redisUrl });
        expect(inputsOf(program, "NetworkPolicy", name)["spec"]!["egress"]![1]).to.deep.equal({
            ports: [{ protocol: "TCP", port: 6380 }],
        });
        expect(variable(program, "REDIS_URL")).to.deep.equal(fromSecret("REDIS_URL", "database-secrets", "redis-url"));
        const narrow = await runProgram("production", { redisUrl, "networkPolicy.redisCidrs": ["10.30.0.0/16"] });
        expect(inputsOf(narrow, "NetworkPolicy", name)["spec"]!["egress"]![1]).to.deep.equal({
            to: [{ ipBlock: { cidr: "10.30.0.0/16" } }],
            ports: [{ protocol: "TCP", port: 6380 }],
        });
    });

    it("lets a cloud's load balancer in where it has one", async () => {
        const program = await runProgram("staging", {
            "gatewayApi.service.type": "LoadBalancer",
            policy: { enforce: false },
        });
        expect(inputsOf(program, "Service", name)["spec"]!["type"]).to.equal("LoadBalancer");
        expect(inputsOf(program, "NetworkPolicy", name)["spec"]!["ingress"]!.at(-1)).to.deep.equal({
            from: [{ ipBlock: { cidr: "0.0.0.0/0" } }, { ipBlock: { cidr: "::/0" } }],
            ports: [{ protocol: "TCP", port: 8000 }],
        });
    });

    it("lets in through a load balancer whom the configuration names, in production too", async () => {
        const annotation = "service.beta.kubernetes.io/aws-load-balancer-type";
        const program = await runProgram("production", {
            "gatewayApi.service": {
                type: "LoadBalancer",
                annotations: { [annotation]: "external" },
                sourceRanges: ["203.0.113.0/24", "2001:db8::/32"],
            },
        });
        const { metadata, spec } = inputsOf(program, "Service", name) as unknown as Record<string, Tree>;
        expect(metadata!["annotations"]).to.deep.equal({ [annotation]: "external" });
        expect(spec).to.deep.include({
            type: "LoadBalancer",
            loadBalancerSourceRanges: ["203.0.113.0/24", "2001:db8::/32"],
            externalTrafficPolicy: "Local",
        });
        expect(inputsOf(program, "NetworkPolicy", name)["spec"]!["ingress"]!.at(-1)).to.deep.equal({
            from: [{ ipBlock: { cidr: "203.0.113.0/24" } }, { ipBlock: { cidr: "2001:db8::/32" } }],
            ports: [{ protocol: "TCP", port: 8000 }],
        });
    });

    it("is absent where it is off", async () => {
        const program = await runProgram("production", { "gatewayApi.enabled": false, "smokeTest.enabled": false });
        expect(JSON.stringify(program.resources)).to.not.include("gateway-api-");
        expect((program.exports["services"] as Record<string, unknown>)["gatewayApi"]).to.equal(undefined);
    });
});
