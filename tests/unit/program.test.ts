import { expect } from "chai";
import { valueAt } from "../../config/values.ts";
import { requiredSecrets, stacks } from "../support/configuration.ts";
import { type Program, runProgram } from "../support/mocks.ts";
import { kindOf, objectName, objectsOf, podTemplates, resource, secretData, type Tree } from "../support/objects.ts";
import { programOf } from "../support/programs.ts";

type Labels = Readonly<Record<string, string>>;

const longestName = 63;
const restricted = {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ["ALL"] },
    privileged: false,
    readOnlyRootFilesystem: true,
    runAsNonRoot: true,
    seccompProfile: { type: "RuntimeDefault" },
};

const labelsOf = (tree: Tree): Labels => tree["metadata"]!["labels"] as unknown as Labels;
const selects = (selector: Tree | undefined, labels: Labels) =>
    Object.entries((selector?.["matchLabels"] ?? {}) as unknown as Labels).every(
        ([key, value]) => labels[key] === value,
    );
const containersOf = (template: Tree) =>
    [...(template["spec"]!["initContainers"] ?? []), ...template["spec"]!["containers"]!] as readonly Tree[];

/** Text of each value below `value`, with its path. */
function leaves(value: unknown, place = ""): [string, string][] {
    return typeof value === "object" && value !== null
        ? Object.entries(value).flatMap(([key, item]) => leaves(item, place === "" ? key : `${place}.${key}`))
        : [[place, String(value)]];
}

