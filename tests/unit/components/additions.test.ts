/** What a stack adds to the pods of each service, beside what the program relies on. */
import { expect } from "chai";
import { type Program, runProgram } from "../../support/mocks.ts";
import { inputsOf, type Kind, objectName, objectsOf, podOf, type Tree } from "../../support/objects.ts";
import { mandatoryFindings } from "../../support/policies.ts";
import { programOf } from "../../support/programs.ts";

const services = {
    gatewayApi: ["Deployment", "tradestream-gateway-api"],
    agentDashboard: ["Deployment", "tradestream-agent-dashboard"],
    notificationWorker: ["CronJob", "tradestream-notification-worker"],
    databaseMigration: ["Job", "tradestream-database-migration"],
} as const;

const additions = {
    envFrom: [{ prefix: "FEED_", secretRef: { name: "feeds" } }, { configMapRef: { name: "tuning", optional: true } }],
    volumes: [
        { name: "settings", mountPath: "/etc/settings", configMap: { name: "settings" } },
        { name: "client-certificate", mountPath: "/etc/client", secret: { secretName: "client-certificate" } },
        { name: "cache", mountPath: "/var/cache", emptyDir: { sizeLimit: "32Mi" } },
        { name: "exports", mountPath: "/exports", readOnly: false, persistentVolumeClaim: { claimName: "exports" } },
    ],
    podLabels: { team: "trading", "azure.workload.identity/use": "true" },
    serviceAccount: { annotations: { "eks.amazonaws.com/role-arn": "arn:aws:iam::123456789012:role/tradestream" } },
};
const egress = [
    { cidrs: ["10.20.0.0/16", "fd00::/8"], ports: [8200] },
    { namespace: "logging", ports: [4317, 4318] },
    { public: true, ports: [587] },
    { namespace: "metrics", ports: [8125], protocol: "UDP" },
];
const env = {
    LEVEL: "debug",
    FEED_KEY: { secretKeyRef: { name: "feeds", key: "key" } },
    FEED_URL: { configMapKeyRef: { name: "feeds", key: "url", optional: true } },
};

const change = Object.fromEntries(
    Object.keys(services).flatMap((service) => [
        ...Object.entries({ ...additions, env }).map(([key, value]) => [`${service}.${key}`, value]),
        [`${service}.networkPolicy.egress`, egress],
    ]),
) as Readonly<Record<string, unknown>>;

