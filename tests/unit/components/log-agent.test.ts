import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect } from "chai";
import { deployerRoles } from "../../../scripts/rbac.ts";
import { objectsOf as rendered } from "../../../scripts/render/objects.ts";
import type { Change } from "../../support/configuration.ts";
import { exempted } from "../../support/logging.ts";
import { type Program, runProgram } from "../../support/mocks.ts";
import { find, inputsOf, objectName, objectsOf, podOf, secretData, type Tree } from "../../support/objects.ts";
import { programOf } from "../../support/programs.ts";

const name = "tradestream-log-agent";
const namespace = "tradestream-logs";

/** The collector's configuration. */
function pipelineOf(program: Program): Tree {
    const [config] = objectsOf(program, "ConfigMap").filter((object) => objectName(object).startsWith(name));
    const { data } = config!.inputs as unknown as { readonly data: Readonly<Record<string, string>> };
    return JSON.parse(data["config.yaml"]!) as Tree;
}

describe("the agent for logs", () => {
    let directory: string;
    let on: Change;
    let program: Program;
    const run = (change: Change = {}): Promise<Program> => runProgram("production", { ...on, ...change });

    before(async () => {
        directory = mkdtempSync(path.join(os.tmpdir(), "tradestream-logging-"));
        on = {
            ...exempted(path.join(directory, "policy.json")),
            "logging.enabled": true,
            "logging.endpoint": "https://loki.example.com/otlp",
        };
        program = await run();
    });
    after(() => rmSync(directory, { recursive: true }));

    it("is off by default, and refused while the policies do not exempt it", async () => {
        expect(objectsOf(await programOf("production"), "DaemonSet")).to.deep.equal([]);
        const refused = await run({ "policy.config": "policy-config.json" }).catch((error: unknown) => error);
        for (const rule of ["[host-path]", "[file-system-group]"]) expect(String(refused)).to.include(rule);
        expect(String(refused)).to.match(/mandatory policies in 2 places/);
    });

    it("lives in a namespace of its own, with nothing of it in the stack's", async () => {
        const before = new Set((await programOf("production")).resources.map(({ urn }) => urn));
        const added = program.resources.filter(({ urn, custom }) => custom && !before.has(urn));
        const places = added.map(({ type, inputs }) => [
            type.split(":").at(-1),
            (inputs["metadata"] as { namespace?: string } | undefined)?.namespace,
        ]);
        expect(places).to.have.deep.members([
            ...["NetworkPolicy", "NetworkPolicy", "ConfigMap", "ServiceAccount", "DaemonSet"].map((kind) => [
                kind,
                namespace,
            ]),
        ]);
        const other = await run({ "logging.namespace": "agents", createNamespace: false, "policy.enforce": false });
        expect(inputsOf(other, "DaemonSet", name)["metadata"]).to.deep.include({ namespace: "agents" });
    });

    it("reads the node's log files and nothing else, as a user without rights", () => {
        const { spec } = podOf(program, "DaemonSet", name) as unknown as { spec: Tree };
        const paths = (spec["volumes"] as unknown as readonly Tree[]).flatMap(({ hostPath }) => hostPath ?? []);
        expect(paths).to.deep.equal([{ path: "/var/log/pods", type: "Directory" }]);
        const [container] = spec["containers"] as unknown as readonly Tree[];
        expect(container!["volumeMounts"]).to.deep.include({
            name: "logs",
            mountPath: "/var/log/pods",
            readOnly: true,
        });
        expect(spec["securityContext"]).to.deep.include({
            runAsUser: 10001,
            runAsNonRoot: true,
            supplementalGroups: [0],
        });
        expect(spec["automountServiceAccountToken"]).to.equal(false);
        expect(pipelineOf(program)["receivers"]!["file_log"]!["include"]).to.deep.equal([
            "/var/log/pods/tradestream_*/*/*.log",
        ]);
    });

    it("redacts between reading and sending", () => {
        expect(pipelineOf(program)["service"]!["pipelines"]!["logs"]).to.deep.equal({
            receivers: ["file_log"],
            processors: ["memory_limiter", "redaction"],
            exporters: ["otlp_http"],
        });
    });

    it("may connect to its destination and to name servers", async () => {
        const egressOf = (of: Program): Tree => inputsOf(of, "NetworkPolicy", name)["spec"]!["egress"]!;
        expect(egressOf(program)[0]!["ports"]).to.deep.equal([{ protocol: "TCP", port: 443 }]);
        expect(egressOf(program)[0]!["to"]![0]!["ipBlock"]!["except"]).to.include("10.0.0.0/8");
        const near = await run({
            "logging.endpoint": "https://loki.logs.svc:3100/otlp",
            "logging.storeNamespace": "logs",
        });
        expect(egressOf(near)[0]).to.deep.equal({
            to: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "logs" } } }],
            ports: [{ protocol: "TCP", port: 3100 }],
        });
        const privately = await run({ "logging.cidrs": ["10.20.0.0/16"] });
        expect(egressOf(privately)[0]!["to"]).to.deep.equal([{ ipBlock: { cidr: "10.20.0.0/16" } }]);
    });

    it("sends the header Authorization of its Secret, and restarts when that changes", async () => {
        const headersOf = (of: Program): unknown => pipelineOf(of)["exporters"]!["otlp_http"]!["headers"];
        expect(headersOf(program)).to.deep.equal({});
        const headers = { "X-Scope-OrgID": "tr$d" };
        const [one, two] = [
            await run({ logAuthorization: "Bearer s3cr3t-1", "logging.headers": headers }),
            await run({ logAuthorization: "Bearer s3cr3t-2", "logging.headers": headers }),
        ];
        expect(secretData(one, "tradestream-logging-secrets")).to.deep.equal({ authorization: "Bearer s3cr3t-1" });
        expect(headersOf(one)).to.deep.equal({
            Authorization: "${env:LOG_AUTHORIZATION}",
            // The collector reads $$ as $.
            "X-Scope-OrgID": "tr$$d",
        });
        const checksum = (of: Program): unknown =>
            podOf(of, "DaemonSet", name)["metadata"]!["annotations"]!["checksum/logging-secrets"];
        expect(checksum(one)).to.match(/^[0-9a-f]{64}$/);
        expect(checksum(one)).to.not.equal(checksum(two));
        const elsewhere = await run({ "loggingSecrets.create": false });
        expect(find(elsewhere, "Secret", "tradestream-logging-secrets")).to.equal(undefined);
        expect(headersOf(elsewhere)).to.have.property("Authorization");
    });

    it("has what all pods of the stack have, in its own namespace", async () => {
        const other = await run({
            imageRegistry: "registry.example.com/mirror",
            imagePullSecret: { registry: "registry.example.com", username: "deployer", password: "s3cr3t" },
            priorityClassName: "tradestream",
            "proxy.https": "http://10.20.0.5:3128",
            "logging.tolerations": [{ operator: "Exists" }],
        });
        const { spec } = podOf(other, "DaemonSet", name) as unknown as { spec: Tree };
        expect(spec["containers"]![0]!["image"]).to.match(
            /^registry\.example\.com\/mirror\/otel\/opentelemetry-collector-contrib:\d/,
        );
        expect(spec).to.deep.include({ priorityClassName: "tradestream", tolerations: [{ operator: "Exists" }] });
        expect(spec["imagePullSecrets"]).to.deep.equal([{ name: "tradestream-image-pull-secret" }]);
        const secrets = objectsOf(other, "Secret").filter((object) => objectName(object).endsWith("-pull-secret"));
        expect(secrets.map(({ inputs }) => (inputs["metadata"] as { namespace: string }).namespace)).to.have.members([
            "tradestream",
            namespace,
        ]);
        expect(spec["containers"]![0]!["env"]).to.deep.include({ name: "HTTPS_PROXY", value: "http://10.20.0.5:3128" });
    });

    it("restarts with another configuration", async () => {
        const configOf = (of: Program): unknown =>
            (podOf(of, "DaemonSet", name)["spec"]!["volumes"] as unknown as readonly Tree[]).find(
                ({ configMap }) => configMap !== undefined,
            );
        expect(configOf(await run({ "logging.headers.X-A": "b" }))).to.not.deep.equal(configOf(program));
        expect(configOf(await run({ "logging.tolerations": [{ operator: "Exists" }] }))).to.deep.equal(
            configOf(program),
        );
    });

    it("takes no right of its deployer beyond its namespace", async () => {
        const own = program.resources.filter(({ type }) => /^kubernetes:(?!helm)/.test(type));
        const objects = (await Promise.all(own.map((resource) => rendered(resource, "")))).flat();
        const roles = deployerRoles(objects, "deployer").map(({ object }) => object);
        const role = roles.find(({ metadata }) => (metadata as { namespace?: string }).namespace === namespace);
        const rules = role!["rules"] as readonly { resources: readonly string[]; verbs: readonly string[] }[];
        const verbsOf = (resource: string): unknown =>
            rules.find(({ resources }) => resources.includes(resource))?.verbs;
        expect(verbsOf("daemonsets")).to.include.members(["create", "delete", "patch"]);
        expect(verbsOf("namespaces")).to.deep.equal(["get"]);
        const [cluster] = roles;
        expect(JSON.stringify(cluster!["rules"])).to.not.include("daemonsets");
    });
});