for (const stack of stacks) {
    describe(`everything of stack ${stack}`, () => {
        let program: Program;
        let pods: ReturnType<typeof podTemplates>;

        before(async () => {
            program = await programOf(stack);
            pods = podTemplates(program);
        });

        it("is there: pods of all four workloads, and of the smoke test but on one's own machine", () => {
            expect(pods.map(({ owner }) => kindOf(owner)).sort()).to.deep.equal([
                ...["CronJob", "Deployment", "Deployment", "Job"],
                ...(stack === "local" ? [] : ["Job"]),
            ]);
        });

        it("has a name that Kubernetes takes, and no two of a kind the same", () => {
            const objects = program.resources.filter((object) => kindOf(object) !== undefined);
            const names = objects.map((object) => `${kindOf(object)} ${objectName(object)}`);
            expect(new Set(names).size).to.equal(names.length);
            for (const object of objects) {
                const longest = kindOf(object) === "CronJob" ? 52 : longestName;
                expect(objectName(object)).to.match(/^[a-z0-9][a-z0-9-]*[a-z0-9]$/);
                expect(objectName(object).length, objectName(object)).to.be.at.most(longest);
            }
        });

        it("goes to the stack's namespace, under the recommended labels", () => {
            for (const object of program.resources.filter((candidate) => kindOf(candidate) !== undefined)) {
                const { inputs } = object as unknown as { inputs: Tree };
                const kind = kindOf(object);
                if (kind !== "Namespace") {
                    const namespace = kind === "Release" ? inputs["namespace"] : inputs["metadata"]!["namespace"];
                    expect(namespace, object.name).to.equal(program.exports["namespace"]);
                }
                if (kind !== "Release") {
                    expect(labelsOf(inputs), object.name).to.include({
                        "app.kubernetes.io/name": "tradestream",
                        "app.kubernetes.io/instance": "tradestream",
                        "app.kubernetes.io/part-of": "tradestream",
                        "app.kubernetes.io/managed-by": "pulumi",
                    });
                }
            }
        });

        it("has pods under the restricted standard, with a read-only root", () => {
            for (const { owner, template } of pods) {
                const spec = template["spec"]!;
                expect(spec["securityContext"], owner.name).to.deep.include({
                    runAsNonRoot: true,
                    seccompProfile: { type: "RuntimeDefault" },
                });
                expect(spec["securityContext"]!["runAsUser"]).to.be.above(0);
                for (const key of ["hostNetwork", "hostPID", "hostIPC"]) {
                    expect(spec, owner.name).to.not.have.property(key);
                }
                for (const volume of spec["volumes"]!) {
                    const isCertificate = /^database-(superuser-)?tls$/.test(String(volume["name"]));
                    const source = isCertificate ? "secret" : "emptyDir";
                    expect(Object.keys(volume), owner.name).to.have.members(["name", source]);
                }
                for (const container of containersOf(template)) {
                    expect(container["securityContext"], owner.name).to.deep.equal(restricted);
                }
            }
        });

        it("has pods with an account of their own and without its token", () => {
            const accounts = pods.map(({ owner, template }) => {
                const spec = template["spec"]!;
                expect(spec["automountServiceAccountToken"], owner.name).to.equal(false);
                return String(spec["serviceAccountName"]);
            });
            expect(new Set(accounts).size).to.equal(pods.length);
            expect(objectsOf(program, "ServiceAccount").map(objectName)).to.have.members(accounts);
            for (const { inputs, name } of objectsOf(program, "ServiceAccount")) {
                expect(inputs["automountServiceAccountToken"], name).to.equal(false);
            }
        });

        it("has containers with requests and limits, for the disk too", () => {
            for (const { template } of pods) {
                for (const container of containersOf(template)) {
                    for (const side of ["requests", "limits"]) {
                        expect(container["resources"]![side]).to.have.all.keys("cpu", "memory", "ephemeral-storage");
                    }
                }
            }
        });

        it("has containers with a fixed image, by name of the service", () => {
            const others: Readonly<Record<string, RegExp>> = {
                "database-roles": /\/postgres(ql)?:\d/,
                "smoke-test": /\/curl:\d+\.\d+\.\d+$/,
            };
            for (const { template } of pods) {
                for (const container of containersOf(template)) {
                    const name = String(container["name"]);
                    expect(String(container["image"])).to.match(
                        others[name] ?? new RegExp(`/${name}:v\\d+\\.\\d+\\.\\d+$`),
                    );
                }
            }
        });

        it("has services that are probed for life and for readiness, differently", () => {
            for (const { owner, template } of pods.filter(({ owner }) => kindOf(owner) === "Deployment")) {
                const [container] = containersOf(template);
                const { livenessProbe, readinessProbe } = container as unknown as Record<string, Tree>;
                expect(livenessProbe!["httpGet"]!["port"], owner.name).to.equal("http");
                expect(readinessProbe!["httpGet"]!["port"], owner.name).to.equal("http");
                expect(livenessProbe).to.not.deep.equal(readinessProbe);
                expect(container!["ports"]!.map(({ name }) => String(name))).to.include("http");
            }
        });

        it("has a network policy in both directions for each pod, and default deny for the rest", () => {
            const policies = objectsOf(program, "NetworkPolicy").map(({ inputs }) => inputs["spec"] as Tree);
            for (const policy of policies) {
                expect(policy["policyTypes"]).to.deep.equal(["Ingress", "Egress"]);
            }
            expect(policies.filter(({ podSelector }) => Object.keys(podSelector!).length === 0)).to.have.length(1);
            for (const { owner, template } of pods) {
                const own = policies.filter(
                    ({ podSelector }) =>
                        Object.keys(podSelector!).length > 0 && selects(podSelector, labelsOf(template)),
                );
                expect(own, owner.name).to.have.length(1);
            }
        });

        it("has peers in network policies that exist: pods of the program, or of the chart", () => {
            const known = [
                ...pods.map(({ template }) => labelsOf(template)),
                ...["postgresql", "redis"].map((name) => ({
                    "app.kubernetes.io/name": name,
                    "app.kubernetes.io/instance": "tradestream",
                })),
            ];
            for (const { name, inputs } of objectsOf(program, "NetworkPolicy")) {
                const { ingress, egress } = inputs["spec"] as Record<string, Tree>;
                const peers = [...ingress!, ...egress!].flatMap((rule) => [
                    ...(rule["from"] ?? []),
                    ...(rule["to"] ?? []),
                ]);
                for (const peer of peers.filter((tree) => "podSelector" in tree && !("namespaceSelector" in tree))) {
                    expect(
                        known.some((labels) => selects(peer["podSelector"], labels)),
                        name,
                    ).to.equal(true);
                }
            }
        });

        it("has disruption budgets where there are two pods or more, and only there", () => {
            const budgets = objectsOf(program, "PodDisruptionBudget").map(({ inputs }) => inputs["spec"] as Tree);
            const autoscalers = objectsOf(program, "HorizontalPodAutoscaler");
            for (const { owner, template } of pods) {
                const autoscaler = autoscalers.find((candidate) => objectName(candidate) === objectName(owner));
                const least = autoscaler
                    ? (autoscaler.inputs["spec"] as Tree)["minReplicas"]
                    : (owner.inputs["spec"] as Tree)["replicas"];
                const own = budgets.filter((budget) => selects(budget["selector"], labelsOf(template)));
                const many = kindOf(owner) === "Deployment" && Number(least) >= 2;
                expect(own, owner.name).to.have.length(many ? 1 : 0);
            }
        });

        it("starts with the autoscaler's minimum of pods and then leaves the number to it", () => {
            const minimum = new Map(
                objectsOf(program, "HorizontalPodAutoscaler").map(({ inputs }) => {
                    const spec = inputs["spec"] as Tree;
                    return [String(spec["scaleTargetRef"]!["name"]), Number(spec["minReplicas"])];
                }),
            );
            for (const deployment of objectsOf(program, "Deployment")) {
                const replicas = Number((deployment.inputs["spec"] as Tree)["replicas"]);
                const least = minimum.get(objectName(deployment));
                expect(replicas, deployment.name)
                    .to.equal(least ?? replicas)
                    .and.to.be.at.least(2);
                expect(deployment.ignoreChanges).to.deep.equal(least === undefined ? [] : ["spec.replicas"]);
            }
            expect(objectsOf(program, "Deployment").map(objectName)).to.include.members([...minimum.keys()]);
        });

        it("has selectors that match their own pods, and no others", () => {
            const all = pods.map(({ template }) => labelsOf(template));
            for (const { owner, template } of pods.filter(({ owner }) => kindOf(owner) === "Deployment")) {
                const { selector } = owner.inputs["spec"] as Record<string, Tree>;
                expect(all.filter((labels) => selects(selector, labels))).to.deep.equal([labelsOf(template)]);
            }
            for (const { name, inputs } of objectsOf(program, "Service")) {
                const selector = { matchLabels: (inputs["spec"] as Tree)["selector"] } as unknown as Tree;
                expect(
                    all.filter((labels) => selects(selector, labels)),
                    name,
                ).to.have.length(1);
            }
        });

        it("reads only keys that its Secrets have, or may do without", () => {
            const secrets = new Map(
                objectsOf(program, "Secret").map((secret) => [
                    objectName(secret),
                    secretData(program, objectName(secret)),
                ]),
            );
            // Of the chart.
            secrets.set("tradestream-postgresql", { "postgres-password": "" });
            let references = 0;
            for (const { owner, template } of pods) {
                for (const container of containersOf(template)) {
                    for (const variable of container["env"] ?? []) {
                        const reference = variable["valueFrom"]?.["secretKeyRef"] as unknown as
                            { name: string; key: string; optional?: boolean } | undefined;
                        if (reference !== undefined && reference.optional !== true) {
                            references++;
                            expect(secrets.get(reference.name), owner.name).to.have.property(reference.key);
                        }
                    }
                }
            }
            expect(references).to.be.above(10);
        });

        it("sends every Ingress to a Service and a port that exist, over TLS", () => {
            const services = new Map(
                objectsOf(program, "Service").map((service) => [
                    objectName(service),
                    (service.inputs["spec"] as Tree)["ports"]!.map(({ port }) => Number(port)),
                ]),
            );
            expect(objectsOf(program, "Ingress")).to.have.length(stack === "local" ? 0 : 2);
            for (const { name, inputs } of objectsOf(program, "Ingress")) {
                const { rules, tls } = inputs["spec"] as Record<string, Tree>;
                const covered = tls!.flatMap(({ hosts }) => [...(hosts as unknown as string[])]);
                for (const rule of rules!) {
                    expect(covered, name).to.include(String(rule["host"]));
                    for (const { backend } of rule["http"]!["paths"]!) {
                        const { name: service, port } = backend!["service"] as unknown as {
                            name: string;
                            port: { number: number };
                        };
                        expect(services.get(service), name).to.include(port.number);
                    }
                }
            }
        });

        it("has nothing secret in anything but Secrets and the release", () => {
            const holders = program.resources.filter(({ custom, secretPaths }) => custom && secretPaths.length > 0);
            expect(new Set(holders.map(kindOf))).to.deep.equal(new Set(["Secret", "Release"]));
        });
    });
}

