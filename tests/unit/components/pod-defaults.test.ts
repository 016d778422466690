/** What all pods of a stack have in common. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import { valueAt } from "../../../config/values.ts";
import { type Program, runProgram } from "../../support/mocks.ts";
import { root } from "../../support/configuration.ts";
import { find, inputsOf, objectsOf, podTemplates, resource, secretData, type Tree } from "../../support/objects.ts";
import { mandatoryFindings } from "../../support/policies.ts";
import { programOf } from "../../support/programs.ts";

const specs = (program: Program): readonly Tree[] => podTemplates(program).map(({ template }) => template["spec"]!);
const variables = (spec: Tree): Readonly<Record<string, unknown>> =>
    Object.fromEntries(spec["containers"]![0]!["env"]!.map(({ name, value }) => [String(name), value]));
const chartValue = (program: Program, ...place: readonly string[]) =>
    valueAt(resource(program, "chart", "Release").inputs, ["values", ...place]);

describe("a pull secret from the configuration", () => {
    const name = "tradestream-image-pull-secret";
    const credentials = { registry: "registry.example.com/mirror", username: "deployer", password: "s3cr3t:4711" };
    let program: Program;

    before(async () => {
        program = await runProgram(
            "production",
            { imagePullSecrets: ["regcred"], imagePullSecret: credentials },
            { encrypted: ["imagePullSecret"] },
        );
    });

    it("is a Secret of the type that the kubelet reads, encrypted wherever Pulumi keeps it", () => {
        const { registry, username, password } = credentials;
        const auth = Buffer.from("deployer:s3cr3t:4711").toString("base64");
        expect(inputsOf(program, "Secret", name)["type"]).to.equal("kubernetes.io/dockerconfigjson");
        expect(JSON.parse(secretData(program, name)[".dockerconfigjson"]!)).to.deep.equal({
            auths: { [registry]: { username, password, auth } },
        });
        expect(resource(program, "pod-defaults-image-pull-secret").secretPaths).to.deep.equal(["data"]);
        expect(program.warnings.join("\n")).to.not.include("imagePullSecret");
    });

    it("is what all pods pull with, beside the Secrets that exist already, and the chart's pods too", () => {
        const pods = podTemplates(program);
        expect(pods).to.have.length(5);
        for (const { owner, template } of pods)
            expect(template["spec"]!["imagePullSecrets"], owner.name).to.deep.equal([{ name: "regcred" }, { name }]);
        for (const service of ["postgresql", "redis"])
            expect(chartValue(program, service, "image", "pullSecrets")).to.deep.equal(["regcred", name]);
    });

    it("is there before the first pod is", () => {
        for (const object of ["gateway-api-deployment", "database-migration-job", "chart"])
            expect(resource(program, object, ":").dependencies, object).to.include("pod-defaults-image-pull-secret");
    });

    it("is under the address that the kubelet looks up for Docker Hub", async () => {
        const hub = await runProgram("staging", { imagePullSecret: { ...credentials, registry: "docker.io" } });
        expect(JSON.parse(secretData(hub, name)[".dockerconfigjson"]!))
            .to.have.nested.property("auths")
            .that.has.keys("https://index.docker.io/v1/");
        expect(hub.warnings.join("\n")).to.include("plain text: ").and.to.include("imagePullSecret");
    });

    it("breaks no mandatory policy", async () => {
        expect(mandatoryFindings("production", program)).to.deep.equal(
            mandatoryFindings("production", await programOf("production")),
        );
    });
});

describe("certificate authorities of a stack", () => {
    const pem = readFileSync(path.join(root, "tests/fixtures/authority.pem"), "utf8");
    const file = "/etc/ca-bundle/ca.crt";
    const volumeOf = (spec: Tree) => spec["volumes"]!.find(({ name }) => String(name) === "ca-bundle") as object;
    let program: Program;

    before(async () => {
        program = await runProgram("production", {
            "caBundle.pem": pem,
            "gatewayApi.env.SSL_CERT_FILE": "/etc/ssl/mine.pem",
        });
    });

    it("are a ConfigMap that every pod mounts read-only", () => {
        expect(resource(program, "pod-defaults-ca-bundle").inputs).to.deep.include({ data: { "ca.crt": pem } });
        expect(specs(program)).to.have.length(5);
        for (const spec of specs(program)) {
            expect(volumeOf(spec)).to.deep.equal({
                name: "ca-bundle",
                configMap: { name: "tradestream-ca-bundle", items: [{ key: "ca.crt", path: "ca.crt" }] },
            });
            expect(spec["containers"]![0]!["volumeMounts"]).to.deep.include({
                name: "ca-bundle",
                mountPath: "/etc/ca-bundle",
                readOnly: true,
            });
        }
    });

    it("are named by the variables that run-times read, unless a service has its own", () => {
        for (const spec of specs(program)) {
            const isGateway = String(spec["containers"]![0]!["name"]) === "gateway-api";
            expect(variables(spec)).to.include({
                NODE_EXTRA_CA_CERTS: file,
                SSL_CERT_FILE: isGateway ? "/etc/ssl/mine.pem" : file,
            });
        }
        expect(mandatoryFindings("production", program).filter((text) => text.startsWith("duplicate"))).to.be.empty;
    });

    it("restart the pods when they change", async () => {
        const checksums = (of: Program) =>
            podTemplates(of).map(({ template }) => String(template["metadata"]!["annotations"]!["checksum/ca-bundle"]));
        const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
        expect(new Set(checksums(program))).to.deep.equal(new Set([sha256(pem)]));
        const other = await runProgram("production", { "caBundle.pem": pem + pem });
        expect(new Set(checksums(other))).to.deep.equal(new Set([sha256(pem + pem)]));
    });

    it("come from a ConfigMap that exists, under the key that it has", async () => {
        const other = await runProgram("production", {
            "caBundle.configMap": { name: "authorities", key: "bundle.pem" },
        });
        for (const spec of specs(other))
            expect(volumeOf(spec)).to.deep.include({
                configMap: { name: "authorities", items: [{ key: "bundle.pem", path: "ca.crt" }] },
            });
        expect(other.resources.map(({ name }) => name)).to.not.include("pod-defaults-ca-bundle");
    });
});

describe("an HTTP proxy", () => {
    const clusterNames = "localhost,127.0.0.1,::1,.svc,.cluster.local";
    const ownNames = ["gateway-api", "agent-dashboard", "notification-worker", "database-migration"]
        .concat("smoke-test", "postgres-exporter", "redis-exporter", "postgresql", "redis-master")
        .map((name) => `tradestream-${name}`)
        .join();

    it("is in the variables of each service, and everything of the cluster is asked directly", async () => {
        const program = await runProgram("production", {
            proxy: { http: "http://10.20.0.5:3128", https: "http://10.20.0.5:3129", noProxy: [".corp.example.com"] },
        });
        expect(specs(program)).to.have.length(5);
        for (const spec of specs(program))
            expect(variables(spec)).to.include({
                HTTP_PROXY: "http://10.20.0.5:3128",
                HTTPS_PROXY: "http://10.20.0.5:3129",
                NO_PROXY: `${clusterNames},${ownNames},.corp.example.com`,
            });
        const expected = {
            to: [{ ipBlock: { cidr: "10.20.0.5/32" } }],
            ports: [
                { protocol: "TCP", port: 3128 },
                { protocol: "TCP", port: 3129 },
            ],
        };
        for (const { owner } of podTemplates(program)) {
            const policy = find(program, "NetworkPolicy", /^tradestream-[a-z]+-[a-z]+/.exec(nameOf(owner.inputs))![0]);
            expect((policy!.inputs as unknown as Tree)["spec"]!["egress"], owner.name).to.deep.include(expected);
        }
        expect(mandatoryFindings("production", program)).to.deep.equal(
            mandatoryFindings("production", await programOf("production")),
        );
    });

    it("has a default port, an address of any family, ranges or a namespace", async () => {
        const egress = async (proxy: object): Promise<unknown> => {
            const program = await runProgram("staging", { proxy });
            const rules = inputsOf(program, "NetworkPolicy", "tradestream-agent-dashboard")["spec"]!["egress"]!;
            expect(JSON.stringify(specs(program)[0])).to.include("10.0.0.0/8,172.16.0.0/12,192.168.0.0/16");
            return rules.at(-1);
        };
        expect(await egress({ https: "https://[fd00::5]" })).to.deep.equal({
            to: [{ ipBlock: { cidr: "fd00::5/128" } }],
            ports: [{ protocol: "TCP", port: 443 }],
        });
        expect(await egress({ https: "http://proxy.example.com", cidrs: ["10.20.0.0/28"] })).to.deep.equal({
            to: [{ ipBlock: { cidr: "10.20.0.0/28" } }],
            ports: [{ protocol: "TCP", port: 80 }],
        });
        expect(await egress({ http: "http://squid.egress:3128", namespace: "egress" })).to.deep.equal({
            to: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "egress" } } }],
            ports: [{ protocol: "TCP", port: 3128 }],
        });
    });
});

describe("priority and zones", () => {
    it("are a PriorityClass for all pods, the chart's too, and another one for a service", async () => {
        const program = await runProgram("production", { "notificationWorker.priorityClassName": "batch" });
        const { inputs } = resource(program, "pod-defaults-priority-class");
        expect(inputs).to.deep.include({ value: 100_000 }).and.to.have.nested.property("metadata.name", "tradestream");
        expect(specs(program).map(({ priorityClassName }) => String(priorityClassName))).to.have.members([
            ...Array<string>(4).fill("tradestream"),
            "batch",
        ]);
        expect(chartValue(program, "postgresql", "primary", "priorityClassName")).to.equal("tradestream");
        expect(chartValue(program, "redis", "master", "priorityClassName")).to.equal("tradestream");
        expect(resource(program, "gateway-api-deployment").dependencies).to.include("pod-defaults-priority-class");
        const named = await runProgram("production", { priorityClassValue: undefined });
        expect(named.resources.map(({ name }) => name)).to.not.include("pod-defaults-priority-class");
        expect(String(specs(named)[0]!["priorityClassName"])).to.equal("tradestream");
    });

    it("are strict zones where the stack says so, counted for each rollout and without tainted nodes", async () => {
        const constraints = async (whenUnsatisfiable: string) => {
            const program = await runProgram("production", { topologySpread: { whenUnsatisfiable } });
            return objectsOf(program, "Deployment").map(
                ({ inputs }) =>
                    (inputs as unknown as Tree)["spec"]!["template"]!["spec"]!["topologySpreadConstraints"]!,
            );
        };
        for (const [zone, node] of (await constraints("DoNotSchedule")).map(([...each]) => each)) {
            expect(zone).to.deep.include({
                topologyKey: "topology.kubernetes.io/zone",
                whenUnsatisfiable: "DoNotSchedule",
                nodeTaintsPolicy: "Honor",
                matchLabelKeys: ["pod-template-hash"],
            });
            expect(node).to.deep.include({ whenUnsatisfiable: "ScheduleAnyway" }).and.not.have.key("matchLabelKeys");
        }
        for (const list of await constraints("ScheduleAnyway"))
            expect(list.map((each) => String(each["whenUnsatisfiable"]))).to.deep.equal(
                Array(2).fill("ScheduleAnyway"),
            );
    });
});

describe("limits of the namespace", () => {
    it("are a ResourceQuota and a LimitRange of what is given", async () => {
        const program = await runProgram("production", {
            quota: { requests: { cpu: 8 }, limits: { memory: "32Gi" }, pods: 40 },
            limitRange: { defaultRequest: { cpu: "50m" }, default: { cpu: "200m", memory: "256Mi" } },
        });
        expect(resource(program, "namespace-quota").inputs).to.deep.include({
            spec: { hard: { "requests.cpu": "8", "limits.memory": "32Gi", pods: "40" } },
        });
        expect(resource(program, "namespace-limit-range").inputs).to.deep.include({
            spec: {
                limits: [
                    {
                        type: "Container",
                        defaultRequest: { cpu: "50m" },
                        default: { cpu: "200m", memory: "256Mi" },
                    },
                ],
            },
        });
        const plain = (await programOf("production")).resources.map(({ name }) => name);
        expect(plain).to.not.include.members(["namespace-quota"]).and.to.not.include.members(["namespace-limit-range"]);
        expect(mandatoryFindings("production", program)).to.deep.equal(
            mandatoryFindings("production", await programOf("production")),
        );
    });
});

function nameOf(inputs: unknown): string {
    return String((inputs as Tree)["metadata"]!["name"]);
}
