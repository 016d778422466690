/** As many services as asked for: Deployment, Service, Ingress, HPA, NetworkPolicy and budget each. */
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

const config = new pulumi.Config();
const count = config.requireNumber("services");
const provider = new kubernetes.Provider("cluster", {});

// What is measured is the engine, and not how fast controllers make pods.
const annotations = { "pulumi.com/skipAwait": "true" };

const { metadata: created } = new kubernetes.core.v1.Namespace(
    "namespace",
    { metadata: { name: "bench-services" } },
    { provider },
);

class Service extends pulumi.ComponentResource {
    constructor(name: string, version: string) {
        super("bench:index:Service", name, {}, { provider });
        const labels = { "app.kubernetes.io/name": name };
        const metadata = { name, namespace: created.name, labels, annotations };
        const options = { parent: this };
        const container = {
            name: "main",
            image: `bench.invalid/service:${version}`,
            ports: [{ name: "http", containerPort: 8080 }],
            env: ["ONE", "TWO", "THREE", "FOUR", "FIVE"].map((variable) => ({
                name: variable,
                value: `${variable} of ${name}`,
            })),
            readinessProbe: { httpGet: { path: "/", port: "http" } },
            livenessProbe: { httpGet: { path: "/", port: "http" }, periodSeconds: 30 },
            resources: { requests: { cpu: "1m", memory: "1Mi" }, limits: { cpu: "1m", memory: "1Mi" } },
        };
        const template = { metadata: { labels }, spec: { containers: [container] } };
        new kubernetes.apps.v1.Deployment(
            name,
            { metadata, spec: { selector: { matchLabels: labels }, template } },
            options,
        );
        const service = new kubernetes.core.v1.Service(
            name,
            {
                metadata,
                // Without an address of its own: the local cluster has 254 of them.
                spec: {
                    clusterIP: "None",
                    selector: labels,
                    ports: [{ name: "http", port: 80, targetPort: "http" }],
                },
            },
            options,
        );
        const backend = { service: { name: service.metadata.name, port: { name: "http" } } };
        new kubernetes.networking.v1.Ingress(
            name,
            {
                metadata,
                spec: {
                    ingressClassName: "nginx",
                    rules: [
                        { host: `${name}.example.com`, http: { paths: [{ path: "/", pathType: "Prefix", backend }] } },
                    ],
                },
            },
            options,
        );
        new kubernetes.autoscaling.v2.HorizontalPodAutoscaler(
            name,
            {
                metadata,
                spec: {
                    scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name },
                    minReplicas: 1,
                    maxReplicas: 3,
                    metrics: [
                        {
                            type: "Resource",
                            resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 70 } },
                        },
                    ],
                },
            },
            options,
        );
        new kubernetes.networking.v1.NetworkPolicy(
            name,
            {
                metadata,
                spec: {
                    podSelector: { matchLabels: labels },
                    policyTypes: ["Ingress", "Egress"],
                    ingress: [{ ports: [{ protocol: "TCP", port: 8080 }] }],
                    egress: [{ ports: [{ protocol: "UDP", port: 53 }] }],
                },
            },
            options,
        );
        new kubernetes.policy.v1.PodDisruptionBudget(
            name,
            { metadata, spec: { maxUnavailable: 1, selector: { matchLabels: labels } } },
            options,
        );
        this.registerOutputs();
    }
}

// One change is a change of the first service.
for (let index = 0; index < count; index++)
    new Service(`service-${index}`, index === 0 ? config.require("version") : "v1");
