/** The commands behind the Makefile on a cluster of one's own (`CONTEXT=`), which here is the shared one. */
import { expect } from "chai";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { contextName } from "../../local/cluster/index.ts";
import type { Status } from "../../scripts/status/index.ts";
import { target } from "../../scripts/platform/target.ts";
import { command, eventually, get, kubectl, type Result, root } from "../cluster/support/commands.ts";
import { killTree } from "../cluster/support/kill.ts";
import { cluster } from "../cluster/support/cluster-name.ts";
import { clear, namespace, podsOf, settled } from "../cluster/support/tradestream.ts";

const cli = path.join(root, "scripts/platform/cli.ts");
const context = contextName(cluster);
const { directory } = target(context);

describe("the short commands on a cluster of one's own", function () {
    this.timeout(600_000);

    function run(
        args: readonly string[],
        onStart?: (pid: number) => void,
        env: Readonly<Record<string, string>> = {},
    ): Promise<Result> {
        return command(process.execPath, [cli, ...args], { ...(onStart && { onStart }), env });
    }

    async function ok(...args: string[]): Promise<string> {
        const { code, stdout, stderr } = await run([...args, "--context", context]);
        expect(code, stdout + stderr).to.equal(0);
        return stdout + stderr;
    }

    const trackedFiles = async (): Promise<string> => (await command("git", ["status", "--porcelain"])).stdout;

    let filesBefore: string;

    before(async () => {
        await clear();
        filesBefore = await trackedFiles();
    });
    after(async () => {
        await run(["recover", "--context", context]);
        await ok("down", "--purge", "--yes");
    });

    it("refuse unknown options with exit code 2, and an unknown context with 1, before anything is made", async () => {
        expect((await run(["up", "--contxt", context])).code).to.equal(2);
        expect((await run(["up", "--context", ""])).code).to.equal(2);
        for (const args of [["up"], ["preview"], ["down", "--yes"]]) {
            const { code, stderr } = await run([...args, "--context", "nowhere"]);
            expect(code, args[0]).to.equal(1);
            expect(stderr).to.match(/^error: .*nowhere/m);
            expect(existsSync(target("nowhere").directory)).to.equal(false);
        }
        expect(await kubectl("get", "namespace", namespace, "--ignore-not-found")).to.equal("");
    });

    it("up, killed on its way, is repaired by the next up, which ends with a summary", async () => {
        let pid = 0;
        const killed = run(["up", "--context", context], (id) => (pid = id));
        await eventually(120, async () => {
            const found = await kubectl("get", "secrets", "-n", namespace, "-l", "owner=helm", "-o", "name");
            return found === "" ? undefined : true;
        });
        expect(killTree(pid), "processes of the run").to.be.at.least(3);
        await killed;
        const said = await ok("up");
        expect(said)
            .to.contain("removed the lock")
            .and.match(/tradestream-gateway-api +\d\/2 pods ready/);
        await settled("gateway-api");
    });

    it("up again changes nothing", async () => {
        const said = await ok("up");
        expect(said)
            .to.match(/\d+ unchanged/)
            .and.not.match(/\d+ (created|updated|deleted|replaced)/);
        expect(await ok("preview"))
            .to.match(/\d+ unchanged/)
            .and.not.match(/\d+ to (create|update|delete|replace)/);
    });

    it("status, diagnose and recover end with 0 when all is well", async () => {
        expect(await ok("status"))
            .to.match(/tradestream-postgresql +1\/1 pods ready/)
            .and.match(/Helm release +tradestream-\S+, revision 1, deployed/);
        expect(await ok("diagnose")).to.contain("all pods are ready");
        expect(await ok("recover")).to.contain("nothing to repair");
    });

    it("status and diagnose end with 2 when the cluster cannot be asked", async () => {
        const view = JSON.parse(await kubectl("config", "view", "--raw", "-o", "json")) as object;
        const file = path.join(directory, "kubeconfig-of-nowhere");
        const clusters = [{ name: "nowhere", cluster: { server: "https://127.0.0.1:1" } }];
        const contexts = [{ name: context, context: { cluster: "nowhere", user: "nobody" } }];
        writeFileSync(
            file,
            JSON.stringify({ ...view, clusters, contexts, users: [{ name: "nobody", user: { token: "x" } }] }),
        );
        for (const [args, message] of [
            [["status", "--context", context], /^error: the cluster of local cannot be asked: [^\n]+\n$/],
            [["status", "--stack", "missing"], /^error: there is no stack missing: [^\n]+\n$/],
            [["diagnose", "--context", context], /^error: The connection to the server [^\n]+\n$/],
        ] as const) {
            const { code, stdout, stderr } = await run([...args], undefined, { KUBECONFIG: file });
            expect([code, stdout], stderr).to.deep.equal([2, ""]);
            expect(stderr).to.match(message);
        }
    });

    it("diagnose and status end with 1 and name the pod that is not ready, with the reason", async () => {
        const deployment = ["deployment/tradestream-agent-dashboard", "-n", namespace];
        await kubectl("set", "image", ...deployment, "agent-dashboard=debian.tradestream.local/missing:v0");
        const { stdout } = await eventually(60, async () => {
            const result = await run(["diagnose", "--context", context]);
            return /ErrImagePull|ImagePullBackOff/.test(result.stdout) && result.code === 1 ? result : undefined;
        });
        const named = /pod tradestream-agent-dashboard-\S+ is not ready/;
        expect(stdout).to.match(named);
        const status = await run(["status", "--json", "--context", context]);
        const { healthy, problems } = JSON.parse(status.stdout) as Status;
        expect([status.code, healthy]).to.deep.equal([1, false]);
        expect(problems.join("\n")).to.match(named);
        await kubectl("rollout", "undo", ...deployment);
    });

    it("refuse another cluster than the stack's own, before anything is changed", async () => {
        const file = path.join(directory, "cluster-uid");
        const uid = readFileSync(file, "utf8");
        writeFileSync(file, "00000000-0000-4000-8000-000000000000");
        try {
            for (const args of [["up"], ["down", "--yes"], ["recover"], ["diagnose"], ["status"]]) {
                const { code, stdout, stderr } = await run([...args, "--context", context]);
                expect(code, args[0]).to.be.greaterThan(0);
                expect(stdout + stderr).to.match(/belongs to the cluster/);
            }
        } finally {
            writeFileSync(file, uid);
        }
        expect(await podsOf("gateway-api")).to.have.length(2);
    });

    it("leave every tracked file as it was", async () => {
        expect(await trackedFiles()).to.equal(filesBefore);
    });

    it("down --purge removes the stack and its state", async () => {
        await ok("down", "--purge", "--yes");
        const namespaces = await get("namespaces");
        expect(namespaces.map(({ metadata }) => metadata.name)).not.to.include(namespace);
        expect(existsSync(directory)).to.equal(false);
        const { code, stdout } = await run(["diagnose", "--context", context]);
        expect({ code, stdout }).to.deep.equal({
            code: 1,
            stdout: `there are no pods in the namespace ${namespace}\n`,
        });
    });

    it("take --context for the stack local only", async () => {
        for (const name of ["recover", "preview"]) {
            const { code, stderr } = await run([name, "--stack", "production", "--context", context]);
            expect(code).to.equal(2);
            expect(stderr).to.contain("Pulumi.production.yaml names the context");
        }
    });
});
