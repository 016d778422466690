/** The embedded engine against a real API server: a small program of its own, every kind of step, every way to fail. */
import { expect } from "chai";
import fs from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { parse } from "yaml";
import { engine, engineOk, get, kubectl, root } from "./support/commands.ts";
import type { Result } from "./support/commands.ts";

const program = path.join(root, "tests/fixtures/engine-program");
const namespace = "engine-fixture";
const stateFile = (): string => path.join(process.env["TRADESTREAM_STACKS"] ?? "", "engine-fixture", "test.json");

interface Document {
    readonly result: string;
    readonly steps: readonly { op: string; name: string; reason?: string; diff?: readonly string[] }[];
    readonly counts: Readonly<Record<string, number>>;
    readonly failures: readonly { name: string; message: string }[];
    readonly outputs: Readonly<Record<string, unknown>>;
    readonly requests: { reads: number; writes: number; watches: number };
}

const args = (command: string, ...more: string[]): string[] => [command, "--cwd", program, "--stack", "test", ...more];
const features = (...names: string[]): string[] => ["--config", `features=${JSON.stringify(names)}`];

async function json(...more: string[]): Promise<Document> {
    return JSON.parse((await engineOk(more)).stdout) as Document;
}

const ops = (document: Document): Record<string, string> =>
    Object.fromEntries(document.steps.filter((step) => step.op !== "same").map((step) => [step.name, step.op]));

async function cleanUp(): Promise<void> {
    await engine(args("cancel", "--yes"));
    await engine(args("up", "--yes", ...features("small")));
    await engine(args("destroy", "--yes"));
    await kubectl("delete", "namespace", namespace, "--ignore-not-found", "--wait=true");
    fs.rmSync(stateFile(), { force: true });
}

