import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { expect } from "chai";
import { type Change, type Stack } from "../support/configuration.ts";
import { runProgram } from "../support/mocks.ts";

/** What the program says when its own policies refuse it: the lines of its message. */
async function refusal(stack: Stack, change: Change): Promise<readonly string[]> {
    const error = await runProgram(stack, change).then(
        () => new Error(""),
        (reason: unknown) => reason as Error,
    );
    return error.message.split("\n").map((line) => line.trim());
}

const comesFrom = (lines: readonly string[]) => lines.filter((line) => line.startsWith("It comes from"));
const production = "pulumi config set --stack production";
const amounts = { cpu: "10m", memory: "32Mi" };
const container = (name: string) => ({
    ...{ name, image: `example.com/${name}:v1` },
    resources: { requests: amounts, limits: amounts },
});
const required = "nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution";
const preferred = "podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution";
const issuer = 'ingress.annotations["cert-manager.io/cluster-issuer"]';

// The SDK's runtime comes without types for this.
const { leakedPromises } = createRequire(import.meta.url)("@pulumi/pulumi/runtime/debuggable.js") as {
    readonly leakedPromises: () => unknown;
};

describe("what the program refuses by its own policies", () => {
    // Objects that are held back wait for ever; the SDK would report them when the tests end.
    afterEach(() => void leakedPromises());

    const forms: Readonly<Record<string, readonly [Change, ...string[]]>> = {
        "an issuer": [
            { [`gatewayApi.${issuer}`]: "letsencrypt-staging" },
            `gatewayApi.${issuer}: ${production} --path 'gatewayApi.${issuer}' '<value>'`,
        ],
        "an issuer that is not named": [
            { [`agentDashboard.${issuer}`]: undefined },
            `agentDashboard.${issuer}: ${production} --path 'agentDashboard.${issuer}' '<value>'`,
        ],
        "an autoscaler without room": [
            { "gatewayApi.autoscaling.minReplicas": 10 },
            `gatewayApi.autoscaling.maxReplicas: ${production} --path gatewayApi.autoscaling.maxReplicas '<integer>'`,
        ],
        "two equal probes": [
            { "gatewayApi.readinessProbe": { initialDelaySeconds: 10, periodSeconds: 10, timeoutSeconds: 5 } },
            `gatewayApi.readinessProbe: ${production} --path gatewayApi.readinessProbe.path '<path>'`,
        ],
        "a Service with a public address": [
            { "gatewayApi.service.type": "LoadBalancer" },
            `gatewayApi.service.type: ${production} --path gatewayApi.service.type '<ClusterIP|LoadBalancer>'`,
        ],
        "a standard for pods": [
            { podSecurity: "baseline" },
            `podSecurity: ${production} podSecurity '<restricted|baseline|privileged>'`,
        ],
        "a sidecar without probes, after an init container": [
            {
                "gatewayApi.initContainers": [container("wait")],
                "gatewayApi.sidecars": [container("proxy")],
            },
            `gatewayApi.sidecars[0]: ${production} --path 'gatewayApi.sidecars[0].name' '<name>'`,
        ],
        "a field that init containers do not have": [
            { "agentDashboard.initContainers": [{ ...container("wait"), comand: ["/bin/wait"] }] },
            "agentDashboard.initContainers[0].comand: pulumi config rm --stack production --path " +
                "'agentDashboard.initContainers[0].comand'",
        ],
        "a value that sidecars do not take": [
            { "gatewayApi.sidecars": [{ ...container("proxy"), ports: [{ containerPort: "80" }] }] },
            "gatewayApi.sidecars[0].ports[0].containerPort: " +
                `${production} --path 'gatewayApi.sidecars[0].ports[0].containerPort' '<value>'`,
        ],
        "a misspelled field of an affinity, and the one that is missing": [
            { [`gatewayApi.affinity.${required}`]: { nodeSelectorTerm: [] } },
            `gatewayApi.affinity.${required}.nodeSelectorTerm: pulumi config rm --stack production --path ` +
                `gatewayApi.affinity.${required}.nodeSelectorTerm`,
            `gatewayApi.affinity.${required}.nodeSelectorTerms: ${production} --path ` +
                `gatewayApi.affinity.${required}.nodeSelectorTerms '<value>'`,
        ],
        "a weight that the API server does not take": [
            {
                [`notificationWorker.affinity.${preferred}`]: [
                    { weight: 0, podAffinityTerm: { topologyKey: "kubernetes.io/hostname" } },
                ],
            },
            `notificationWorker.affinity.${preferred}[0].weight: ${production} --path ` +
                `'notificationWorker.affinity.${preferred}[0].weight' '<value>'`,
        ],
        "a field that init containers have only where they stay": [
            { "gatewayApi.initContainers": [{ ...container("wait"), livenessProbe: { tcpSocket: { port: 80 } } }] },
            "gatewayApi.initContainers[0].livenessProbe: pulumi config rm --stack production --path " +
                "'gatewayApi.initContainers[0].livenessProbe'",
        ],
        "an affinity of backups, which are no service": [
            {
                backup: { enabled: true, volume: { claimName: "backups" } },
                backupPassphrase: "s3cr3t-with-24-letters-or-more",
                "chart.values.postgresql.image": { repository: "example/postgres", tag: "17.1" },
                [`backup.affinity.${required}`]: { nodeSelectorTerm: [] },
            },
            `backup.affinity.${required}.nodeSelectorTerm: pulumi config rm --stack production --path ` +
                `backup.affinity.${required}.nodeSelectorTerm`,
        ],
        "the image of the agent that ships logs": [
            { "logging.enabled": true, "logging.endpoint": "https://logs.example.com", "logging.image.tag": "latest" },
            `logging.image.tag: ${production} --path logging.image.tag '<tag>'`,
        ],
        "a port that no container may have": [
            { "agentDashboard.containerPort": 22 },
            `agentDashboard.containerPort: ${production} --path agentDashboard.containerPort '<integer>'`,
        ],
        "an annotation of pods that the API server reads": [
            { 'gatewayApi.podAnnotations["controller.kubernetes.io/pod-deletion-cost"]': "high" },
            'gatewayApi.podAnnotations["controller.kubernetes.io/pod-deletion-cost"]: ' +
                `${production} --path 'gatewayApi.podAnnotations["controller.kubernetes.io/pod-deletion-cost"]' '<value>'`,
        ],
        "another class in an annotation of the Ingress": [
            { 'gatewayApi.ingress.annotations["kubernetes.io/ingress.class"]': "public" },
            'gatewayApi.ingress.annotations["kubernetes.io/ingress.class"]: ' +
                `${production} --path 'gatewayApi.ingress.annotations["kubernetes.io/ingress.class"]' '<value>'`,
        ],
        "requests from anywhere": [
            { "networkPolicy.ingressCidrs": ["0.0.0.0/0"] },
            `networkPolicy.ingressCidrs: ${production} --path 'networkPolicy.ingressCidrs[0]' '<value>'`,
        ],
        "a secret among the variables": [
            { "notificationWorker.env": { SENDGRID_PASSWORD: "s3cr3t-4711-not-a-word" } },
            "notificationWorker.env.SENDGRID_PASSWORD: " +
                "pulumi config rm --stack production --path notificationWorker.env.SENDGRID_PASSWORD && " +
                `${production} --path notificationWorker.env.SENDGRID_PASSWORD.secretKeyRef.name '<secret>' && ` +
                `${production} --path notificationWorker.env.SENDGRID_PASSWORD.secretKeyRef.key '<key>'`,
        ],
    };
    for (const [form, [change, ...sources]] of Object.entries(forms))
        it(`names the key and the command for ${form}`, async () => {
            const lines = await refusal("production", change);
            expect(lines[0]).to.match(/^The program breaks .*; nothing was changed\.$/);
            expect(comesFrom(lines)).to.include.members(sources.map((source) => `It comes from ${source}`));
            expect(lines.join()).to.not.include("s3cr3t");
        });

    it("depends on the environment of a stack", async () => {
        const settings = {
            [`gatewayApi.${issuer}`]: "letsencrypt-staging",
            [`agentDashboard.${issuer}`]: "letsencrypt-staging",
        };
        expect(await refusal("production", { ...settings, environment: "staging" })).to.deep.equal([""]);
        expect(comesFrom(await refusal("staging", { environment: "production" }))).to.have.length(2);
    });

    for (const [level, isRefused] of [
        ["mandatory", true],
        ["advisory", false],
        ["disabled", false],
    ] as const)
        it(`is ${isRefused ? "refused" : "let through"} where the file has the level ${level} for the whole policy`, async () => {
            const directory = mkdtempSync(path.join(os.tmpdir(), "guard-test-"));
            try {
                const config = path.join(directory, "policies.json");
                writeFileSync(config, JSON.stringify({ kubernetes: level }));
                const lines = await refusal("local", { "policy.config": config, podSecurity: "privileged" });
                expect(lines[0] !== "").to.equal(isRefused);
            } finally {
                rmSync(directory, { recursive: true });
            }
        });
});
