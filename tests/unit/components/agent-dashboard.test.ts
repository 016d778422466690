import { expect } from "chai";
import { type Program, runProgram } from "../../support/mocks.ts";
import { find, inputsOf, podOf, resource, type Tree } from "../../support/objects.ts";
import { programOf } from "../../support/programs.ts";

const name = "tradestream-agent-dashboard";
const selector = {
    "app.kubernetes.io/name": "tradestream",
    "app.kubernetes.io/instance": "tradestream",
    "app.kubernetes.io/component": "agent-dashboard",
};
const containerOf = (program: Program): Tree => podOf(program, "Deployment", name)["spec"]!["containers"]![0]!;

describe("agent-dashboard", () => {
    let production: Program;

    before(async () => {
        production = await programOf("production");
    });

    it("is a Deployment under the specification's name and labels, with a number of pods, as nothing scales it", () => {
        const deployment = inputsOf(production, "Deployment", name);
        expect(deployment["metadata"]).to.deep.include({ name, namespace: "tradestream" });
        expect(deployment["metadata"]!["labels"]).to.deep.include({
            ...selector,
            "app.kubernetes.io/version": "v1.0.0",
            "app.kubernetes.io/managed-by": "pulumi",
        });
        expect(deployment["spec"]!["selector"]).to.deep.equal({ matchLabels: selector });
        expect(deployment["spec"]!["replicas"]).to.equal(2);
        expect(deployment["spec"]!["strategy"]!["rollingUpdate"]).to.deep.equal({ maxSurge: 1, maxUnavailable: 0 });
        expect(find(production, "HorizontalPodAutoscaler", name)).to.equal(undefined);
    });

    it("has an autoscaler, which then decides the number of pods, where it is switched on", async () => {
        const program = await runProgram("production", {
            "agentDashboard.autoscaling": { enabled: true, maxReplicas: 4 },
        });
        expect(find(program, "Deployment", name)!.ignoreChanges).to.deep.equal(["spec.replicas"]);
        expect(find(production, "Deployment", name)!.ignoreChanges).to.deep.equal([]);
        expect(inputsOf(program, "HorizontalPodAutoscaler", name)["spec"]).to.deep.include({
            scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name },
            minReplicas: 2,
            maxReplicas: 4,
        });
    });

    it("stays without autoscaler where only its numbers are given", async () => {
        const program = await runProgram("production", { "agentDashboard.autoscaling": { maxReplicas: 4 } });
        expect(find(program, "HorizontalPodAutoscaler", name)).to.equal(undefined);
        expect(inputsOf(program, "Deployment", name)["spec"]!["replicas"]).to.equal(2);
    });

    it("runs the specification's image on port 80, which a sysctl opens to it", () => {
        const container = containerOf(production);
        expect(container["name"]).to.equal("agent-dashboard");
        expect(container["image"]).to.equal("tradestreamhq/agent-dashboard:v1.0.0");
        expect(container["imagePullPolicy"]).to.equal("IfNotPresent");
        expect(container["ports"]).to.deep.equal([{ name: "http", containerPort: 80, protocol: "TCP" }]);
        expect(podOf(production, "Deployment", name)["spec"]!["securityContext"]).to.deep.equal({
            runAsNonRoot: true,
            runAsUser: 10001,
            runAsGroup: 10001,
            fsGroup: 10001,
            seccompProfile: { type: "RuntimeDefault" },
            sysctls: [{ name: "net.ipv4.ip_unprivileged_port_start", value: "80" }],
        });
    });

    it("needs no sysctl on a port that anybody may open", async () => {
        const program = await runProgram("production", {
            "agentDashboard.containerPort": 8080,
            "agentDashboard.env": { API_URL: "https://api.tradestream.io" },
        });
        expect(podOf(program, "Deployment", name)["spec"]!["securityContext"]).to.not.have.property("sysctls");
        expect(inputsOf(program, "Service", name)["spec"]!["ports"]).to.deep.equal([
            { name: "http", port: 80, targetPort: "http", protocol: "TCP" },
        ]);
        expect(inputsOf(program, "NetworkPolicy", name)["spec"]!["ingress"]![0]!["ports"]).to.deep.equal([
            { protocol: "TCP", port: 8080 },
        ]);
        expect(containerOf(program)["env"]).to.deep.equal([{ name: "API_URL", value: "https://api.tradestream.io" }]);
    });

    it("is given no variables, no secrets and no annotations", () => {
        expect(containerOf(production)["env"]).to.deep.equal([]);
        expect(podOf(production, "Deployment", name)["metadata"]).to.not.have.property("annotations");
        expect(JSON.stringify(resource(production, "agent-dashboard-deployment").inputs)).to.not.match(/secret/i);
    });

    it("is probed as in the specification", () => {
        expect(containerOf(production)["livenessProbe"]).to.deep.equal({
            httpGet: { path: "/", port: "http" },
            initialDelaySeconds: 5,
            periodSeconds: 10,
            timeoutSeconds: 5,
            failureThreshold: 3,
        });
        expect(containerOf(production)["readinessProbe"]).to.deep.equal({
            httpGet: { path: "/", port: "http" },
            initialDelaySeconds: 3,
            periodSeconds: 5,
            timeoutSeconds: 3,
            failureThreshold: 3,
        });
    });

    it("has the specification's resources, and bounds for the disk", () => {
        expect(containerOf(production)["resources"]).to.deep.equal({
            requests: { cpu: "50m", memory: "64Mi", "ephemeral-storage": "64Mi" },
            limits: { cpu: "100m", memory: "128Mi", "ephemeral-storage": "256Mi" },
        });
    });

    it("has an Ingress for both hosts, as in the specification", () => {
        const ingress = inputsOf(production, "Ingress", name);
        expect(ingress["metadata"]!["annotations"]).to.deep.equal({
            "cert-manager.io/cluster-issuer": "letsencrypt-prod",
            "nginx.ingress.kubernetes.io/proxy-body-size": "10m",
            "nginx.ingress.kubernetes.io/ssl-redirect": "true",
            "nginx.ingress.kubernetes.io/force-ssl-redirect": "true",
        });
        const http = {
            paths: [{ path: "/", pathType: "Prefix", backend: { service: { name, port: { number: 80 } } } }],
        };
        expect(ingress["spec"]).to.deep.equal({
            ingressClassName: "nginx",
            tls: [{ hosts: ["tradestream.io", "www.tradestream.io"], secretName: "agent-dashboard-tls" }],
            rules: [
                { host: "tradestream.io", http },
                { host: "www.tradestream.io", http },
            ],
        });
    });

    it("answers the ingress controller, and asks gateway-api on its port", async () => {
        const program = await runProgram("production", {
            "gatewayApi.containerPort": 9000,
            "smokeTest.enabled": false,
        });
        expect(inputsOf(program, "NetworkPolicy", name)["spec"]).to.deep.equal({
            podSelector: { matchLabels: selector },
            policyTypes: ["Ingress", "Egress"],
            ingress: [
                {
                    from: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "ingress-nginx" } } }],
                    ports: [{ protocol: "TCP", port: 80 }],
                },
            ],
            egress: [
                {
                    to: [
                        {
                            podSelector: {
                                matchLabels: { ...selector, "app.kubernetes.io/component": "gateway-api" },
                            },
                        },
                    ],
                    ports: [{ protocol: "TCP", port: 9000 }],
                },
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
            ],
        });
    });

    it("loses one pod at a time", () => {
        expect(inputsOf(production, "PodDisruptionBudget", name)["spec"]!["maxUnavailable"]).to.equal(1);
    });

    it("does not wait for the database", () => {
        expect(resource(production, "agent-dashboard").dependencies).to.have.members([
            "namespace",
            "pod-defaults-priority-class",
        ]);
    });

    it("is absent where it is off", async () => {
        const program = await runProgram("production", { "agentDashboard.enabled": false });
        expect(program.resources.filter(({ name }) => name.startsWith("agent-dashboard"))).to.deep.equal([]);
        expect((program.exports["services"] as Record<string, unknown>)["agentDashboard"]).to.equal(undefined);
    });
});
