/** The rights that `render --rbac` prints are enough to deploy the stack local, and none of them is spare. */
import { expect } from "chai";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { command, kubectl, root } from "../cluster/support/commands.ts";
import { TestStack } from "../cluster/support/pulumi.ts";
import { clear } from "../cluster/support/tradestream.ts";

const account = "deployer";
const role = "tradestream-local-deployer";

describe("the rights of a deployer", function () {
    this.timeout(300_000);
    let directory: string;
    let stack: TestStack;

    before(async () => {
        await clear();
        directory = mkdtempSync(path.join(os.tmpdir(), "rights-test-"));
        await kubectl("create", "namespace", account);
        await kubectl("create", "serviceaccount", account, "-n", account);
        const subject = `--serviceaccount=${account}:${account}`;
        await kubectl("create", "clusterrolebinding", account, `--clusterrole=${role}`, subject);
        const token = (await kubectl("create", "token", account, "-n", account)).trim();
        const view = await kubectl("config", "view", "--raw", "--minify", "-o", "json");
        const config = JSON.parse(view) as { readonly users: readonly object[] };
        const kubeconfig = path.join(directory, "kubeconfig");
        const users = config.users.map((user) => ({ ...user, user: { token } }));
        writeFileSync(kubeconfig, JSON.stringify({ ...config, users }), { mode: 0o600 });
        stack = await TestStack.of("local", { kubeconfig });
    });

    after(async () => {
        await kubectl("delete", "clusterrolebinding,clusterrole", account, role, "--ignore-not-found");
        await kubectl("delete", "namespace", account, "--ignore-not-found");
        rmSync(directory, { recursive: true, force: true });
    });

    async function grant(edit: (roles: string) => string): Promise<void> {
        const render = [path.join(root, "scripts/render.ts"), "--stack", "local", "--rbac"];
        const { code, stdout, stderr } = await command(process.execPath, [
            ...render,
            "--config",
            "placeholderSecrets=true",
        ]);
        expect(code, stderr).to.equal(0);
        const file = path.join(directory, "roles.yaml");
        writeFileSync(file, edit(stdout));
        await kubectl("apply", "--server-side", "--force-conflicts", "-f", file);
    }

    it("without one verb do not do", async () => {
        await grant((roles) => {
            const less = roles.replace(/( {6}- networkpolicies\n[^]*?) {6}- patch\n/, "$1");
            expect(less).not.to.equal(roles);
            return less;
        });
        const refused = await stack.run(["up", "--yes", "--skip-preview"]);
        expect(refused.code).not.to.equal(0);
        expect(refused.stdout + refused.stderr).to.match(/cannot patch resource "networkpolicies"/);
    });

    it("are enough to deploy, to change nothing and to destroy", async () => {
        await grant((roles) => roles);
        await stack.up();
        await stack.up("--expect-no-changes");
        await stack.ok(["destroy", "--yes", "--skip-preview"]);
    });
});
