/** A release that was installed by hand, with data, taken over by the commands of docs/adopting.md. */
import { expect } from "chai";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { get, root } from "../cluster/support/commands.ts";
import { sql } from "../cluster/support/databases.ts";
import { token } from "../cluster/support/needles.ts";
import { Operator } from "../cluster/support/operator.ts";
import { configOf, TestStack } from "../cluster/support/pulumi.ts";
import { clear, namespace } from "../cluster/support/tradestream.ts";
import { record } from "../evidence.ts";
import { shellBlocks, withValues } from "../support/guide.ts";

const page = "docs/adopting.md";
const servers = ["tradestream-postgresql", "tradestream-redis-master"];
/** What has nothing to do with the release is left out, to be quick; the migration shows that the password fits. */
const alone = Object.fromEntries(
    ["gatewayApi", "agentDashboard", "notificationWorker", "smokeTest"].map((key) => [`${key}.enabled`, false]),
);

/** Uids of what holds the data, and how often it has restarted. */
async function running(): Promise<readonly string[]> {
    const objects = await get("statefulsets,pods,persistentvolumeclaims", "-n", namespace);
    const ofServers = objects.filter(({ metadata }) => servers.some((server) => metadata.name.includes(server)));
    return ofServers.map(({ kind, metadata, status }) => {
        const [{ restartCount = 0 } = {}] = (status["containerStatuses"] ?? []) as { readonly restartCount?: number }[];
        return [kind, metadata.name, metadata.uid, restartCount].join(" ");
    });
}

describe("an installation by hand", function () {
    this.timeout(400_000);
    const password = token();
    const note = "written before";
    const [look = "", keys = "", update = "", label = "", end = ""] = [
        ...shellBlocks(page, "Write the stack file"),
        ...shellBlocks(page, "Take it over"),
    ];
    let operator: Operator;
    let stack: TestStack;
    let asInstalled: readonly string[];

    before(async () => {
        await clear();
        stack = await TestStack.of("local", alone);
        operator = await Operator.of(stack);
        const { values } = configOf("local")["tradestream:chart"] as { readonly values: object };
        writeFileSync(path.join(operator.directory, "values.json"), JSON.stringify(values));
        const [install = ""] = shellBlocks("charts/tradestream/README.md", "Install it alone");
        const byHand = withValues(install, {
            "charts/tradestream": path.join(root, "charts/tradestream"),
            "--create-namespace": "--create-namespace --values values.json --wait",
        });
        await operator.ok(byHand, { PASSWORD: password });
        await sql(`create table ledger (note text); insert into ledger values ('${note}')`);
        asInstalled = await running();
    });

    after(async () => {
        operator?.close();
        await clear();
    });

    it("is refused and left alone without the keys of the guide", async () => {
        await operator.ok("pulumi config set createNamespace false");
        const { code, stdout, stderr } = await operator.run("pulumi up");
        expect(code).not.to.equal(0);
        expect(stdout + stderr).to.include("cannot re-use a name that is still in use");
        expect(await running()).to.deep.equal(asInstalled);
        await operator.ok("pulumi config set --path chart.adopt true");
        const locked = await operator.run("pulumi up");
        expect(locked.stdout + locked.stderr).to.match(/1 error; nothing was changed[^]*postgresPassword/);
    });

    it("is taken over with its data, while its pods run on, by the commands of the guide", async () => {
        expect(await operator.ok(look)).to.include("postgresPassword");
        const said = [await operator.ok(keys), await operator.ok(update), await operator.ok(label)].join("\n");
        expect(said).to.match(/chart.*import/);
        expect(said).not.to.include(password);
        expect(asInstalled).to.have.length(6);
        expect(await running()).to.deep.equal(asInstalled);
        expect(await sql("select note from ledger")).to.equal(note);
        expect(
            await sql("select tableowner from pg_tables where tablename = 'ledger'"),
            "the migration logs in",
        ).to.equal("database_migration");
        expect(JSON.parse(await operator.ok(`helm list -n ${namespace} -o json`)))
            .to.have.length(1)
            .and.have.nested.include({ "[0].name": "tradestream", "[0].revision": "2", "[0].status": "deployed" });
        record({ suite: "Adopting", name: "pods restarted when a release by hand is taken over", value: 0 });
    });

    it("stays the program's without the key, and its state has no password", async () => {
        await operator.ok(end);
        const state = JSON.stringify(await stack.state());
        expect(state).to.include("helm.sh/v3:Release").and.not.include(password);
    });
});
