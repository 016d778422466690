/** The contract of the PostgreSQL and Redis images, on real containers without a cluster. */
import type { V1StatefulSet } from "@kubernetes/client-node";
import { expect } from "chai";
import type { Kubectl } from "../../scripts/kubectl.ts";
import { redis } from "../../scripts/rotate/servers.ts";
import { render } from "../chart/helm.ts";
import { silent } from "../support/reports.ts";
import { Runtime } from "./container.ts";
import {
    archives,
    ask,
    eventually,
    password,
    postgresqlIsReady,
    query,
    redisIsReady,
    type Server,
    startPostgresql,
    startRedis,
} from "./support.ts";

const postgresqlSet = "StatefulSet tradestream-postgresql";

describe("images: servers", function () {
    this.timeout("10m");
    let runtime: Runtime;
    let archive: (name: string) => string;

    before(async () => {
        archive = await archives();
        runtime = new Runtime();
    });
    after(() => runtime?.close());

    describe("postgresql", () => {
        it("refuses a first start without a password, and says so", async () => {
            const { code, log } = await runtime.run(archive("postgresql:15"));
            expect(code).to.equal(1);
            expect(log).to.contain("POSTGRES_PASSWORD is not set");
        });

        it("refuses a directory with files that are no database", async () => {
            const { code, log } = await runtime.run(archive("postgresql:15"), {
                env: { POSTGRES_PASSWORD: "x", PGDATA: "/etc" },
            });
            expect(code).to.equal(1);
            expect(log).to.contain("/etc holds files but no database");
        });

        it("runs another program when one is given", async () => {
            expect(await runtime.run(archive("postgresql:15"), { args: ["psql", "--version"] }))
                .to.have.property("log")
                .that.contains("(PostgreSQL) 15");
        });

        for (const user of [10001, 34567]) {
            it(`serves as user ${user} with a password, a read-only root and no capability`, async () => {
                const server = await startPostgresql(runtime, archive("postgresql:15"), { user });
                await postgresqlIsReady(server);
                expect(await query(server, "select current_database()")).to.equal("tradestream");
                expect(
                    await query(server, "select rolpassword ~ '^SCRAM' from pg_authid where rolname = 'postgres'"),
                ).to.equal("t");
                expect(await query(server, "show data_checksums")).to.equal("on");
                const refused = await query(server, "select 1", "wrong").catch((error: unknown) => String(error));
                expect(refused).to.contain("password authentication failed");
                expect(await server.container.exec("id", "-u")).to.equal(`${user}\n`);
                const write = await server.container.exec("touch", "/usr/x").catch((error: unknown) => String(error));
                expect(write).to.contain("Read-only file system");
                await server.container.kill("SIGINT");
                expect((await server.container.ended).code).to.equal(0);
            });
        }

        it("shuts down fast and clean by the image's stop signal while a client is connected", async () => {
            const server = await startPostgresql(runtime, archive("postgresql:15"));
            await postgresqlIsReady(server);
            const session = query(server, "select pg_sleep(600)").catch((error: unknown) => String(error));
            await eventually(
                "the session",
                async () =>
                    (await query(server, "select count(*) from pg_stat_activity where wait_event = 'PgSleep'")) === "1",
            );
            await server.container.kill("SIGINT");
            const { code, log } = await server.container.ended;
            expect(code).to.equal(0);
            expect(log).to.contain("database system is shut down");
            expect(await session).to.contain("terminating connection");
        });

        it("keeps its data when it is killed", async () => {
            const first = await startPostgresql(runtime, archive("postgresql:15"));
            await postgresqlIsReady(first);
            await query(first, "create table kept as select 42 as answer");
            await first.container.kill("SIGKILL");
            await first.container.ended;
            const second = await startPostgresql(runtime, archive("postgresql:15"), { volume: first.volume });
            await postgresqlIsReady(second);
            expect(await query(second, "select answer from kept")).to.equal("42");
            await second.container.kill("SIGINT");
            await second.container.ended;
        });

        it("starts over when its first start was killed half-way", async () => {
            const first = await startPostgresql(runtime, archive("postgresql:15"));
            await eventually("initdb", () => first.container.log().includes("running bootstrap script"));
            await first.container.kill("SIGKILL");
            await first.container.ended;
            expect(first.container.log()).not.to.contain("is made");
            const second = await startPostgresql(runtime, archive("postgresql:15"), { volume: first.volume });
            await postgresqlIsReady(second);
            expect(await query(second, "select current_database()")).to.equal("tradestream");
            await second.container.kill("SIGINT");
            await second.container.ended;
        });

        it("has its files alone with the chart's command: the next server waits, as a pod does beside a removed one", async () => {
            const set = (await render()).find(({ kind, metadata }) => `${kind} ${metadata?.name}` === postgresqlSet);
            const command = (set as V1StatefulSet).spec!.template.spec!.containers[0]!.command!;
            const start = (volume = runtime.volume(10001)): Promise<Server> =>
                startPostgresql(runtime, archive("postgresql:15"), { command, volume });
            const first = await start();
            await postgresqlIsReady(first);
            const abandoned = await start(first.volume);
            const next = await start(first.volume);
            for (const { container } of [abandoned, next])
                await eventually("the wait", () => container.log().includes("another server still has the files"));
            await abandoned.container.kill("SIGTERM");
            expect((await abandoned.container.ended).code).to.equal(143);
            await query(first, "create table confirmed as select 42 as answer");
            await first.container.kill("SIGINT");
            await postgresqlIsReady(next);
            expect(await query(next, "select answer from confirmed")).to.equal("42");

            const control = await startPostgresql(runtime, archive("postgresql:15"), { volume: first.volume });
            await postgresqlIsReady(control); // by the image alone, it starts beside the other
            for (const { container } of [control, next]) {
                await container.kill("SIGKILL");
                await container.ended;
            }
        });
    });

    describe("redis", () => {
        it("wants its password, and does not show it in the process list", async () => {
            const server = await startRedis(runtime, archive("redis:7"), { user: 34567 });
            await redisIsReady(server);
            expect(await ask(server, ["ping"], "wrong")).to.contain("NOAUTH");
            expect(await server.container.exec("cat", "/proc/1/cmdline")).to.not.contain("HOME");
            await server.container.kill("SIGTERM");
            expect((await server.container.ended).code).to.equal(0);
        });

        it("takes a second password while it runs, and refuses the first when that ends; a probe needs none", async () => {
            const args = ["--user", "probe", "on", "nopass", "+ping"];
            const server = await startRedis(runtime, archive("redis:7"), { args });
            await redisIsReady(server);
            let inSecret = password;
            const kubectl: Kubectl = ([verb, what], input = "") => {
                if (what === "secret") return Promise.resolve(Buffer.from(inSecret).toString("base64"));
                if (verb === "get") return Promise.resolve(what === "pods" ? '{"items":[]}' : "");
                const command = 'printf %s "$0" | redis-cli -p "$1"';
                return server.container.exec("sh", "-c", command, input, String(server.port));
            };
            const store = { kubectl, namespace: "trial", releaseName: "trial" };
            const taken = async (): Promise<readonly boolean[]> =>
                Promise.all(
                    [password, "another"].map(async (each) => (await ask(server, ["ping"], each)).endsWith("PONG")),
                );
            expect([await taken(), await redis.isUnfinished!(store)]).to.deep.equal([[true, false], false]);
            await redis.accept(store, "another");
            inSecret = "another";
            expect([await taken(), await redis.isUnfinished!(store)]).to.deep.equal([[true, true], true]);
            expect(await redis.settle(store, silent)).to.deep.equal([]);
            expect([await taken(), await redis.isUnfinished!(store)]).to.deep.equal([[false, true], false]);
            const probe = [
                "env",
                "REDISCLI_AUTH=whatever",
                "redis-cli",
                "--user",
                "probe",
                "-e",
                "-p",
                String(server.port),
            ];
            expect(await server.container.exec(...probe, "ping")).to.equal("PONG\n");
            expect(String(await server.container.exec(...probe, "get", "x").catch(String))).to.contain("NOPERM");
            inSecret = "unknown";
            expect(await redis.accept(store, "third").catch(String)).to.contain("WRONGPASS");
            await server.container.kill("SIGTERM");
            await server.container.ended;
        });

        it("keeps its data when it is killed", async () => {
            const first = await startRedis(runtime, archive("redis:7"));
            await redisIsReady(first);
            await ask(first, ["set", "kept", "42"]);
            await eventually("the append-only file", async () =>
                (await ask(first, ["info", "persistence"])).includes("aof_pending_bio_fsync:0"),
            );
            await first.container.kill("SIGKILL");
            await first.container.ended;
            const second = await startRedis(runtime, archive("redis:7"), { volume: first.volume });
            await redisIsReady(second);
            expect(await ask(second, ["get", "kept"])).to.contain("42");
            await second.container.kill("SIGTERM");
            await second.container.ended;
        });

        it("runs as given when a configuration file or a program is given", async () => {
            const given = await runtime.run(archive("redis:7"), { args: ["redis-server", "/absent.conf"] });
            expect(given.log).to.contain("/absent.conf");
            const version = await runtime.run(archive("redis:7"), { args: ["redis-cli", "--version"] });
            expect(version).to.deep.include({ code: 0 });
            expect(version.log).to.contain("redis-cli 7.");
        });
    });
});
