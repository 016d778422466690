/** Data that moves to another server, by the commands of docs/operations.md: nothing is lost, and nothing begins anew unasked. */
import { expect } from "chai";
import path from "node:path";
import { writeFileSync } from "node:fs";
import { loadImages } from "../../local/cluster/index.ts";
import { ensurePackages } from "../../local/debian.ts";
import { nextPostgresql } from "../../local/images/catalogue.ts";
import { buildImages } from "../../local/images/index.ts";
import { createReport } from "../../local/report.ts";
import { ensureTools } from "../../local/tools/index.ts";
import { cluster } from "../cluster/support/cluster-name.ts";
import { command, eventually, get, kubectl, root } from "../cluster/support/commands.ts";
import { redis, sql } from "../cluster/support/databases.ts";
import { Operator } from "../cluster/support/operator.ts";
import { runOf, startRun } from "../cluster/support/jobs.ts";
import { type Managed, startManaged } from "../cluster/support/managed.ts";
import { onCluster } from "../cluster/support/objects.ts";
import { TestStack } from "../cluster/support/pulumi.ts";
import { clear, isSoak, namespace, settled, start } from "../cluster/support/tradestream.ts";
import { record } from "../evidence.ts";
import { shellBlocks, withValues } from "../support/guide.ts";

const suite = "Moves";
const rows = isSoak ? 100_000 : 5000;
const page = "docs/operations.md";
const server = "tradestream-postgresql-0";
const clients = "database-clients";
const upgradeBlocks = shellBlocks(page, "Another major version of PostgreSQL");
const [pause = ""] = upgradeBlocks;

/** All rows of what the services and this test have written, up to a run of the worker: later ones are written afterwards. */
const digest = (run: string): string => `select count(*), sum(hashtext(ledger::text)),
    (select sum(hashtext(r::text)) from notification_runs r where id <= ${run}), (select max(version) from schema_migrations) from ledger`;

const lastRun = "select max(id) from notification_runs";

