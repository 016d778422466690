/**
 * The rights that `render --rbac` prints are enough to deploy the stack local, and none of them is spare; here with what
 * production has besides: certificates of the database, Ingresses, and backups.
 */
import { expect } from "chai";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { installHttps } from "../../local/https/index.ts";
import { createReport } from "../../local/report.ts";
import { cluster } from "../cluster/support/cluster-name.ts";
import { command, eventually, get, inShell, kubectl, root } from "../cluster/support/commands.ts";
import { onCluster } from "../cluster/support/objects.ts";
import { TestStack } from "../cluster/support/pulumi.ts";
import { exposed } from "../cluster/support/traffic.ts";
import { clear, namespace } from "../cluster/support/tradestream.ts";
import { type Change, configuration, raw } from "../support/configuration.ts";
import { shellBlock } from "../support/guide.ts";

const account = "deployer";
const role = "tradestream-local-deployer";
const change: Change = {
    ...exposed("ingress"),
    "database.tls.enabled": true,
    "backup.enabled": true,
    "backup.volume.claimName": "backups",
    backupPassphrase: "the-passphrase-of-the-tests",
};
const claim = {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name: "backups", namespace },
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
};

describe("the rights of a deployer", function () {
    this.timeout(600_000);
    let directory: string;
    let stack: TestStack;
    let claimed: Promise<true>;

    before(async () => {
        await clear();
        await installHttps(cluster, createReport());
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
        stack = await TestStack.of("local", { ...change, kubeconfig });
        // Not the deployer's: PostgreSQL waits for it in the namespace that the deployer makes.
        claimed = eventually(250, () => onCluster("create", [claim]).then(() => true as const));
        claimed.catch(() => undefined);
    });

    after(async () => {
        await kubectl("delete", "clusterrolebinding,clusterrole", account, role, "--ignore-not-found");
        await kubectl("delete", "namespace", account, "--ignore-not-found");
        rmSync(directory, { recursive: true, force: true });
    });

    async function grant(edit: (roles: string) => string): Promise<void> {
        const values = Object.entries({ ...raw(configuration("local", change)), placeholderSecrets: "true" });
        const { code, stdout, stderr } = await command(process.execPath, [
            ...[path.join(root, "scripts/render.ts"), "--stack", "local", "--rbac"],
            ...values.flatMap(([key, value]) => ["--config", `${key}=${value}`]),
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
        expect(await claimed).to.equal(true);
        // A cluster that has all of it.
        await inShell(shellBlock("docs/getting-started.md", "kubectl get storageclass"));
        const made = await get("certificates,issuers,ingresses,cronjobs", "-n", namespace);
        expect(new Set(made.map(({ kind }) => kind))).to.have.all.keys("Certificate", "Issuer", "Ingress", "CronJob");
        await stack.up("--expect-no-changes");
        await stack.ok(["destroy", "--yes", "--skip-preview"]);
    });
});
