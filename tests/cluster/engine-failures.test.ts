/** What the embedded engine says and leaves behind when something is wrong: objects, program, cluster, usage. */
import { expect } from "chai";
import fs from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { engine, engineOk, get, kubectl } from "./support/commands.ts";
import { args, cleanUp, features, namespace, program, stateFile, withFixture } from "./support/engine-fixture.ts";

describe("engine, failures", function () {
    this.timeout(240_000);
    withFixture();

    describe("of resources", () => {
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
