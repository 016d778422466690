/** The components of another system (tests/fixtures/market): its names, labels, ports, probes and volumes. */
import { expect } from "chai";
import { BackupRepository } from "../../../components/BackupRepository.ts";
import { NotificationSecrets } from "../../../components/NotificationSecrets.ts";
import { OAuthSecrets } from "../../../components/OAuthSecrets.ts";
import { Worker } from "../../../components/Worker.ts";
import { type Program, runProgramFile } from "../../support/mocks.ts";
import { find, inputsOf, objectName, objectsOf, podOf, type Tree } from "../../support/objects.ts";

const timings = { initialDelaySeconds: 5, periodSeconds: 10, timeoutSeconds: 2, failureThreshold: 3 };

describe("components of another system", () => {
    let program: Program;
    const containerOf = (name: string): Tree => podOf(program, "Deployment", name)["spec"]!["containers"]![0]!;

    before(async () => {
        program = await runProgramFile("tests/fixtures/market/index.ts");
    });

    it("carry its name in names, labels and types, and nothing of TradeStream", () => {
        expect(JSON.stringify(program.resources)).to.not.match(/"[^"]*tradestream-|name":"tradestream/);
        expect(program.resources.filter(({ custom }) => !custom).map(({ type }) => type)).to.have.members([
            "market:index:MarketData",
            "market:index:Collector",
        ]);
        expect(inputsOf(program, "Deployment", "blue-market-data")["metadata"]!["labels"]).to.deep.equal({
            "app.kubernetes.io/name": "market",
            "app.kubernetes.io/instance": "blue",
            "app.kubernetes.io/component": "market-data",
            "app.kubernetes.io/part-of": "market",
            "app.kubernetes.io/version": "2.1.0",
            "app.kubernetes.io/managed-by": "pulumi",
        });
    });

    it("make of market-data a Deployment, a Service, an autoscaler, an Ingress and what secures them", () => {
        for (const kind of [
            "Deployment",
            "Service",
            "HorizontalPodAutoscaler",
            "Ingress",
            "PodDisruptionBudget",
            "NetworkPolicy",
            "ServiceAccount",
        ] as const) {
            expect(find(program, kind, "blue-market-data"), kind).to.not.equal(undefined);
        }
    });

    it("listen on several ports, and offer those of the Service", () => {
        expect(containerOf("blue-market-data")["ports"]).to.deep.equal([
            { name: "http", containerPort: 8080, protocol: "TCP" },
            { name: "grpc", containerPort: 9000, protocol: "TCP" },
            { name: "metrics", containerPort: 9090, protocol: "TCP" },
        ]);
        expect(inputsOf(program, "Service", "blue-market-data")["spec"]!["ports"]).to.deep.equal([
            { name: "http", port: 80, targetPort: "http", protocol: "TCP" },
            { name: "grpc", port: 9000, targetPort: "grpc", protocol: "TCP" },
        ]);
    });

    it("are probed over HTTP, over TCP and by commands", () => {
        expect(containerOf("blue-market-data")).to.deep.include({
            livenessProbe: { httpGet: { path: "/live", port: "http" }, ...timings },
            readinessProbe: { httpGet: { path: "/ready", port: "http" }, ...timings },
            startupProbe: { tcpSocket: { port: "grpc" }, ...timings },
        });
        expect(containerOf("blue-collector")).to.deep.include({
            livenessProbe: { exec: { command: ["collector", "alive"] }, ...timings },
            readinessProbe: { exec: { command: ["collector", "ready"] }, ...timings },
        });
    });

    it("mount ConfigMaps and volumes, read-only by default", () => {
        expect(podOf(program, "Deployment", "blue-market-data")["spec"]!["volumes"]).to.deep.equal([
            { name: "tmp", emptyDir: { sizeLimit: "64Mi" } },
            { name: "settings", configMap: { name: "blue-settings" } },
            { name: "cache", emptyDir: {} },
        ]);
        expect(containerOf("blue-market-data")["volumeMounts"]).to.deep.equal([
            { name: "tmp", mountPath: "/tmp" },
            { name: "settings", mountPath: "/etc/market", readOnly: true },
            { name: "cache", mountPath: "/var/cache", readOnly: false },
        ]);
    });

    it("take outputs of other resources as variables", () => {
        expect(containerOf("blue-market-data")["env"]).to.deep.equal([
            { name: "LOG_LEVEL", value: "info" },
            { name: "WORKERS", value: "4" },
            { name: "SETTINGS", value: "blue-settings" },
        ]);
    });

    it("keep the annotations that the program relies on, whatever the stack adds", () => {
        expect(podOf(program, "Deployment", "blue-market-data")["metadata"]!["annotations"]).to.deep.equal({
            "example.com/team": "market",
            "prometheus.io/port": "9090",
        });
    });

    it("make of a worker a Deployment without ports, Service or Ingress, that nothing connects to", () => {
        expect(objectsOf(program, "Service").map(objectName)).to.deep.equal(["blue-market-data"]);
        expect(objectsOf(program, "Ingress").map(objectName)).to.deep.equal(["blue-market-data"]);
        expect(containerOf("blue-collector")).to.not.have.property("ports");
        expect(inputsOf(program, "Deployment", "blue-collector")["spec"]!["replicas"]).to.equal(3);
        expect(inputsOf(program, "NetworkPolicy", "blue-collector")["spec"]!["ingress"]).to.deep.equal([]);
    });

    it("throw at arguments that make no sense", () => {
        const platform = { system: "market", releaseName: "blue", namespace: "trading", imagePullSecrets: [] };
        const google = { clientId: "id", clientSecret: "secret" };
        const github = { clientId: "id" };
        expect(() => new OAuthSecrets("oauth-secrets", { platform, checksumKey: "key", google, github })).to.throw(
            "The Secret oauth-secrets needs values for github-client-secret.",
        );
        const secrets = { platform, checksumKey: "key" };
        for (const half of [{ vapidPrivateKey: "key" }, { vapidPublicKey: "key" }])
            expect(() => new NotificationSecrets("notification-secrets", { ...secrets, ...half })).to.throw(
                /^The Secret notification-secrets needs values for vapid-(public|private)-key\.$/,
            );
        const bucket = { createSecret: true, s3: {} } as ConstructorParameters<typeof BackupRepository>[1]["config"];
        const repository = { ...secrets, config: bucket, namespace: "trading", dataDirectory: "pgdata" };
        expect(
            () => new BackupRepository("backup", { ...repository, passphrase: "secret", accessKey: "key" }),
        ).to.throw("A bucket needs accessKey and secretKey.");
        const config = { image: {} } as ConstructorParameters<typeof Worker>[2]["config"];
        const args = { platform, component: "collector", config, env: [], probes: {}, networkRules: {} };
        expect(() => new Worker("market:index:Collector", "blind", args)).to.throw(
            "collector needs a liveness and a readiness probe.",
        );
    });
});