describe("the program", () => {
    let production: Program;

    before(async () => {
        production = await programOf("production");
    });

    it("puts every object below a component, and components below the stack", () => {
        const components = production.resources.filter(({ custom }) => !custom);
        expect(components.map(({ type }) => type)).to.have.members(
            [
                "TradeStreamNamespace",
                "PodDefaults",
                "DatabaseCertificate",
                "DatabaseSecrets",
                "AuthSecrets",
                "OAuthSecrets",
                "NotificationSecrets",
                "TradeStreamChart",
                "DatabaseMigration",
                "GatewayApi",
                "AgentDashboard",
                "NotificationWorker",
                "SmokeTest",
            ].map((type) => `tradestream:index:${type}`),
        );
        const names = components.map(({ name }) => name);
        for (const { name, type, parent, custom } of production.resources) {
            if (!custom || ["cluster", "checksum-key", "destroy-guard"].includes(name)) {
                expect(parent, name).to.equal(undefined);
            } else {
                expect(names, `${type} ${name}`).to.include(parent);
            }
        }
    });

    it("records the components' arguments, the secret ones encrypted", async () => {
        const values: readonly string[] = [...Object.values(requiredSecrets), "s3cr3t-4711"];
        const { resources } = await runProgram("production", {
            databaseUrl: "postgresql://app:s3cr3t-4711@db/trade?sslmode=verify-full",
        });
        const found = new Set<string>();
        for (const { custom, name, inputs, secretPaths } of resources) {
            if (!custom) {
                expect(inputs, name).to.have.property(name === "namespace" ? "name" : "platform");
                for (const [place, text] of leaves(inputs)) {
                    for (const value of values.filter((candidate) => text.includes(candidate))) {
                        expect(secretPaths, `${name} ${place}`).to.include(place);
                        found.add(value);
                    }
                }
            }
        }
        expect([...found]).to.have.members(values);
    });

    it("lets every component say what it made", () => {
        expect(Object.fromEntries(production.componentOutputs)).to.deep.include({
            namespace: { namespace: "tradestream" },
            "auth-secrets": { secretName: "tradestream-auth-secrets" },
            "oauth-secrets": { secretName: "tradestream-oauth-secrets" },
            "notification-secrets": { secretName: "tradestream-notification-secrets" },
            "database-secrets": { secretName: "tradestream-database-secrets" },
            chart: { releaseName: "tradestream" },
            "gateway-api": { serviceName: "tradestream-gateway-api" },
            "agent-dashboard": { serviceName: "tradestream-agent-dashboard" },
            "notification-worker": { cronJobName: "tradestream-notification-worker" },
        });
        expect(production.componentOutputs.size).to.equal(production.resources.filter(({ custom }) => !custom).length);
    });

    it("makes all objects through its own provider, never through the default one", () => {
        for (const { name, type, provider } of production.resources) {
            if (type.startsWith("kubernetes:")) {
                expect(provider, name).to.equal("cluster");
            }
        }
    });

    it("connects to the configured cluster, under a name that credentials do not change", async () => {
        const { inputs } = resource(production, "cluster");
        expect(inputs).to.include({ clusterIdentifier: "tradestream-production" });
        expect(inputs).to.not.have.any.keys("kubeconfig", "context");
        const kubeconfig = JSON.stringify({ contexts: [{ name: "blue", context: { cluster: "blue", user: "blue" } }] });
        const program = await runProgram("production", { kubeconfig, context: "blue" }, { encrypted: ["kubeconfig"] });
        expect(resource(program, "cluster")).to.deep.include({ secretPaths: ["kubeconfig"] });
        expect(resource(program, "cluster").inputs).to.deep.include({ kubeconfig, context: "blue" });
    });

    it("takes all images from the registry of the stack, and pulls them with its Secrets", async () => {
        const program = await runProgram("production", {
            imageRegistry: "registry.example.com:5000/mirror",
            "agentDashboard.image.repository": "other.example.com/dashboard",
            imagePullSecrets: ["regcred"],
            "policy.enforce": false,
        });
        const images = program.resources.flatMap(
            ({ inputs }) => JSON.stringify(inputs).match(/"image":"[^"]+"/g) ?? [],
        );
        expect(images.map((image) => /^"image":"(.*)[:@]/.exec(image)![1])).to.have.members([
            "registry.example.com:5000/mirror/tradestreamhq/gateway-api",
            "other.example.com/dashboard",
            "registry.example.com:5000/mirror/tradestreamhq/notification-worker",
            "registry.example.com:5000/mirror/tradestreamhq/database-migration",
            "registry.example.com:5000/mirror/library/postgres",
            "registry.example.com:5000/mirror/curlimages/curl",
        ]);
        const release = program.resources.find(({ type }) => type === "kubernetes:helm.sh/v3:Release")!;
        for (const service of ["postgresql", "redis"])
            expect(valueAt(release.inputs, ["values", service, "image"])).to.deep.equal({
                registry: "registry.example.com:5000/mirror",
                pullSecrets: ["regcred"],
            });
    });

    for (const stack of stacks) {
        it(`lets the destroy guard of ${stack} depend on everything else, and be replaced by nothing`, async () => {
            const { resources } = await programOf(stack);
            const guard = resources.find(({ name }) => name === "destroy-guard")!;
            const others = resources.filter(({ name, custom }) => custom && name !== "destroy-guard");
            expect(guard.type).to.equal("random:index/randomUuid:RandomUuid");
            expect(guard.inputs).to.deep.equal({});
            expect(new Set(guard.dependencies)).to.deep.equal(new Set(others.map(({ name }) => name)));
        });
    }

    it("protects the destroy guard and what holds data in production, and nothing elsewhere", async () => {
        const protectedNames = production.resources
            .filter(({ protect }) => protect)
            .map(({ name, type }) => `${type} ${name}`);
        expect(protectedNames).to.have.members([
            "random:index/randomUuid:RandomUuid destroy-guard",
            "kubernetes:core/v1:Namespace namespace",
            "random:index/randomPassword:RandomPassword database-secrets-postgres",
            "kubernetes:helm.sh/v3:Release chart",
        ]);
        const unprotected = await runProgram("production", { protect: false });
        for (const program of [await programOf("local"), await programOf("staging"), unprotected]) {
            expect(program.resources.filter(({ protect }) => protect)).to.deep.equal([]);
        }
    });

    it("exports names, ports and addresses, and nothing secret", () => {
        expect(production.exports).to.deep.equal({
            namespace: "tradestream",
            services: {
                gatewayApi: { name: "tradestream-gateway-api", port: 8000 },
                agentDashboard: { name: "tradestream-agent-dashboard", port: 80 },
            },
            cronJob: "tradestream-notification-worker",
            databaseFiles: { tag: "17.11-bookworm", directory: "pgdata" },
            urls: { api: "https://api.tradestream.io", frontend: "https://tradestream.io" },
            secretNames: {
                auth: "tradestream-auth-secrets",
                oauth: "tradestream-oauth-secrets",
                notification: "tradestream-notification-secrets",
                database: "tradestream-database-secrets",
            },
        });
    });

    it("registers the same in a preview, where what is generated is unknown", async () => {
        const preview = await runProgram("production", {}, { preview: true });
        expect(preview.resources.map(({ urn }) => urn)).to.have.members(production.resources.map(({ urn }) => urn));
        expect(preview.exports).to.deep.equal(production.exports);
    });

    it("gives the same inputs each time", async () => {
        const byUrn = (program: Program) =>
            Object.fromEntries(program.resources.map(({ urn, inputs }) => [urn, inputs]));
        expect(byUrn(await runProgram("production"))).to.deep.equal(byUrn(production));
    });

    it("follows another release name everywhere", async () => {
        const program = await runProgram("production", { releaseName: "blue-tradestream" });
        const names = program.resources
            .filter((object) => !["Namespace", undefined].includes(kindOf(object)))
            .map((object) => objectName(object));
        expect(names.filter((name) => !name.startsWith("blue-tradestream"))).to.deep.equal([]);
        const text = JSON.stringify(program.resources.map(({ inputs }) => inputs));
        expect(text).to.not.match(
            /[^-]tradestream-(gateway|agent|notification|database|postgresql|redis|auth|oauth)(?!-tls)/,
        );
    });
});
