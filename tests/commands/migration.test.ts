/** The database migration comes first: nothing that needs the schema starts before it, or changes after it has failed. */
import { expect } from "chai";
import { record } from "../evidence.ts";
import { eventually, get, serviceUrl, type KubeObject } from "../cluster/support/commands.ts";
import { sql } from "../cluster/support/databases.ts";
import { pause } from "../cluster/support/load.ts";
import { clear, namespace, podsOf, settled, up, upOk } from "../cluster/support/tradestream.ts";

const suite = "Database migration";
const failing = { "databaseMigration.env": { STAND_IN_FAIL: "1" }, "databaseMigration.backoffLimit": 0 };
const slow = { "databaseMigration.env": { STAND_IN_DELAY_SECONDS: "8" } };

async function migrations(): Promise<readonly KubeObject[]> {
    return get("jobs", "-n", namespace, "-l", "app.kubernetes.io/component=database-migration");
}

/** While a migration is running: which services have a Deployment, at how many looks. */
async function watchDuringMigration(running: Promise<unknown>): Promise<{ looks: number; seen: ReadonlySet<string> }> {
    const seen = new Set<string>();
    let looks = 0;
    let isOver = false;
    void running.finally(() => (isOver = true)).catch(() => undefined);
    while (!isOver) {
        // In this order: a Deployment of after the migration must not be seen beside a Job of before its end.
        const deployments = await get("deployments", "-n", namespace);
        const jobs = await migrations();
        if (jobs.some(({ status }) => status["active"] === 1)) {
            looks++;
            deployments.forEach(({ metadata }) => seen.add(metadata.name));
        }
        await pause(300);
    }
    return { looks, seen };
}

describe("database migration", function () {
    this.timeout(400_000);

    before(clear);

    it("that fails stops the first `up` with its log, before anything behind it exists", async () => {
        const { failed, said } = await up(failing);
        expect(failed, said).to.equal(true);
        const [pod] = await podsOf("database-migration");
        expect(said)
            .to.contain(`pod ${pod!.metadata.name}`)
            .and.contain("nothing was changed: failure on demand: STAND_IN_FAIL is set");
        const behind = await get("deployments,cronjobs,hpa,services", "-n", namespace);
        const names = behind.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
        const early = names.filter((name) => /gateway-api|notification-worker/.test(name));
        expect(early).to.deep.equal([]);
        // What does not need the schema is there: the list above would have shown it.
        expect(names).to.include("Deployment tradestream-agent-dashboard");
        record({ suite, name: "objects made behind a migration that failed", value: early.length, requirement: "0" });
    });

    it("that takes its time makes gateway-api wait, and what does not need the schema not", async () => {
        const running = upOk(slow);
        const { looks, seen } = await watchDuringMigration(running);
        await running;
        expect(looks).to.be.greaterThan(1);
        expect([...seen])
            .to.include("tradestream-agent-dashboard")
            .and.not.include("tradestream-gateway-api");
        const [job] = await migrations();
        const completion = Date.parse(String(job!.status["completionTime"]));
        for (const { metadata } of await podsOf("gateway-api")) {
            expect(Date.parse(metadata.creationTimestamp), metadata.name).to.be.at.least(completion);
        }
        const [first] = await podsOf("agent-dashboard");
        expect(Date.parse(first!.metadata.creationTimestamp), "control").to.be.lessThan(completion);
    });

    it("that fails later touches no running pod, and data stays", async () => {
        // The autoscaler raises a new Deployment to its two pods.
        await eventually(120, async () => (await settled("gateway-api")).size === 2 || undefined);
        await sql("insert into signals (symbol, action, score) values ('KEEP/ME', 'hold', 50)");
        const rows = await sql("select count(*) from signals");
        const [before] = await get("deployment", "tradestream-gateway-api", "-n", namespace);
        const pods = await settled("gateway-api");
        const result = await up({ ...failing, "gatewayApi.image.tag": "v1.0.1" });
        expect(result.failed).to.equal(true);
        expect(result.said).to.contain("failure on demand");
        const [after] = await get("deployment", "tradestream-gateway-api", "-n", namespace);
        expect(after!.metadata.generation).to.equal(before!.metadata.generation);
        expect(await settled("gateway-api")).to.deep.equal(pods);
        const left = await sql("select count(*) from signals");
        expect(left).to.equal(rows);
        const response = await fetch(`${await serviceUrl("tradestream-gateway-api")}/api/status`);
        expect(((await response.json()) as { version: string }).version).to.equal("v1.0.0");
        record({
            suite,
            name: "rows lost to a migration that failed",
            value: Number(rows) - Number(left),
            requirement: "0",
        });
    });

    it("that succeeds again lets the same release through, with the data", async () => {
        const [before] = await get("deployment", "tradestream-gateway-api", "-n", namespace);
        await upOk({ "gatewayApi.image.tag": "v1.0.1" });
        const [after] = await get("deployment", "tradestream-gateway-api", "-n", namespace);
        expect(after!.metadata.generation).to.be.greaterThan(before!.metadata.generation!);
        expect(await sql("select count(*) from signals where symbol = 'KEEP/ME'")).to.equal("1");
        expect(await migrations()).to.have.length(1);
    });
});
