/** Everything that `render` prints is taken by the real API server: known fields only, "restricted", without a warning. */
import { expect } from "chai";
import { readFileSync } from "node:fs";
import { parseAllDocuments } from "yaml";
import { certManagerDefinitions } from "../../local/https/index.ts";
import { createReport } from "../../local/report.ts";
import { ensureTools } from "../../local/tools/index.ts";
import { record } from "../evidence.ts";
import { goldenFile, stacks } from "../golden/render.ts";
import { command, kubectl, type Result } from "./support/commands.ts";
import { onCluster } from "./support/objects.ts";

interface Manifest {
    readonly apiVersion: string;
    readonly kind: string;
    readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Record<string, string> };
    readonly spec?: Readonly<Record<string, unknown>>;
}

interface Template {
    readonly metadata: { readonly labels: Record<string, string> };
    readonly spec: {
        readonly containers: readonly Record<string, unknown>[];
        readonly volumes?: readonly Record<string, unknown>[];
    };
}

interface WorkloadSpec {
    readonly template?: Template;
    readonly jobTemplate?: { readonly spec: { readonly template: Template } };
    readonly volumeClaimTemplates?: readonly { readonly metadata: { readonly name: string } }[];
}

const namespace = "admission-test";

/** What `render` prints of a stack, to the letter but for its namespace, which becomes that of this test. */
function rendered(stack: string): { readonly text: string; readonly manifests: readonly Manifest[] } {
    const documents = readFileSync(goldenFile(stack), "utf8").split(/^---$/m);
    const text = documents
        .map((document) =>
            /^kind: Namespace$/m.test(document)
                ? document.replace(/^ {2}name: .*$/m, `  name: ${namespace}`)
                : document.replace(/^ {2}namespace: .*$/m, `  namespace: ${namespace}`),
        )
        .join("---");
    return { text, manifests: parseAllDocuments(text).map((document) => document.toJS() as Manifest) };
}

/** The pod that each workload would start. Service accounts are real only after an `up`: the namespace's default one is used. */
function pods(manifests: readonly Manifest[]): readonly Manifest[] {
    return manifests.flatMap(({ metadata, spec }) => {
        const { template: direct, jobTemplate, volumeClaimTemplates = [] } = (spec ?? {}) as WorkloadSpec;
        const template = jobTemplate?.spec.template ?? direct;
        if (template === undefined) return [];
        const claims = volumeClaimTemplates.map(({ metadata: { name } }) => ({
            name,
            persistentVolumeClaim: { claimName: name },
        }));
        const volumes = [...(template.spec.volumes ?? []), ...claims];
        return [
            {
                apiVersion: "v1",
                kind: "Pod",
                metadata: { ...template.metadata, name: metadata.name, namespace },
                spec: { ...template.spec, serviceAccountName: "default", volumes },
            },
        ];
    });
}

const json = (manifests: readonly Manifest[]): string =>
    manifests.map((manifest) => JSON.stringify(manifest)).join("\n---\n");

/** Asks the API server what it would make of these objects, with the strictest validation. */
async function dryRun(input: string): Promise<Result> {
    const tools = await ensureTools(["kubectl"], createReport());
    const args = ["apply", "--server-side", "--dry-run=server", "--validate=strict", "-f", "-"];
    return command(tools.kubectl, args, { input });
}

function expectAccepted({ code, stdout, stderr }: Result, count: number): void {
    expect(stderr, "errors and warnings").to.equal("");
    expect(code).to.equal(0);
    expect(stdout.trim().split("\n"), "objects").to.have.length(count);
}

describe("admission", function () {
    this.timeout(240_000);
    const production = rendered("production").manifests;
    const classes = production.filter(({ kind }) => kind === "PriorityClass");

    before(async () => {
        const files = (await certManagerDefinitions()).flatMap((file) => ["-f", file]);
        await kubectl("apply", "--server-side", ...files);
        await kubectl("wait", "--for=condition=Established", "--timeout=60s", ...files);
        // A dry run makes neither a PriorityClass, which pods need, nor a namespace: these are real. The namespace has the
        // rules that the program gives its own.
        await onCluster("create", classes);
        const { metadata } = production.find(({ kind }) => kind === "Namespace")!;
        expect(metadata.labels?.["pod-security.kubernetes.io/enforce"]).to.equal("restricted");
        await kubectl("create", "namespace", namespace);
        const labels = Object.entries(metadata.labels ?? {}).map(([key, value]) => `${key}=${value}`);
        await kubectl("label", "namespace", namespace, ...labels);
    });

    after(async () => {
        await kubectl("delete", "namespace", namespace, "--ignore-not-found", "--wait=false");
        await onCluster("delete", classes);
    });

    for (const stack of stacks) {
        it(`takes every object of ${stack}, and every pod of its workloads`, async () => {
            const { text, manifests } = rendered(stack);
            const instances = pods(manifests);
            expect(instances).to.have.length(stack === "local" ? 6 : 7, "with the smoke test");
            expectAccepted(await dryRun(text), manifests.length);
            expectAccepted(await dryRun(json(instances)), instances.length);
            record({
                suite: "Admission",
                name: `Objects and pods of ${stack} taken: strict validation, "restricted", no warning`,
                value: manifests.length + instances.length,
                requirement: "all",
            });
        });
    }

    describe("would refuse", () => {
        const deployment = production.find(({ kind }) => kind === "Deployment")!;
        const [pod] = pods(production);

        it("a field that does not exist", async () => {
            const { code, stderr } = await dryRun(json([{ ...deployment, spec: { ...deployment.spec, replica: 2 } }]));
            expect(code).to.equal(1);
            expect(stderr).to.match(/replica.*(not declared|unknown field)/);
        });

        it("a privileged pod", async () => {
            const { containers } = pod!.spec as unknown as Template["spec"];
            const privileged = containers.map((container) => ({ ...container, securityContext: { privileged: true } }));
            const { code, stderr } = await dryRun(json([{ ...pod!, spec: { ...pod!.spec, containers: privileged } }]));
            expect(code).to.equal(1);
            expect(stderr).to.contain('violates PodSecurity "restricted');
        });

        it("a workload that is taken with a warning only, as its pods would not be admitted", async () => {
            const template = deployment.spec!["template"] as Template;
            const containers = template.spec.containers.map((container) => ({ ...container, securityContext: {} }));
            const lax = { ...template, spec: { ...template.spec, securityContext: {}, containers } };
            const result = await dryRun(json([{ ...deployment, spec: { ...deployment.spec, template: lax } }]));
            expect(result.code).to.equal(0);
            expect(() => expectAccepted(result, 1)).to.throw(/would violate PodSecurity/);
        });
    });
});