describe("data that moves", function () {
    this.timeout(600_000);
    let operator: Operator;
    let managed: Managed;

    before(async () => {
        const report = createReport();
        const images = await buildImages(report, { recipes: [nextPostgresql] });
        await loadImages(
            cluster,
            images.map(({ archive }) => archive),
            report,
        );
        const clients = { "postgresql-client": "psql", "redis-tools": "redis-cli" };
        await ensurePackages(
            Object.entries(clients).map(([name, file]) => ({ package: name, file })),
            report,
        );
        managed = await startManaged();
        const change = { "caBundle.pem": managed.authority };
        await start(change);
        operator = await Operator.of(await TestStack.of("local", change));
        await sql(`create table ledger (id bigserial primary key, note text);
            insert into ledger (note) select md5(n::text) from generate_series(1, ${rows}) n`);
        await finishRun("before");
    });

    after(async () => {
        operator?.close();
        await managed?.close();
        await clear();
    });

    describe("to another major version of PostgreSQL", () => {
        const [, dump = "", begin = "", restore = "", clean = ""] = upgradeBlocks;
        const values = { "18.1-bookworm": "17", "pgdata-18": "pgdata-17" };
        let [before, run]: [string, string] = ["", ""];

        it("is refused while the files stay, before anything is touched", async () => {
            await operator.ok(pause + dump);
            run = await sql(lastRun);
            before = await sql(digest(run));
            const uid = async () => (await get("pod", server, "-n", namespace))[0]!.metadata.uid;
            const pod = await uid();
            await operator.ok("pulumi config set --path chart.values.postgresql.image.tag --type string 17");
            const { code, stdout, stderr } = await operator.run("pulumi up");
            expect(code).not.to.equal(0);
            expect(stdout + stderr)
                .to.match(/1 error; nothing was changed/)
                .and.include("chart.values.postgresql.image.tag")
                .and.include("PostgreSQL 17 cannot read the files of PostgreSQL 15 in pgdata")
                .and.include(page);
            expect(await uid()).to.equal(pod);
        });

        it("is refused by the chart itself, which asks what runs", async () => {
            const refused = await upgrade("postgresql.image.tag=17");
            expect(refused.code).not.to.equal(0);
            expect(refused.stderr).to.include("PostgreSQL 17, which cannot read the files of PostgreSQL 15");
            const empty = await upgrade("postgresql.primary.dataDirectory=elsewhere");
            expect(empty.stderr).to.include("it would begin with an empty database");
            // The controls: nothing new, and both at once.
            for (const values of [
                "postgresql.image.tag=15",
                "postgresql.image.tag=17,postgresql.primary.dataDirectory=x",
            ]) {
                const accepted = await upgrade(values);
                expect(accepted.code, accepted.stderr).to.equal(0);
            }
        });

        it("takes all data along, and keeps the old files until they are removed", async () => {
            await operator.ok(withValues(begin, { ...values, "18.1-bookworm": "--type string 17" }));
            expect(await sql("select to_regclass('ledger') is null"), "the control: it begins empty").to.equal("t");
            await operator.ok(restore);
            await settled("gateway-api");
            expect(await sql("select current_setting('server_version')")).to.match(/^17\./);
            expect(await sql(digest(run))).to.equal(before);
            await finishRun("with-the-next-version");
            expect(await directories()).to.include.members(["pgdata", "pgdata-17"]);
            await operator.ok(clean);
            expect(await directories())
                .to.include("pgdata-17")
                .and.not.include("pgdata");
        });
    });

    describe("to a managed database and Redis", () => {
        const [dump = "", restore = "", copy = "", move = ""] = shellBlocks(
            page,
            "Moving to a managed database or Redis",
        );

        it("takes all data along, over TLS only", async () => {
            await redis("set", "text", "two\r\nlines, 'quoted' $7");
            await redis("set", "expiring", "soon", "px", "3600000");
            await redis("hset", "a key", "field", "value");
            await redis("rpush", "list", ...Array.from({ length: 500 }, (_, index) => String(index)));
            for (const [file, content] of Object.entries(managed.client))
                writeFileSync(path.join(operator.directory, file), content, { encoding: "base64", mode: 0o600 });
            const authorityFile = path.join(operator.directory, "ca.crt");
            const urls = await managed.forOperator(operator.directory);
            await operator.ok(pause + dump);
            const run = await sql(lastRun);
            const before = await sql(digest(run));
            const keys = await contents(redis);
            await operator.ok(restore, urls);
            await operator.ok(copy, { ...urls, SSL_CERT_FILE: authorityFile });
            expect(await managed.sql(digest(run))).to.equal(before);
            expect(await contents(managed.redis)).to.deep.equal(keys);
            expect(Number(await managed.redis("pttl", "expiring"))).to.be.within(3_000_000, 3_600_000);
            await onCluster("create", [
                {
                    apiVersion: "v1",
                    kind: "Secret",
                    metadata: { name: clients, namespace },
                    data: managed.client,
                },
            ]);
            const password = "s3cr3t-of-gateway-api";
            await managed.sql(
                `create role api login password '${password}' in role pg_read_all_data, pg_write_all_data`,
            );
            const own = managed.forPods.DATABASE_URL.replace(/\/\/[^@]+/, `//api:${password}`);
            await operator.ok(`pulumi config set --secret --path databaseUrls.gatewayApi '${own}'`);
            await operator.ok(
                withValues(`pulumi config set --path database.tls.secretName ${clients}\n${move}`, {
                    "--secret databaseUrl": `--secret databaseUrl '${managed.forPods.DATABASE_URL}'`,
                    "--secret redisUrl": `--secret redisUrl '${managed.forPods.REDIS_URL}'`,
                }),
            );
            await settled("gateway-api");
            await finishRun("outside");
            expect(await get("statefulsets", "-n", namespace)).to.deep.equal([]);
            expect(await managed.redis("hget", "notifications:last-run", "pod")).to.match(/^outside-/);
            expect(await managed.sql("select count(*) > 0 from notification_runs where pod like 'outside-%'")).to.equal(
                "t",
            );
            const open = "from pg_stat_activity join pg_stat_ssl using (pid) where client_addr is not null";
            expect(
                await managed.sql(`select count(*) > 0, bool_and(ssl and client_dn = '/CN=client') ${open}`),
            ).to.equal("t|t");
            expect(await managed.sql(`select bool_or(usename = 'api') ${open}`)).to.equal("t");
            record({ suite, name: "rows taken to a managed database", value: rows });
        });

        it("would fail without a client's certificate, and without TLS: neither server answers", async () => {
            const { DATABASE_URL, REDIS_URL } = await managed.forOperator(operator.directory);
            const uncertified = DATABASE_URL.replace(/&ssl(cert|key)=[^&]+/g, "&ssl$1=/nowhere");
            const refused = await operator.run(`psql --command 'select 1' "${uncertified}"`);
            expect(refused.stderr).to.include("requires a valid client certificate");
            const plain = DATABASE_URL.replace("verify-full", "disable");
            const database = await operator.run(`psql --command 'select 1' "${plain}"`);
            expect(database.stderr).to.include("no pg_hba.conf entry");
            const cache = await operator.run(
                `timeout 10 redis-cli -u '${REDIS_URL.replace("rediss:", "redis:")}' ping`,
            );
            expect(cache.stdout).not.to.include("PONG");
        });
    });

    /** Runs the worker once, to its end. */
    async function finishRun(name: string): Promise<void> {
        await startRun("tradestream-notification-worker", name, (job) => delete job.metadata.ownerReferences);
        const { failure } = await eventually(90, async () => {
            const run = runOf((await get("job", name, "-n", namespace))[0]!);
            return run.ended === undefined ? undefined : run;
        });
        expect(failure).to.equal(undefined);
    }

    /** What the server would answer to an upgrade of the release with other values. */
    async function upgrade(values: string) {
        const { helm } = await ensureTools(["helm"], createReport());
        const words = ["upgrade", "tradestream", "charts/tradestream", "--namespace", namespace, "--reuse-values"];
        return command(helm, [...words, "--set-string", values, "--dry-run=server"], { cwd: root });
    }

    async function directories(): Promise<readonly string[]> {
        return (await kubectl("exec", "-n", namespace, server, "--", "ls", "/var/lib/postgresql/data")).split("\n");
    }

    /** Keys with their values, as far as this test knows them. */
    async function contents(ask: (...words: string[]) => Promise<string>): Promise<readonly string[]> {
        return [
            ...(await ask("--scan")).split("\n").sort(),
            await ask("get", "text"),
            await ask("hgetall", "a key"),
            await ask("lrange", "list", "0", "-1"),
            await ask("hgetall", "notifications:last-run"),
        ];
    }
});
