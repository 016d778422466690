/**
 * Backups of the database as their operator meets them: to a real S3 server over TLS, while the network policies are enforced,
 * and back with the documented command after everything was lost.
 */
import { expect } from "chai";
import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { record } from "../evidence.ts";
import { type Bucket, openBucket } from "../cluster/support/bucket.ts";
import { command, eventually, get, kubectl, type KubeObject, root } from "../cluster/support/commands.ts";
import { sql } from "../cluster/support/databases.ts";
import { drill } from "../cluster/support/drills.ts";
import { Enforcer } from "../cluster/support/enforcer.ts";
import { runOf, startRun } from "../cluster/support/jobs.ts";
import { pause } from "../cluster/support/load.ts";
import { killContainer } from "../cluster/support/node.ts";
import { clear, isSoak, namespace, settled, start } from "../cluster/support/tradestream.ts";

const suite = "Backups";
const rows = isSoak ? 100_000 : 10_000;
/** One after the other, so that they are written before, during and after a backup. */
const parts = 20;
const set = "tradestream-postgresql";
const claim = `data-${set}-0`;

describe("backups", function () {
    this.timeout(900_000);
    let enforcer: Enforcer;
    let bucket: Bucket;

    before(async () => {
        enforcer = await Enforcer.start();
        bucket = await openBucket();
        await start({
            ...bucket.config,
            "backup.archiveTimeoutSeconds": 10,
            "backup.scratchSize": "1Gi",
            "gatewayApi.autoscaling.targetCPUUtilization": 400,
        });
        await settled("gateway-api");
        await sql(
            "create table ledger (id bigserial primary key, at timestamptz default clock_timestamp(), note text)",
        );
    });

    after(async () => {
        await enforcer?.stop();
        await bucket?.close();
        await clear(); // A database that was away leaves failed Jobs and events, which later suites would meet.
    });

    it("begin at deployment, encrypted", async () => {
        enforcer.check();
        const [stanza] = await info();
        expect(stanza).to.deep.include({ cipher: "aes-256-cbc", status: { ...stanza!.status, code: 0 } });
        expect(stanza!.backup.map(({ type }) => type)).to.deep.equal(["full"]);
        expect(filesBelow(bucket.directory).length).to.be.greaterThan(5);
    });

    it("bring a destroyed database back, with all but the last moments", async () => {
        const backup = finished("tradestream-backup-full", "during-the-load");
        for (let part = 0; part < parts; part++) await insert(rows / parts);
        expect((await backup).failure).to.equal(undefined);
        await insert(rows / parts);
        // The control: what is not archived yet is lost, and only that.
        const kept = await archived();
        await insert(50);
        const { last, at } = await lastRow();
        const destroyed = Date.now();
        await destroy();
        // The empty database that PostgreSQL makes in between has no such table.
        const back = eventually(600, () => lastRow()).then(() => Date.now());
        await restore();
        const downtime = ((await back) - destroyed) / 1000;
        const restored = await lastRow();
        await settled("gateway-api");
        const lost = (at - restored.at) / 1000;
        record({ suite, name: "rows before the volume was destroyed", value: last });
        record({ suite, name: "rows lost with it", value: last - restored.last });
        record({ suite, name: "data lost", value: lost.toFixed(1), unit: "s", requirement: "at most 300 s" });
        record({ suite, name: "database away", value: downtime.toFixed(0), unit: "s", requirement: "at most 300 s" });
        expect(restored.last).to.be.within(kept, last);
        expect(await sql("select count(*) from ledger")).to.equal(String(restored.last));
        expect(lost).to.be.at.most(300);
    });

    it("go back to the moment before a DROP TABLE", async () => {
        await insert(1000);
        const before = await sql("select count(*), sum(hashtext(note)) from ledger");
        const time = await sql(`select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`);
        await pause(1500);
        await sql("drop table ledger");
        await sql("create table after_the_drop (id int)");
        await restore("--time", time);
        expect(await sql("select count(*), sum(hashtext(note)) from ledger")).to.equal(before);
        expect(await sql("select to_regclass('after_the_drop') is null")).to.equal("t");
        // On a history of its own, which is backed up as well.
        await insert(10);
        expect((await info())[0]!.backup.at(-1)!.archive.start).to.match(/^0000000[3-9]/);
    });

    it("are refused to somebody who does not name the stack, and to a time to come", async () => {
        const server = (await get("pod", `${set}-0`, "-n", namespace))[0]!.metadata.uid;
        const unconfirmed = await cli("production\n");
        expect([unconfirmed.code, unconfirmed.stderr].join()).to.match(/1,[^]*nothing was changed/);
        const future = await cli("", "--yes", "--time", "2999-01-01T00:00:00Z");
        expect([future.code, future.stderr].join()).to.match(/2,[^]*in the future/);
        expect((await get("pod", `${set}-0`, "-n", namespace))[0]!.metadata.uid).to.equal(server);
    });

    it("pass the restore test while they are whole, as the drill runs it", async () => {
        const { code, said, record: made } = await drill("restore");
        expect(code, said).to.equal(0);
        expect(made).to.include({ drill: "restore", met: true });
        const [, job] = /as the Job (\S+):/.exec(said)!;
        const log = await kubectl("logs", `job/${job}`, "-n", namespace);
        expect(log).to.match(/restored up to \d{4}-/);
    });

    it("fail it when a file is damaged, and when one is missing", async () => {
        const [largest] = filesBelow(path.join(bucket.directory, namespace)).filter((file) =>
            file.includes("/backup/"),
        );
        const content = readFileSync(largest!);
        const damaged = Buffer.from(content);
        damaged.write("damaged", Math.floor(content.length / 2));
        writeFileSync(largest!, damaged);
        const first = await finished("tradestream-backup-restore-test", "damaged");
        writeFileSync(largest!, content);
        renameSync(largest!, `${largest!}.away`);
        const second = await finished("tradestream-backup-restore-test", "missing");
        renameSync(`${largest!}.away`, largest!);
        expect([first.failure, second.failure]).to.deep.equal(["BackoffLimitExceeded", "BackoffLimitExceeded"]);
        expect(first.log).to.match(/invalid checksum[^]*The repository has errors/);
        expect(second.log).to.match(/file missing[^]*The repository has errors/);
    });

    /** Writes rows, each in a transaction of a hundred. */
    async function insert(count: number): Promise<void> {
        const batch = Math.min(100, count);
        const values = `select repeat(md5(random()::text), 4) from generate_series(1, ${batch})`;
        await sql(
            `do $$ begin for i in 1..${count / batch} loop insert into ledger (note) ${values}; commit; end loop; end $$`,
        );
    }

    /** The last row that is certain to be in the bucket. */
    async function archived(): Promise<number> {
        const { last } = await lastRow();
        const segment = await sql("select pg_walfile_name(pg_switch_wal())");
        await eventually(60, async () =>
            (await sql("select last_archived_wal from pg_stat_archiver")) >= segment ? true : undefined,
        );
        return last;
    }

    async function lastRow(): Promise<{ readonly last: number; readonly at: number }> {
        const row = await sql("select id, extract(epoch from at) * 1000 from ledger order by id desc limit 1");
        const [last, at] = row.split("|").map(Number);
        return { last: last!, at: at! };
    }

    /** Kills the server, so that it archives nothing more, and removes its files, its claim and its pod. */
    async function destroy(): Promise<void> {
        const [volume] = await get("persistentvolumeclaim", claim, "-n", namespace);
        const [{ spec }] = (await get("persistentvolume", String(volume!.spec["volumeName"]))) as [KubeObject];
        const [pod] = await get("pod", `${set}-0`, "-n", namespace);
        killContainer(pod!);
        // The kernel ends the killed processes one after the other, and one may still write.
        rmSync((spec["local"] as { path: string }).path, { recursive: true, maxRetries: 20, retryDelay: 100 });
        await kubectl("delete", "persistentvolumeclaim", claim, "-n", namespace, "--wait=false");
        await kubectl("delete", "pod", `${set}-0`, "-n", namespace, "--force", "--grace-period=0");
        await eventually(60, async () => {
            const [found] = await get("persistentvolumeclaims", claim, "-n", namespace).catch(() => []);
            return found?.metadata.uid === volume!.metadata.uid ? undefined : true;
        });
    }

    /** The command of the guide, as an operator runs it. */
    async function restore(...options: string[]): Promise<void> {
        const { code, stdout, stderr } = await cli("", "--yes", ...options);
        if (code !== 0) throw new Error(`${stdout}\n${stderr}`);
        expect(stdout).to.include("and serves");
    }

    async function cli(input: string, ...options: string[]) {
        const context = (await kubectl("config", "current-context")).trim();
        const args = ["scripts/platform/cli.ts", "restore", "--stack", "local", "--context", context, ...options];
        return command(process.execPath, args, { cwd: root, input });
    }

    /** Runs a CronJob's Job once, without further tries, to its end. */
    async function finished(cronJob: string, name: string): Promise<{ failure: string | undefined; log: string }> {
        await startRun(cronJob, name, (job) => Object.assign(job.spec, { backoffLimit: 0 }));
        const { failure } = await eventually(600, async () => {
            const run = runOf((await get("job", name, "-n", namespace))[0]!);
            return run.ended === undefined ? undefined : run;
        });
        return { failure, log: await kubectl("logs", `job/${name}`, "-n", namespace) };
    }

    interface Stanza {
        readonly cipher: string;
        readonly status: { readonly code: number };
        readonly backup: readonly { readonly type: string; readonly archive: { readonly start: string } }[];
    }

    async function info(): Promise<readonly Stanza[]> {
        const words = ["pgbackrest", "info", "--output=json"];
        return JSON.parse(await kubectl("exec", "-n", namespace, `${set}-0`, "--", ...words)) as Stanza[];
    }

    /** The files below a directory, largest first. */
    function filesBelow(directory: string): readonly string[] {
        return readdirSync(directory, { recursive: true, withFileTypes: true })
            .filter((entry) => entry.isFile())
            .map((entry) => path.join(entry.parentPath, entry.name))
            .sort((a, b) => statSync(b).size - statSync(a).size);
    }
});
