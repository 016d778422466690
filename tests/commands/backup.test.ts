/**
 * Backups of the database as their operator meets them: to a real S3 server over TLS, while the network policies are enforced,
 * and back with the documented command after everything was lost.
 */
import { expect } from "chai";
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { zstdDecompressSync } from "node:zlib";
import { contextName } from "../../local/cluster/index.ts";
import { readStatus } from "../../scripts/status/index.ts";
import { jobAlerts } from "../../components/alerts/jobs.ts";
import { watchedOf } from "../../config/watched.ts";
import { record } from "../evidence.ts";
import { type Bucket, openBucket } from "../cluster/support/bucket.ts";
import { cluster } from "../cluster/support/cluster-name.ts";
import { command, eventually, get, inShell, kubectl, type KubeObject, root } from "../cluster/support/commands.ts";
import { sql } from "../cluster/support/databases.ts";
import { drill } from "../cluster/support/drills.ts";
import { Enforcer } from "../cluster/support/enforcer.ts";
import { runOf, startRun } from "../cluster/support/jobs.ts";
import { pause } from "../cluster/support/load.ts";
import { killContainer } from "../cluster/support/node.ts";
import { onCluster } from "../cluster/support/objects.ts";
import { clear, isSoak, namespace, settled, start, upOk } from "../cluster/support/tradestream.ts";
import { Writers } from "../cluster/support/writers.ts";
import { parseStack } from "../support/configuration.ts";
import { shellBlock, withValues } from "../support/guide.ts";

const suite = "Backups";
const page = "docs/backup.md";
const context = contextName(cluster);
const rows = 100_000;
/** One after the other, so that they are written before, during and after a backup; by several connections each. */
const parts = 5;
const connections = 2;
const set = "tradestream-postgresql";
const claim = `data-${set}-0`;
const restoreTest = "tradestream-backup-restore-test";
/** What a row says that backups contain. */
const marker = `marker-${randomBytes(16).toString("hex")}`;