describe("engine on an API server", function () {
    this.timeout(240_000);
    let own: string | undefined;

    before(async () => {
        if (process.env["TRADESTREAM_STACKS"] === undefined) {
            own = fs.mkdtempSync(path.join(os.tmpdir(), "engine-stacks-"));
            process.env["TRADESTREAM_STACKS"] = own;
        }
        await cleanUp();
    });

    after(async () => {
        await cleanUp();
        if (own !== undefined) {
            fs.rmSync(own, { recursive: true, force: true });
            delete process.env["TRADESTREAM_STACKS"];
        }
    });

    describe("a stack's life", () => {
        it("preview shows what is to come and changes nothing", async () => {
            const { stdout } = await engineOk(args("preview"));
            expect(stdout)
                .to.match(/\+ 8 to create/)
                .and.include("message: hello")
                .and.include('hidden: "[secret]"');
            expect(fs.existsSync(stateFile())).to.equal(false);
            expect(await kubectl("get", "namespace", namespace, "--ignore-not-found")).to.equal("");
        });

        it("up makes it, and says so", async () => {
            const document = await json(...args("up", "--yes", "--json"));
            expect(document.result).to.equal("succeeded");
            expect(document.counts).to.deep.equal({ create: 8 });
            expect(document.outputs).to.deep.equal({
                message: "hello",
                secretName: "fixture-secret",
                hidden: "[secret]",
            });
            const [settings] = await get("configmap", "fixture-settings", "-n", namespace);
            expect(settings?.data).to.deep.equal({ message: "hello" });
        });

        it("a second up changes nothing, with one read an object and no write", async () => {
            const before = fs.readFileSync(stateFile(), "utf8");
            const document = await json(...args("up", "--yes", "--json", "--expect-no-changes"));
            expect(document.counts).to.deep.equal({ same: 8 });
            expect(document.requests.writes).to.equal(0);
            expect(document.requests.reads).to.be.at.most(4 + 2); // four objects, the version, the kinds of v1
            expect(fs.readFileSync(stateFile(), "utf8")).to.equal(before);
        });

        it("a change writes what has changed only, and follows its dependents", async () => {
            const change = ["--config", "message=changed", "--config", "passwordVersion=2"];
            const { stdout } = await engineOk(args("preview", ...change));
            expect(stdout)
                .to.match(/-\s+message: hello/)
                .and.match(/\+\s+message: changed/)
                .and.match(/as|\[secret\] \(changed\)/);
            const document = await json(...args("up", "--yes", "--json", ...change));
            expect(ops(document)).to.deep.equal({ password: "delete-replaced", settings: "update", secret: "update" });
            expect(document.requests.writes).to.equal(2);
            const outputs = JSON.parse((await engineOk(args("outputs", "--json", "--show-secrets"))).stdout) as Record<
                string,
                string
            >;
            const [secret] = await get("secret", "fixture-secret", "-n", namespace);
            expect(Buffer.from(secret?.data?.["password"] ?? "", "base64").toString()).to.equal(outputs["hidden"]);
            await engineOk(args("up", "--yes"));
        });

        it("sees drift, says who, and mends it; leaves the fields of others alone", async () => {
            await kubectl(
                "patch",
                "configmap",
                "fixture-settings",
                "-n",
                namespace,
                "-p",
                '{"data":{"message":"hacked","other":"theirs"}}',
            );
            const seen = await engineOk(args("preview"));
            expect(seen.stdout)
                .to.match(/settings changed in the cluster by "kubectl-patch"/)
                .and.match(/-\s+message: hacked/);
            expect((await engine(args("preview", "--expect-no-changes"))).code).to.equal(1);
            await engineOk(args("up", "--yes"));
            const [settings] = await get("configmap", "fixture-settings", "-n", namespace);
            expect(settings?.data).to.deep.equal({ message: "hello", other: "theirs" });
            await engineOk(args("up", "--yes", "--expect-no-changes"));
        });

        it("makes again what somebody has deleted", async () => {
            await kubectl("delete", "configmap", "fixture-settings", "-n", namespace);
            const document = await json(...args("up", "--yes", "--json"));
            expect(document.steps.find((step) => step.name === "settings")).to.include({
                op: "create",
                reason: "it is gone from the cluster",
            });
        });

        it("names who manages a field that the program wants newly, and overwrites by annotation only", async () => {
            await kubectl(
                "label",
                "configmap",
                "fixture-settings",
                "-n",
                namespace,
                "owner=somebody",
                "--field-manager=somebody",
            );
            const refused = await engine(args("up", "--yes", "--config", "label=mine"));
            expect(refused.code).to.equal(1);
            expect(refused.stdout)
                .to.match(/conflict with "somebody"/)
                .and.include("pulumi.com/patchForce");
            await engineOk(args("up", "--yes", "--config", "label=mine", "--config", "force=true"));
            await engineOk(args("up", "--yes"));
        });

        it("replaces what cannot be changed in place, and refuses when it is protected", async () => {
            await engineOk(args("up", "--yes", ...features("binding")));
            const change = [...features("binding"), "--config", "role=edit"];
            const preview = await engineOk(args("preview", ...change));
            expect(preview.stdout).to.match(/\+-.*binding roleRef cannot be changed in place/);
            await engineOk(args("up", "--yes", ...change));
            const [binding] = await get("rolebinding", "fixture", "-n", namespace);
            expect(binding).to.have.nested.property("roleRef.name", "edit");
            await engineOk(args("up", "--yes", ...change, ...features("binding", "protect-binding")));
            const refused = await engine(args("up", "--yes", ...features("binding", "protect-binding")));
            expect(refused.code).to.equal(1);
            expect(refused.stdout).to.match(/binding: has to be replaced .*but is protected/);
            await engineOk(args("up", "--yes", ...change));
        });

        it("deletes what the program no longer registers, but nothing that is protected", async () => {
            await engineOk(args("up", "--yes", ...features("small")));
            expect((await get("configmap", "-n", namespace)).map(({ metadata }) => metadata.name).sort()).to.deep.equal(
                ["fixture-settings", "kube-root-ca.crt"],
            );
            await engineOk(args("up", "--yes", ...features("small", "protect")));
            const refused = await engine(args("destroy", "--yes"));
            expect(refused.code).to.equal(1);
            expect(refused.stderr).to.match(/protected resources cannot be deleted[^]*settings/);
            expect(await get("configmap", "fixture-settings", "-n", namespace)).to.have.length(1);
            await engineOk(args("up", "--yes", ...features("small")));
        });

        it("destroy removes everything and waits until it is gone", async () => {
            const document = await json(...args("destroy", "--yes", "--json"));
            expect(document.result).to.equal("succeeded");
            expect(await kubectl("get", "namespace", namespace, "--ignore-not-found")).to.equal("");
            expect(JSON.parse(fs.readFileSync(stateFile(), "utf8")))
                .to.have.nested.property("deployment.resources")
                .that.deep.equals([]);
        });
    });

    describe("failures", () => {
        afterEach(cleanUp);

        it("one that fails stops its dependents; the others go on; nothing is deleted", async () => {
            await engineOk(args("up", "--yes"));
            const result = await engine(args("up", "--yes", ...features("small", "broken", "slow")));
            expect(result.code).to.equal(1);
            expect(result.stdout)
                .to.match(/broken: ConfigMap engine-fixture\/Not A Name.*invalid/)
                .and.match(/\+ 5 created/);
            expect(await kubectl("get", "configmap", "after", "-n", namespace, "--ignore-not-found")).to.equal("");
            expect(await get("configmap", "-n", namespace)).to.have.length(1 + 1 + 1 + 5); // root CA, settings, extra, five slow ones
        });

        it("a workload that does not get ready fails in time, stays in the state, and is looked at again", async () => {
            const result = await engine(args("up", "--yes", ...features("workload", "small")));
            expect(result.code).to.equal(1);
            expect(result.stdout).to.match(
                /workload: Deployment engine-fixture\/fixture: not ready after 5 s: \d of 1/,
            );
            const again = await engineOk(args("preview", ...features("workload", "small")));
            expect(again.stdout).to.match(/workload it was not ready after the last run/);
            await kubectl("annotate", "deployment", "fixture", "-n", namespace, "note=x");
            await engineOk(args("up", "--yes", ...features("workload", "small", "no-await")));
        });

        it("a foreign object of the same name is refused, with a way out", async () => {
            await kubectl("create", "namespace", namespace);
            await kubectl("create", "configmap", "fixture-settings", "-n", namespace, "--from-literal=a=b");
            const result = await engine(args("up", "--yes"));
            expect(result.code).to.equal(1);
            expect(result.stdout)
                .to.match(/already exists and is not in this stack's state/)
                .and.include("Delete it or choose another name");
            const [settings] = await get("configmap", "fixture-settings", "-n", namespace);
            expect(settings?.data).to.deep.equal({ a: "b" });
        });

        it("an unsupported resource is refused by name before anything is touched", async () => {
            const result = await engine(args("up", "--yes", ...features("unsupported")));
            expect(result.code).to.equal(1);
            expect(result.stdout).to.include(
                "does not support resources of type random:index/randomShuffle:RandomShuffle",
            );
            expect(await kubectl("get", "namespace", namespace, "--ignore-not-found")).to.equal("");
            expect(fs.existsSync(stateFile())).to.equal(false);
        });

        it("a program that throws changes nothing", async () => {
            const result = await engine(args("up", "--yes", ...features("throws")));
            expect(result.code).to.equal(1);
            expect(result.stderr).to.include("the fixture throws");
            expect(fs.existsSync(stateFile())).to.equal(false);
        });
    });

    describe("a chart", () => {
        const chart = (...more: string[]): string[] => args("up", "--yes", ...features("small", "chart", ...more));
        const revisions = async (): Promise<string[]> =>
            (await get("secret", "-n", namespace, "-l", "owner=helm")).map(
                ({ metadata }) => metadata.labels?.["status"] ?? "",
            );

        after(cleanUp);

        it("is installed, left alone, and upgraded; its password is nowhere but in its Secret", async () => {
            await engineOk(chart());
            await engineOk([...chart(), "--expect-no-changes"]);
            const { stdout } = await engineOk(
                args("preview", ...features("small", "chart"), "--config", "message=two"),
            );
            expect(stdout)
                .to.match(/-\s+text: hello/)
                .and.match(/\+\s+text: two/)
                .and.include('password: "[secret]"');
            await engineOk([...chart(), "--config", "message=two"]);
            const [object] = await get("configmap", "fixture-chart", "-n", namespace);
            expect(object?.data).to.deep.equal({ text: "two", revision: "2" });
            const [secret] = await get("secret", "fixture-chart", "-n", namespace);
            const password = Buffer.from(secret?.data?.["password"] ?? "", "base64").toString();
            expect(password).to.have.length(24);
            expect(fs.readFileSync(stateFile(), "utf8")).not.to.include(password);
        });

        it("is rolled back when it fails, and mended by the next run", async () => {
            const failed = await engine(chart("failing-job"));
            expect(failed.code).to.equal(1);
            expect(failed.stdout).to.match(/chart: helm release engine-fixture\/fixture-chart: .*rolled back/);
            await engineOk(chart());
            await engineOk([...chart(), "--expect-no-changes"]);
            expect((await revisions()).filter((status) => status === "deployed")).to.have.length(1);
        });

        it("goes on where helm was killed in the middle", async () => {
            await kubectl(
                "label",
                "secret",
                "-n",
                namespace,
                "-l",
                "owner=helm,status=deployed",
                "status=pending-upgrade",
                "--overwrite",
            );
            const { stderr } = await engineOk(chart());
            expect(stderr).to.match(/clears revision \d+, which was left pending-upgrade/);
            await engineOk([...chart(), "--expect-no-changes"]);
        });

        it("is uninstalled", async () => {
            await engineOk(args("up", "--yes", ...features("small")));
            expect(await revisions()).to.deep.equal([]);
            expect(await kubectl("get", "configmap", "fixture-chart", "-n", namespace, "--ignore-not-found")).to.equal(
                "",
            );
        });
    });

    describe("a deployer with nothing but the rights that render --rbac prints", () => {
        const deployer = "engine-fixture-deployer";
        const used = features("chart", "no-await");
        let directory: string;
        let kubeconfig: string;

        before(async () => {
            directory = fs.mkdtempSync(path.join(os.tmpdir(), "engine-rbac-"));
            await kubectl("create", "namespace", deployer);
            await kubectl("create", "serviceaccount", deployer, "-n", deployer);
            await kubectl(
                "create",
                "clusterrolebinding",
                deployer,
                `--clusterrole=engine-fixture-test-deployer`,
                `--serviceaccount=${deployer}:${deployer}`,
            );
            const token = (await kubectl("create", "token", deployer, "-n", deployer)).trim();
            const config = JSON.parse(await kubectl("config", "view", "--raw", "--minify", "-o", "json")) as {
                users: { user: unknown }[];
            };
            kubeconfig = path.join(directory, "kubeconfig");
            fs.writeFileSync(
                kubeconfig,
                JSON.stringify({ ...config, users: config.users.map((user) => ({ ...user, user: { token } })) }),
                { mode: 0o600 },
            );
        });

        after(async () => {
            await cleanUp();
            fs.rmSync(directory, { recursive: true, force: true });
            await kubectl(
                "delete",
                "clusterrolebinding,clusterrole",
                deployer,
                "engine-fixture-test-deployer",
                "--ignore-not-found",
            );
            await kubectl("delete", "namespace", deployer, "--ignore-not-found");
        });

        async function grant(edit: (text: string) => string): Promise<void> {
            const file = path.join(directory, "roles.yaml");
            fs.writeFileSync(file, edit((await engineOk(args("render", "--rbac", ...used))).stdout));
            await kubectl("apply", "--server-side", "--force-conflicts", "-f", file);
        }

        it("can make, see unchanged and remove everything", async () => {
            await grant((text) => text);
            await engineOk(args("up", "--yes", "--kubeconfig", kubeconfig, ...used));
            await engineOk(args("up", "--yes", "--kubeconfig", kubeconfig, "--expect-no-changes", ...used));
            await engineOk(args("up", "--yes", "--kubeconfig", kubeconfig, "--config", "message=other", ...used));
            await engineOk(args("destroy", "--yes", "--kubeconfig", kubeconfig));
        });

        it("fails with one verb less, and says which", async () => {
            await grant((text) => text.replace(/(- configmaps[^]*?) {6}- patch\n/, "$1"));
            const result = await engine(args("up", "--yes", "--kubeconfig", kubeconfig, ...used));
            expect(result.code).to.equal(1);
            expect(result.stdout).to.match(/settings: .*not allowed: .*cannot patch resource "configmaps"/);
        });
    });

    describe("policy packs", () => {
        const pack = path.join(root, "tests/fixtures/engine-policy");

        it("a mandatory violation stops up before anything is touched; advice is only told", async () => {
            const result = await engine(args("up", "--yes", "--policy-pack", pack, "--config", "message=HELLO"));
            expect(result.code).to.equal(1);
            expect(result.stdout).to.match(
                /settings: policy no-shouting \(engine-policy-fixture\):[^]*the message shouts/,
            );
            expect(await kubectl("get", "namespace", namespace, "--ignore-not-found")).to.equal("");
            expect(fs.existsSync(stateFile())).to.equal(false);
            const preview = await engineOk(args("preview", "--policy-pack", pack));
            expect(preview.stderr).to.match(/warning: .*policy few-objects [^]*the stack has 8 resources/);
        });

        it("a pack comes from the environment too, and is configured by a file", async () => {
            const file = path.join(os.tmpdir(), `engine-policy-${process.pid}.json`);
            const env = { PULUMI_OPTION_POLICY_PACK: pack };
            try {
                fs.writeFileSync(file, '{"no-shouting":"disabled","few-objects":"mandatory"}');
                const run = (...more: string[]): Promise<Result> =>
                    engine(args("preview", "--config", "message=HELLO", ...more), { env });
                expect((await run()).stdout).to.include("no-shouting");
                const configured = await run("--policy-pack-config", file);
                expect(configured.stdout).not.to.include("no-shouting");
                expect([configured.code, configured.stdout]).to.satisfy(
                    ([code, text]: [number, string]) => code === 1 && text.includes("few-objects"),
                );
                fs.writeFileSync(file, "{");
                expect((await run("--policy-pack-config", file)).code).to.equal(2);
            } finally {
                fs.rmSync(file, { force: true });
            }
            expect((await engine(args("preview", "--policy-pack", program))).code).to.equal(2);
        });
    });

    describe("render", () => {
        it("prints objects that the API server accepts strictly, the same each time, secrets hidden", async () => {
            const render = (...more: string[]): Promise<Result> =>
                engineOk(args("render", "--config", "token=canary-9f2c", ...features("workload", "binding"), ...more));
            const { stdout } = await render();
            expect((await render()).stdout).to.equal(stdout);
            expect(stdout).not.to.match(/canary-9f2c|Y2FuYXJ5LTlmMmM/);
            const directory = fs.mkdtempSync(path.join(os.tmpdir(), "engine-render-"));
            try {
                await render("--out", directory);
                expect(fs.readdirSync(directory)).to.include.members([
                    "namespace-engine-fixture.yaml",
                    "secret-fixture-secret.yaml",
                    "deployment-fixture.yaml",
                ]);
                const secret = parse(fs.readFileSync(path.join(directory, "secret-fixture-secret.yaml"), "utf8")) as {
                    data: Record<string, string>;
                };
                expect(Buffer.from(secret.data["token"] ?? "", "base64").toString()).to.equal("[secret]");
                await kubectl("create", "namespace", namespace);
                const applied = await kubectl(
                    "apply",
                    "--server-side",
                    "--dry-run=server",
                    "--validate=strict",
                    "-f",
                    directory,
                );
                expect(applied.trim().split("\n")).to.have.length(fs.readdirSync(directory).length);
            } finally {
                fs.rmSync(directory, { recursive: true, force: true });
                await kubectl("delete", "namespace", namespace, "--ignore-not-found", "--wait=true");
            }
            expect((await render("--show-secrets")).stdout).to.include(Buffer.from("canary-9f2c").toString("base64"));
            expect(fs.existsSync(stateFile())).to.equal(false);
        });
    });

    describe("without a cluster", () => {
        it("up says so before anything, preview goes on with a note", async () => {
            const server = http.createServer().listen(0, "127.0.0.1");
            await new Promise((resolve) => server.once("listening", resolve));
            const { port } = server.address() as AddressInfo;
            await new Promise((resolve) => server.close(resolve)); // a port that is certainly closed
            const file = path.join(os.tmpdir(), `engine-nowhere-${process.pid}`);
            fs.writeFileSync(
                file,
                `{"current-context":"gone","contexts":[{"name":"gone","context":{"cluster":"c"}}],"clusters":[{"name":"c","cluster":{"server":"http://127.0.0.1:${port}"}}]}`,
            );
            try {
                const up = await engine(args("up", "--yes", "--kubeconfig", file));
                expect(up.code).to.equal(1);
                expect(up.stdout).to.match(
                    /cluster "gone" at http:\/\/127\.0\.0\.1:\d+ is unreachable: connection refused/,
                );
                expect(fs.existsSync(stateFile())).to.equal(false);
                const preview = await engineOk(args("preview", "--kubeconfig", file));
                expect(preview.stdout).to.match(/\+ 8 to create/);
                expect(preview.stderr.match(/is unreachable/g)).to.have.length(1);
            } finally {
                fs.rmSync(file);
            }
        });
    });

    describe("wrong use", () => {
        const cases: readonly (readonly [string, readonly string[], number, RegExp])[] = [
            ["an unknown command", ["deploy"], 2, /unknown command 'deploy'/],
            ["an unknown option", ["up", "--yess"], 2, /unknown option '--yess'/],
            ["no stack", ["up", "--cwd", program], 2, /no stack: name one with --stack/],
            [
                "an unknown stack",
                ["up", "--cwd", program, "--stack", "prod"],
                2,
                /no stack "prod".*stacks here: encrypted, test/,
            ],
            ["a stack name with a path", ["up", "--cwd", program, "--stack", "../x"], 2, /is not a stack name/],
            ["a directory without a project", ["up", "--cwd", "/", "--stack", "x"], 2, /Pulumi\.yaml does not exist/],
            ["a config argument without =", args("up", "--config", "x"), 2, /--config x: expected key=value/],
            [
                "a config value of the wrong type",
                args("up", "--config", "replicas=many"),
                1,
                /replicas must be of type integer/,
            ],
            [
                "an encrypted stack without its passphrase",
                ["up", "--yes", "--cwd", program, "--stack", "encrypted"],
                1,
                /Pulumi\.encrypted\.yaml is encrypted: set PULUMI_CONFIG_PASSPHRASE/,
            ],
            ["no terminal to ask on", args("up"), 2, /There is no terminal to ask on: repeat the command with --yes/],
            [
                "a context that does not exist",
                args("up", "--yes", "--context", "nowhere"),
                1,
                /no context "nowhere"; there are:/,
            ],
        ];
        for (const [what, given, code, message] of cases) {
            it(`${what}: exit code ${code}, one clear message`, async () => {
                const result = await engine(given, { env: { PULUMI_STACK: "" } });
                expect(result.stderr + result.stdout).to.match(message);
                expect(result.stderr).not.to.match(/^\s+at .*\(file:/m);
                expect(result.code).to.equal(code);
                expect(fs.existsSync(stateFile())).to.equal(false);
            });
        }
    });
});
