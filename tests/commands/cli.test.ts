/** What the CLI does not do by itself, or not by default, and how this project answers it. On the stack local. */
import { expect } from "chai";
import { copyFileSync, readFileSync } from "node:fs";
import path from "node:path";
import { findMissing } from "../../components/lookup.ts";
import { createReport } from "../../local/report.ts";
import { ensureTools } from "../../local/tools/index.ts";
import { kubectlFor } from "../../scripts/kubectl.ts";
import { recover } from "../../scripts/recover.ts";
import { record } from "../evidence.ts";
import { command, eventually, get, kubectl, root } from "../cluster/support/commands.ts";
import { pause } from "../cluster/support/load.ts";
import { Operator } from "../cluster/support/operator.ts";
import { isChange, type Step, TestStack } from "../cluster/support/pulumi.ts";
import { clear, namespace } from "../cluster/support/tradestream.ts";
import { shellBlock } from "../support/guide.ts";

const up = ["up", "--yes", "--skip-preview"];
const kinds = "deployments,statefulsets,services,secrets,configmaps,networkpolicies,persistentvolumeclaims";
const deployment = "tradestream-agent-dashboard";
const template = "/spec/volumeClaimTemplates/0/spec";

interface Amounts {
    readonly storage: string;
}

/** Uid and version of every object that a command could touch. */
async function versions(): Promise<Readonly<Record<string, string>>> {
    const objects = await get(kinds, "-n", namespace);
    return Object.fromEntries(
        objects.map(({ kind, metadata }) => {
            // The status of a workload changes by itself; the autoscaler writes the spec of gateway-api.
            const isWorkload = kind === "Deployment" || kind === "StatefulSet";
            const isScaled = metadata.name === "tradestream-gateway-api";
            const version = isWorkload ? (isScaled ? "" : metadata.generation) : metadata.resourceVersion;
            return [`${kind} ${metadata.name}`, `${metadata.uid} ${version}`];
        }),
    );
}

const force = { PULUMI_K8S_ENABLE_PATCH_FORCE: "true" };

/** Operations with the names of their resources. */
function named(steps: readonly Step[]): string[] {
    return steps.map(({ op, urn }) => `${op} ${urn.split("::").at(-1)}`);
}