describe("backups", function () {
    this.timeout(900_000);
    let enforcer: Enforcer;
    let bucket: Bucket;
    let repository: string;

    before(async () => {
        enforcer = await Enforcer.start();
        bucket = await openBucket();
        repository = path.join(bucket.directory, namespace, "tradestream");
        await start({
            ...bucket.config,
            "backup.archiveTimeoutSeconds": 10,
            "backup.scratchSize": "1Gi",
            "gatewayApi.autoscaling.targetCPUUtilization": 400,
        });
        await settled("gateway-api");
        await sql(
            `create table ledger (id bigserial primary key, at timestamptz default clock_timestamp(), note text);
            insert into ledger (note) values ('${marker}')`,
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
        const writers = await Writers.start();
        await inShell(shellBlock(page, "kubectl create job"));
        const backup = ended("before-the-upgrade");
        const began = performance.now();
        for (let part = 0; part < parts; part++)
            await Promise.all(Array.from({ length: connections }, () => insert(rows / parts / connections)));
        const seconds = (performance.now() - began) / 1000;
        expect((await backup).failure).to.equal(undefined);
        await insert(rows / parts);
        // The control: what is not archived yet is lost, and only that.
        const until = Date.now();
        const kept = await archived();
        await insert(50);
        const { last, at } = await lastRow();
        const destroyed = Date.now();
        await destroy();
        await writers.stop();
        // The empty database that PostgreSQL makes in between has no such table.
        const back = eventually(600, () => lastRow()).then(() => Date.now());
        await restore();
        const downtime = ((await back) - destroyed) / 1000;
        const restored = await lastRow();
        await settled("gateway-api");
        const present = new Set((await sql("select id from notifications")).split("\n").map(Number));
        const missing = [...writers.confirmed].filter(([id]) => !present.has(id)).map(([, confirmed]) => confirmed);
        const lost = Math.max(at - restored.at, ...missing.map((confirmed) => destroyed - confirmed)) / 1000;
        record({ suite, name: "rows before the volume was destroyed", value: last });
        record({ suite, name: `written by ${connections} connections in`, value: seconds.toFixed(0), unit: "s" });
        record({ suite, name: "rows that gateway-api confirmed meanwhile", value: writers.confirmed.size });
        record({ suite, name: "of these lost", value: missing.length });
        record({ suite, name: "rows lost with it", value: last - restored.last });
        record({ suite, name: "data lost", value: lost.toFixed(1), unit: "s", requirement: "at most 300 s" });
        record({ suite, name: "database away", value: downtime.toFixed(0), unit: "s", requirement: "at most 300 s" });
        expect(restored.last).to.be.within(kept, last);
        expect(await sql("select count(*) from ledger")).to.equal(String(restored.last));
        expect(last).to.be.at.least(rows);
        expect(writers.confirmed.size).to.be.greaterThan(100);
        expect(missing.filter((confirmed) => confirmed <= until)).to.deep.equal([]);
        expect(lost).to.be.at.most(300);
    });

    it("hold nothing that can be read without the passphrase", async () => {
        expect(await sql(`select count(*) from ledger where note = '${marker}'`)).to.equal("1");
        expect(filesWith(marker, bucket.directory)).to.deep.equal([]);
        // The control: the same search in a repository that is as compressed, but not encrypted.
        const options = "--compress-type=zst --repo1-bundle --start-fast --no-archive-check";
        const plain = `pgbackrest --no-config --pg1-path="$PGDATA" --pg1-socket-path=/var/run/postgresql \
            --pg1-user=postgres --repo1-path="$PGDATA/../plain" --lock-path=/tmp/plain --log-level-file=off`;
        await inServer(`${plain} stanza-create && ${plain} ${options} backup`);
        expect(filesWith(marker, path.join(await volumePath(), "plain"))).to.not.deep.equal([]);
        await inServer('rm -r "$PGDATA/../plain"');
    });

    it("go back to the moment before a DROP TABLE", async () => {
        await insert(1000);
        const before = await sql("select count(*), sum(hashtext(note)) from ledger");
        const time = await sql(`select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`);
        await pause(1500);
        await sql("drop table ledger");
        await sql("create table after_the_drop (id int)");
        await restore(time);
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

    it("fail the restore test when files are damaged or missing, and when a whole backup is", async () => {
        const [damaged, missing] = filesBelow(repository).filter((file) =>
            /\/backup\/.*(\/bundle\/|\.zst$)/.test(file),
        );
        const content = readFileSync(damaged!);
        writeFileSync(damaged!, Buffer.from(content).fill("damaged", Math.floor(content.length / 2)));
        renameSync(missing!, `${missing!}.away`);
        const first = await finished(restoreTest, "damaged");
        writeFileSync(damaged!, content);
        renameSync(`${missing!}.away`, missing!);
        const { label } = (await info())[0]!.backup[0]!;
        const [oldest, away] = [
            path.join(repository, "backup/tradestream", label),
            path.join(bucket.directory, "away"),
        ];
        renameSync(oldest, away);
        const second = await finished(restoreTest, "missing");
        renameSync(away, oldest);
        expect([first.failure, second.failure]).to.deep.equal(["BackoffLimitExceeded", "BackoffLimitExceeded"]);
        for (const said of ["invalid checksum", "file missing", "The repository has errors"])
            expect(first.log).to.include(said);
        expect(second.log).to.match(new RegExp(`^${label}\\n[^]*These backups are missing`, "m"));
        // A drill begins on a stack without problems.
        await kubectl("delete", "jobs", "damaged", "missing", "-n", namespace);
    });

    it("are deleted when they are older than what is kept, and the rest can be restored", async () => {
        const full = async () =>
            (await info())[0]!.backup.filter(({ type }) => type === "full").map(({ label }) => label);
        const before = await full();
        expect(before).to.have.length.of.at.least(2);
        // The control: none is as old as `retentionDays`.
        await inServer("pgbackrest expire");
        expect(await full()).to.deep.equal(before);
        // A day cannot pass here: the same command counts backups in place of days.
        await inServer("pgbackrest --repo1-retention-full-type=count --repo1-retention-full=1 expire");
        expect(await full()).to.deep.equal(before.slice(-1));
        // A list of the files that it had stays in the history.
        const left = filesBelow(bucket.directory).filter((file) => !file.includes("/backup.history/"));
        expect(left.filter((file) => file.includes(before[0]!))).to.deep.equal([]);
        // The next test restores what is left.
    });

    it("pass the restore test while they are whole, as the drill runs it", async () => {
        const { code, said, record: made } = await drill("restore");
        expect(code, said).to.equal(0);
        expect(made).to.include({ drill: "restore", met: true });
        const [, job] = /as the Job (\S+):/.exec(said)!;
        const log = await kubectl("logs", `job/${job}`, "-n", namespace);
        expect(log).to.match(/restored up to \d{4}-/);
    });

    if (isSoak)
        it("fail it by its schedule when all base backups are gone, and the status names it", async () => {
            const home = path.join(repository, "backup");
            renameSync(home, `${home}.away`);
            const jobTemplate = { spec: { backoffLimit: 0 } };
            const every = { spec: { schedule: "* * * * *", failedJobsHistoryLimit: 9, jobTemplate } };
            await kubectl("patch", "cronjob", restoreTest, "-n", namespace, "--patch", JSON.stringify(every));
            const run = await eventually(150, async () => {
                const runs = (await get("jobs", "-n", namespace)).map(runOf);
                return runs.find(
                    ({ name, scheduled, ended }) =>
                        name.startsWith(`${restoreTest}-`) && scheduled !== undefined && ended !== undefined,
                );
            });
            await kubectl(
                "patch",
                "cronjob",
                restoreTest,
                "-n",
                namespace,
                "--patch",
                '{"spec":{"schedule":"0 0 1 1 *"}}',
            );
            renameSync(`${home}.away`, home);
            expect(run).to.deep.include({ failure: "BackoffLimitExceeded" });
            expect(await kubectl("logs", `job/${run.name}`, "-n", namespace)).to.include("The repository has errors");
            // The metrics of kube-state-metrics that the alert of this CronJob compares.
            const { settings, secrets } = parseStack("local", bucket.config);
            const watched = watchedOf(settings!, secrets!);
            const release = { system: "tradestream", releaseName: "tradestream" };
            const alerts = jobAlerts({ release, namespace, config: settings!.monitoring, watched });
            const alert = alerts.find(({ labels }) => labels?.["cronjob"] === restoreTest);
            expect(alert).to.have.property("name", "TradeStreamCronJobFailed");
            const [{ status }] = (await get("cronjob", restoreTest, "-n", namespace)) as [KubeObject];
            const { lastScheduleTime, lastSuccessfulTime = "" } = status as Readonly<Record<string, string>>;
            expect(lastScheduleTime! > lastSuccessfulTime, `${lastScheduleTime} > ${lastSuccessfulTime}`).to.equal(
                true,
            );
            const target = { stack: "local", namespace, releaseName: "tradestream" };
            const { problems } = await readStatus(target, (args) => kubectl(...args));
            expect(problems.join("\n"))
                .to.match(new RegExp(`the run of ${restoreTest} at \\S+ did not succeed`))
                .and.match(new RegExp(`pod ${run.name}-\\S+ is not ready \\(Failed\\)[^]*The repository has errors`));
        });

    if (isSoak)
        it("bring a destroyed database back from a volume", async () => {
            const resources = { requests: { storage: "1Gi" } };
            const metadata = { name: "backups", namespace };
            const spec = { accessModes: ["ReadWriteOnce"], resources };
            await onCluster("create", [{ apiVersion: "v1", kind: "PersistentVolumeClaim", metadata, spec }]);
            const { backupPassphrase } = bucket.config;
            const place = { "backup.enabled": true, "backup.volume.claimName": metadata.name };
            await upOk({ ...place, backupPassphrase, "backup.scratchSize": "1Gi" });
            const kept = await archived();
            await destroy();
            await restore();
            expect((await lastRow()).last).to.be.at.least(kept);
            expect(await sql(`select count(*) from ledger where note = '${marker}'`)).to.equal("1");
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

    /** Runs a command as the server's user, with the configuration of the backups. */
    function inServer(script: string): Promise<string> {
        return kubectl("exec", "-n", namespace, `${set}-0`, "--", "sh", "-c", script);
    }

    /** Where the server's volume is on this machine. */
    async function volumePath(): Promise<string> {
        const [volume] = await get("persistentvolumeclaim", claim, "-n", namespace);
        const [{ spec }] = (await get("persistentvolume", String(volume!.spec["volumeName"]))) as [KubeObject];
        return (spec["local"] as { path: string }).path;
    }

    /** Kills the server, so that it archives nothing more, and removes its files, its claim and its pod. */
    async function destroy(): Promise<void> {
        const [volume] = await get("persistentvolumeclaim", claim, "-n", namespace);
        const [pod] = await get("pod", `${set}-0`, "-n", namespace);
        const files = await volumePath();
        killContainer(pod!);
        // The kernel ends the killed processes one after the other, and one may still write.
        rmSync(files, { recursive: true, maxRetries: 20, retryDelay: 100 });
        await kubectl("delete", "persistentvolumeclaim", claim, "-n", namespace, "--wait=false");
        await kubectl("delete", "pod", `${set}-0`, "-n", namespace, "--force", "--grace-period=0");
        await eventually(60, async () => {
            const [found] = await get("persistentvolumeclaims", claim, "-n", namespace).catch(() => []);
            return found?.metadata.uid === volume!.metadata.uid ? undefined : true;
        });
    }

    /** The command of the guide, as an operator runs it. */
    async function restore(time?: string): Promise<void> {
        const [latest = "", earlier = ""] = shellBlock(page, "npm run restore").split("\n");
        const line = time === undefined ? latest : withValues(earlier, { "2026-11-28T20:15:00Z": time });
        // The stack local, whose context is not in its file; nobody is there to confirm it.
        const { code, stdout, stderr } = await command("bash", [
            "-c",
            withValues(line, { production: `local --context ${context} --yes` }),
        ]);
        if (code !== 0) throw new Error(`${stdout}\n${stderr}`);
        expect(stdout).to.include("and serves");
    }

    async function cli(input: string, ...options: string[]) {
        const args = ["scripts/platform/cli.ts", "restore", "--stack", "local", "--context", context, ...options];
        return command(process.execPath, args, { cwd: root, input });
    }

    /** Runs a CronJob's Job once, without further tries, to its end. */
    async function finished(cronJob: string, name: string): Promise<{ failure: string | undefined; log: string }> {
        await startRun(cronJob, name, (job) => Object.assign(job.spec, { backoffLimit: 0 }));
        return ended(name);
    }

    async function ended(name: string): Promise<{ failure: string | undefined; log: string }> {
        const { failure } = await eventually(600, async () => {
            const run = runOf((await get("job", name, "-n", namespace))[0]!);
            return run.ended === undefined ? undefined : run;
        });
        return { failure, log: await kubectl("logs", `job/${name}`, "-n", namespace) };
    }

    interface Stanza {
        readonly cipher: string;
        readonly status: { readonly code: number };
        readonly backup: readonly {
            readonly label: string;
            readonly type: string;
            readonly archive: { readonly start: string };
        }[];
    }

    async function info(): Promise<readonly Stanza[]> {
        const words = ["pgbackrest", "info", "--output=json"];
        return JSON.parse(await kubectl("exec", "-n", namespace, `${set}-0`, "--", ...words)) as Stanza[];
    }

    /** The files below a directory that contain a text, as they are or in what they have compressed. */
    function filesWith(text: string, directory: string): readonly string[] {
        return filesBelow(directory).filter((file) => contains(readFileSync(file), text));
    }

    function contains(content: Buffer, text: string): boolean {
        if (content.includes(text)) return true;
        // A file of a backup has several files of the database, one after the other.
        const magic = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
        for (let at = content.indexOf(magic); at >= 0;) {
            const next = content.indexOf(magic, at + 1);
            try {
                if (zstdDecompressSync(content.subarray(at, next < 0 ? undefined : next)).includes(text)) return true;
            } catch {
                // These four bytes began nothing.
            }
            at = next;
        }
        return false;
    }

    /** The files below a directory, largest first. */
    function filesBelow(directory: string): readonly string[] {
        return readdirSync(directory, { recursive: true, withFileTypes: true })
            .filter((entry) => entry.isFile())
            .map((entry) => path.join(entry.parentPath, entry.name))
            .sort((a, b) => statSync(b).size - statSync(a).size);
    }
});
