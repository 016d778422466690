/** What the embedded engine makes of a program before anything is done: manifests, rights, verdicts of policies. */
import { expect } from "chai";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { parse } from "yaml";
import { engine, engineOk, kubectl, root } from "./support/commands.ts";
import type { Result } from "./support/commands.ts";
import { args, cleanUp, features, namespace, program, stateFile, withFixture } from "./support/engine-fixture.ts";

describe("engine, render", function () {
    this.timeout(240_000);
    withFixture();

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
});