describe("the CLI on a live stack", function () {
    this.timeout(300_000);
    let stack: TestStack;

    before(async () => {
        await clear();
        stack = await TestStack.of("local");
        await stack.up();
    });

    describe("drift", () => {
        const replicas = async (): Promise<unknown> =>
            (await get("deployment", deployment, "-n", namespace))[0]!.spec["replicas"];

        it("is shown by preview --refresh, and by it alone", async () => {
            await kubectl("scale", "deployment", deployment, "-n", namespace, "--replicas=1");
            await kubectl("delete", "networkpolicy", "tradestream-gateway-api", "-n", namespace);
            expect(await stack.changes({}), "the control: without a refresh").to.deep.equal([]);
            expect(named(await stack.changes(force, "--refresh"))).to.have.members([
                "update agent-dashboard-deployment",
                "create gateway-api-network-policy",
            ]);
        });

        it("of a field with another manager is corrected when the patch is forced", async () => {
            const refused = await stack.run([...up, "--refresh"]);
            expect(refused.code, "the control: without force").not.to.equal(0);
            expect(refused.stderr + refused.stdout).to.match(/conflict/i);
            const operator = await Operator.of(stack);
            try {
                const block = shellBlock("docs/operations.md", "PULUMI_K8S_ENABLE_PATCH_FORCE=true pulumi preview");
                const said = await operator.ok(block);
                expect(said).to.match(/gateway-api-network-policy +create[^d]/);
            } finally {
                operator.close();
            }
            expect(await replicas()).to.equal(2);
            expect(await get("networkpolicy", "tradestream-gateway-api", "-n", namespace)).to.have.length(1);
            await stack.ok([...up, "--expect-no-changes"], force);
            await stack.up(); // The provider keeps whether it forces patches.
        });
    });

    describe("two updates at once", () => {
        it("exclude each other: the second is refused and names the first, which ends undisturbed", async () => {
            const changed = await TestStack.of("local", { "gatewayApi.rateLimit.perMinute": 61 });
            let pid = 0;
            const first = changed.run(up, {}, (id) => (pid = id));
            await pause(2500);
            const second = await stack.run(up);
            const report = createReport();
            const kube = await kubectlFor({ env: {}, context: undefined }, report);
            const repair = await recover(stack.command(), kube, namespace, report).catch((error: unknown) => error);
            expect(second.code).not.to.equal(0);
            expect(second.stderr + second.stdout)
                .to.match(/locked/)
                .and.contain(`pid ${pid}`);
            expect(repair, "a repair while the first runs")
                .to.be.an("error")
                .with.property("message")
                .that.contains(String(pid));
            expect((await first).code).to.equal(0);
            await (await TestStack.of("local")).up();
        });
    });

    describe("configuration for one run", () => {
        it("goes into a copy of the stack file, and changes no tracked file", async () => {
            const before = readFileSync(path.join(root, "Pulumi.local.yaml"), "utf8");
            const copy = path.join(stack.stack.directory, "one-run.yaml");
            copyFileSync(stack.stack.configFile, copy);
            const set = ["config", "set", "--config-file", copy, "--path", "gatewayApi.rateLimit.perMinute", "77"];
            await stack.ok(set);
            const { stdout } = await command(
                stack.pulumi.file,
                ["preview", "--stack", "local", "--config-file", copy, "--json", "--non-interactive"],
                { env: { ...process.env, ...stack.stack.env } },
            );
            const { steps } = JSON.parse(stdout) as { readonly steps: readonly Step[] };
            expect(named(steps.filter(isChange))).to.deep.equal(["update gateway-api-deployment"]);
            expect(await stack.changes({})).to.deep.equal([]);
            expect(readFileSync(path.join(root, "Pulumi.local.yaml"), "utf8")).to.equal(before);
        });
    });

    describe("a cluster that is not the stack's", () => {
        it("is refused before anything is touched; the right one is not", async () => {
            const before = await versions();
            const other = await TestStack.of("local", {
                clusterUid: "00000000-0000-4000-8000-000000000000",
                "agentDashboard.image.tag": "v1.0.1",
            });
            const refused = await other.run(up);
            expect(refused.code).not.to.equal(0);
            expect(refused.stderr + refused.stdout)
                .to.contain("00000000-0000-4000-8000-000000000000")
                .and.match(/belongs to the cluster/);
            expect(await versions()).to.deep.equal(before);
            const [system] = await get("namespace", "kube-system");
            await (await TestStack.of("local", { clusterUid: system!.metadata.uid })).ok(["preview"]);
        });
    });

    /** A volume cannot shrink: what comes after this has it too. */
    const sizeOf = (size: string) => ({ "chart.values.postgresql.primary.persistence.size": size });
    const grown = sizeOf("2Gi");

    describe("a larger volume for the database", () => {
        const statefulSet = "tradestream-postgresql";

        it("is one value: the claim and the volume grow, and no pod is made anew", async () => {
            const uid = async () => (await get("pod", `${statefulSet}-0`, "-n", namespace))[0]!.metadata.uid;
            const before = await uid();
            const larger = await TestStack.of("local", grown);
            await larger.up();
            await eventually(60, async () => {
                const [claim] = await get("pvc", `data-${statefulSet}-0`, "-n", namespace);
                const [volume] = await get("pv", String(claim!.spec["volumeName"]));
                const sizes = [claim!.status, volume!.spec].map(({ capacity }) => (capacity as Amounts).storage);
                return sizes.every((size) => size === "2Gi") || undefined;
            });
            expect(await uid()).to.equal(before);
            await larger.ok([...up, "--expect-no-changes"]);
        });

        it("is not what the StatefulSet could be told: the control", async () => {
            const size = [{ op: "replace", path: `${template}/resources/requests/storage`, value: "2Gi" }];
            const patch = ["patch", "statefulset", statefulSet, "-n", namespace, "--dry-run=server"];
            const refused = await kubectl(...patch, "--type=json", `--patch=${JSON.stringify(size)}`).catch(String);
            expect(refused).to.contain("updates to statefulset spec");
        });

        it("is refused where it would be a smaller one, in the preview", async () => {
            const smaller = await (await TestStack.of("local", sizeOf("1Gi"))).run(["preview"]);
            expect(smaller.code).not.to.equal(0);
            expect(smaller.stdout + smaller.stderr).to.contain("can not be less than");
        });
    });

    describe("what others make", () => {
        const key = { STRIPE_API_KEY: { secretKeyRef: { name: "stripe", key: "api-key" } } };
        const change = { ...grown, "agentDashboard.env": key, imagePullSecrets: ["registry"] };

        it("is named in the preview while it is missing: all at once, keys too, with commands that make it", async () => {
            const operator = await Operator.of(await TestStack.of("local", change));
            try {
                await operator.ok(`kubectl create secret generic stripe -n ${namespace} --from-literal=other=x`);
                const before = await versions();
                for (const verb of ["preview", "up"]) {
                    const { code, stdout, stderr } = await operator.run(`pulumi ${verb} --color=never`);
                    expect(code, verb).not.to.equal(0);
                    const said = stdout + stderr;
                    const place = "agentDashboard.env.STRIPE_API_KEY.secretKeyRef";
                    expect(said).to.include("2 errors; nothing was changed");
                    expect(said).to.include(
                        `${place} asks for api-key in the Secret ${namespace}/stripe, which is missing`,
                    );
                    expect(said).to.include(
                        `imagePullSecrets[0] asks for the Secret ${namespace}/registry, which does not exist`,
                    );
                    expect(await versions()).to.deep.equal(before);
                    if (verb === "preview") continue;
                    const commands = said.match(/(?<=^\s*)kubectl .*$/gm) ?? [];
                    expect(commands).to.have.length(2);
                    await operator.ok(commands.join("\n"));
                }
                // The control: nothing else has changed.
                await operator.ok("pulumi preview");
            } finally {
                operator.close();
            }
        });

        it("is an error with the reason where it may not be read", async () => {
            const { PATH } = process.env;
            const { kubectl: file } = await ensureTools(["kubectl"], createReport());
            process.env["PATH"] = `${path.dirname(file)}:${PATH}`;
            try {
                const setting = "authSecrets.create";
                const secret = { kind: "Secret", namespace, name: "stripe", keys: ["api-key"], setting } as const;
                const as = (...flags: string[]) => findMissing([secret], { flags, input: undefined });
                expect(await as()).to.deep.equal([]);
                const [refused] = (await as("--as", "nobody"))!;
                expect(refused?.problem).to.match(/cannot be read: .*"nobody" cannot get resource "secrets"/);
            } finally {
                process.env["PATH"] = PATH;
                await kubectl("delete", "secret", "stripe", "registry", "-n", namespace);
            }
        });
    });

    describe("destroy of a protected stack", () => {
        /** Objects and generated values in the state. A component that has neither, as `pod-defaults` here, may go. */
        const kept = async (stack: TestStack): Promise<readonly string[]> =>
            (await stack.state())
                .resources!.filter(({ type }) => /^(kubernetes|random):/.test(type))
                .map(({ urn }) => urn);

        after(clear);

        it("deletes nothing", async () => {
            const guarded = await TestStack.of("local", { ...grown, protect: true });
            await guarded.up();
            const before = await versions();
            const resources = await kept(guarded);
            const refused = await guarded.run(["destroy", "--yes", "--skip-preview"]);
            expect(refused.code).not.to.equal(0);
            expect(refused.stderr + refused.stdout).to.match(/protected/);
            expect(await versions()).to.deep.equal(before);
            expect(await kept(guarded)).to.deep.equal(resources);
            record({
                suite: "Destroy",
                name: "objects deleted by `pulumi destroy` of a protected stack",
                value: 0,
                requirement: "0",
            });
        });

        it("would delete without the guard: the control", async () => {
            const guarded = await TestStack.of("local", { ...grown, protect: true });
            const { resources } = await guarded.state();
            const guard = resources!.find(({ type }) => type === "random:index/randomUuid:RandomUuid")!;
            await guarded.ok(["state", "delete", guard.urn, "--yes", "--force"]);
            const before = await versions();
            expect((await guarded.run(["destroy", "--yes", "--skip-preview"])).code).not.to.equal(0);
            expect(Object.keys(await versions()).length).to.be.lessThan(Object.keys(before).length);
        });

        it("deletes all when the protection has been taken away", async () => {
            const open = await TestStack.of("local", { ...grown, protect: false });
            await open.up();
            await open.ok(["destroy", "--yes", "--skip-preview"]);
            expect(await kubectl("get", "namespace", namespace, "--ignore-not-found")).to.equal("");
        });
    });

    describe("what others make in a namespace that is not there yet", () => {
        after(clear);

        it("is a warning, as nothing can be made there before", async () => {
            const operator = await Operator.of(await TestStack.of("local", { imagePullSecrets: ["registry"] }));
            try {
                expect(await operator.ok("pulumi preview"))
                    .to.include(`asks for the Secret ${namespace}/registry, which does not exist`)
                    .and.include("its pods wait for them");
            } finally {
                operator.close();
            }
        });
    });
});