describe("additions to pods", () => {
    let plain: Program;
    let added: Program;

    const fullName = (program: Program, kind: Kind, name: string): string =>
        objectsOf(program, kind)
            .map(objectName)
            .find((candidate) => candidate.startsWith(name))!;

    before(async () => {
        plain = await programOf("production");
        added = await runProgram("production", change);
    });

    for (const [service, [kind, name]] of Object.entries(services)) {
        describe(service, () => {
            it("are variables from Secrets and ConfigMaps, behind the program's own", () => {
                const own = podOf(plain, kind, name)["spec"]!["containers"]![0]!;
                const container = podOf(added, kind, name)["spec"]!["containers"]![0]!;
                expect(container["env"]).to.deep.equal([
                    ...own["env"]!,
                    { name: "LEVEL", value: "debug" },
                    { name: "FEED_KEY", valueFrom: { secretKeyRef: { name: "feeds", key: "key" } } },
                    { name: "FEED_URL", valueFrom: { configMapKeyRef: { name: "feeds", key: "url", optional: true } } },
                ]);
                expect(container["envFrom"]).to.deep.equal(additions.envFrom);
                expect(own).to.not.have.property("envFrom");
            });

            it("are volumes, read-only unless they are scratch or say otherwise", () => {
                const { spec } = podOf(added, kind, name) as unknown as { spec: Tree };
                const own = podOf(plain, kind, name)["spec"]!;
                expect(own["volumes"]![0]).to.deep.equal({ name: "tmp", emptyDir: { sizeLimit: "64Mi" } });
                expect(spec["volumes"]).to.deep.equal([
                    ...own["volumes"]!,
                    { name: "settings", configMap: { name: "settings" } },
                    { name: "client-certificate", secret: { secretName: "client-certificate" } },
                    { name: "cache", emptyDir: { sizeLimit: "32Mi" } },
                    { name: "exports", persistentVolumeClaim: { claimName: "exports" } },
                ]);
                expect(spec["containers"]![0]!["volumeMounts"]).to.deep.equal([
                    ...own["containers"]![0]!["volumeMounts"]!,
                    { name: "settings", mountPath: "/etc/settings", readOnly: true },
                    { name: "client-certificate", mountPath: "/etc/client", readOnly: true },
                    { name: "cache", mountPath: "/var/cache", readOnly: false },
                    { name: "exports", mountPath: "/exports", readOnly: false },
                ]);
            });

            it("are labels of the pods alone, beside the program's own", () => {
                const labels = podOf(added, kind, name)["metadata"]!["labels"];
                expect(labels).to.deep.equal({
                    ...additions.podLabels,
                    ...podOf(plain, kind, name)["metadata"]!["labels"],
                });
                const object = inputsOf(added, kind, fullName(added, kind, name));
                expect(object["metadata"]!["labels"]).to.not.have.property("team");
                expect(JSON.stringify(object["spec"]!["selector"] ?? {})).to.not.include("team");
            });

            it("are annotations of its service account, which still mounts no token", () => {
                const account = inputsOf(added, "ServiceAccount", name);
                expect(account["metadata"]!["annotations"]).to.deep.equal(additions.serviceAccount.annotations);
                expect(account["automountServiceAccountToken"]).to.equal(false);
                expect(inputsOf(plain, "ServiceAccount", name)["metadata"]).to.not.have.property("annotations");
            });

            it("are connections, behind those that the program needs", () => {
                const own = inputsOf(plain, "NetworkPolicy", name)["spec"]!;
                const spec = inputsOf(added, "NetworkPolicy", name)["spec"]!;
                const inNamespace = (namespace: string) => ({
                    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
                });
                expect(spec["ingress"]).to.deep.equal(own["ingress"]);
                const more = spec["egress"]!.slice(own["egress"]!.length) as unknown as { to: Tree[] }[];
                expect(spec["egress"]!.slice(0, own["egress"]!.length)).to.deep.equal(own["egress"]);
                expect(more.filter((_, index) => index !== 2)).to.deep.equal([
                    {
                        to: [{ ipBlock: { cidr: "10.20.0.0/16" } }, { ipBlock: { cidr: "fd00::/8" } }],
                        ports: [{ protocol: "TCP", port: 8200 }],
                    },
                    {
                        to: [inNamespace("logging")],
                        ports: [
                            { protocol: "TCP", port: 4317 },
                            { protocol: "TCP", port: 4318 },
                        ],
                    },
                    { to: [inNamespace("metrics")], ports: [{ protocol: "UDP", port: 8125 }] },
                ]);
                const [ipv4] = more[2]!.to;
                expect(ipv4!["ipBlock"]!["cidr"]).to.equal("0.0.0.0/0");
                expect(ipv4!["ipBlock"]!["except"]).to.include.members(["10.0.0.0/8", "169.254.0.0/16"]);
            });
        });
    }

    describe("are containers", () => {
        const resources = {
            requests: { cpu: "10m", memory: "32Mi" },
            limits: { cpu: "100m", memory: "64Mi" },
        };
        const probe = { httpGet: { path: "/health", port: 9000 } };
        const containers = (service: string) => ({
            [`${service}.initContainers`]: [
                {
                    name: "wait",
                    image: "example.com/wait:v1",
                    command: ["/bin/wait"],
                    resources,
                    securityContext: { runAsUser: 10002, privileged: true, capabilities: { add: ["NET_ADMIN"] } },
                },
            ],
            [`${service}.sidecars`]: [
                {
                    name: "proxy",
                    image: "tools/proxy:v1.2.3",
                    ports: [{ containerPort: 9000 }],
                    livenessProbe: { ...probe, periodSeconds: 20 },
                    readinessProbe: probe,
                    resources,
                    volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
                },
            ],
        });
        let program: Program;

        before(async () => {
            program = await runProgram("production", {
                ...containers("gatewayApi"),
                ...containers("notificationWorker"),
                ...containers("databaseMigration"),
                imageRegistry: "registry.example.com",
            });
        });

        it("that run before the service's and beside it, as Kubernetes has them", () => {
            for (const [kind, name] of [services.gatewayApi, services.notificationWorker, services.databaseMigration]) {
                const spec = podOf(program, kind, name)["spec"]!;
                const [wait, proxy] = spec["initContainers"] as unknown as readonly Tree[];
                expect(wait)
                    .to.deep.include({ name: "wait", command: ["/bin/wait"] })
                    .and.not.have.key("restartPolicy");
                expect(proxy).to.deep.include({ name: "proxy", restartPolicy: "Always", readinessProbe: probe });
                expect(wait!["image"]).to.equal("example.com/wait:v1");
                expect(proxy!["image"]).to.equal("registry.example.com/tools/proxy:v1.2.3");
                expect(proxy!["resources"]!["limits"]).to.deep.equal({
                    ...resources.limits,
                    "ephemeral-storage": "256Mi",
                });
                expect(spec["containers"]).to.have.length(1);
            }
        });

        it("under the restricted standard, whatever they say; only their user is theirs", () => {
            const own = podOf(plain, ...services.gatewayApi)["spec"]!["containers"]![0]!["securityContext"];
            const [wait, proxy] = podOf(program, ...services.gatewayApi)["spec"]!["initContainers"]!;
            expect(wait!["securityContext"]).to.deep.equal({ runAsUser: 10002, ...own });
            expect(proxy!["securityContext"]).to.deep.equal(own);
        });

        it("that break no mandatory policy", () => {
            expect(mandatoryFindings("production", program)).to.deep.equal(mandatoryFindings("production", plain));
        });
    });

    it("leave every object as it is where they are empty, the migration's name included", async () => {
        const empty = await runProgram("production", {
            "databaseMigration.env": {},
            "gatewayApi.networkPolicy": { egress: [] },
            "gatewayApi.envFrom": [],
            "gatewayApi.volumes": [],
            "notificationWorker.podLabels": {},
            "agentDashboard.serviceAccount.annotations": {},
            // It runs again for another text of the same configuration.
            "smokeTest.enabled": false,
        });
        const untested = await runProgram("production", { "smokeTest.enabled": false });
        const objects = (program: Program) =>
            Object.fromEntries(
                program.resources.filter(({ custom }) => custom).map(({ urn, inputs }) => [urn, inputs]),
            );
        expect(objects(empty)).to.deep.equal(objects(untested));
    });
});
