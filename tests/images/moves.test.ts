/** Data goes from one server to the next by the commands of docs/operations.md. With the platform: tests/commands/moves.test.ts. */
import { execFile, execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";
import { databaseRoles } from "../../components/databaseLogins.ts";
import { rolesScript } from "../../components/databaseRoles.ts";
import { ensurePackages } from "../../local/debian.ts";
import { createReport } from "../../local/report.ts";
import { shellBlocks, withValues } from "../support/guide.ts";
import { type Container, Runtime } from "./container.ts";
import { archives, eventually, freePort } from "./support.ts";

const page = "docs/operations.md";
const user = 10001;
const secret = "s3cret-of-the-test";

describe("data that moves between servers", function () {
    this.timeout(900_000);
    let runtime: Runtime;
    let archive: (name: string) => string;
    let desk: string;

    before(async () => {
        archive = await archives();
        await ensurePackages([{ package: "redis-tools", file: "redis-cli" }], createReport());
        runtime = new Runtime();
        desk = mkdtempSync(path.join(os.tmpdir(), "tradestream-desk-"));
    });

    after(() => {
        runtime?.close();
        rmSync(desk, { recursive: true, force: true });
    });

    describe("PostgreSQL of the next major version", () => {
        const [, dump = "", , restore = ""] = shellBlocks(page, "Another major version of PostgreSQL").map(
            withoutPulumi,
        );
        const digest = "select count(*), sum(hashtext(ledger::text)), max(id) from ledger";
        let volume: string;

        before(() => (volume = runtime.volume(user)));

        it("cannot read the files of the one before, and gets all data by a dump", async () => {
            const old = await start(15, "pgdata");
            const passwords = { "database-migration": "a", "gateway-api": "b", "notification-worker": "c" };
            await old.sql(rolesScript(passwords, 1));
            await old.sql(`set role ${databaseRoles["database-migration"]};
                create table ledger (id bigserial primary key, note text default repeat('ü', 40));
                insert into ledger (note) select md5(n::text) from generate_series(1, 2000) n`);
            const before = await old.sql(digest);
            await guide(dump, old.container);
            await old.stop();

            const refused = await runtime.run(archive("postgresql:17"), options("pgdata", await freePort()));
            expect(refused.code).not.to.equal(0);
            expect(refused.log).to.match(
                /database files are incompatible with server[^]*initialized by PostgreSQL version 15/,
            );

            const next = await start(17, "pgdata-17");
            expect(await next.sql("select to_regclass('ledger') is null"), "the control: it begins empty").to.equal(
                "t",
            );
            await next.sql(rolesScript(passwords, 1));
            await next.sql("create table ledger (of_the_migration int)");
            await guide(restore, next.container);
            expect(await next.sql(digest)).to.equal(before);
            expect(await next.sql("select current_setting('server_version_num')")).to.match(/^17/);
            const role = databaseRoles["gateway-api"];
            expect(await next.sql(`set role ${role}; insert into ledger default values returning id`)).to.equal("2001");
            expect(await next.sql("select tableowner from pg_tables where tablename = 'ledger'")).to.equal(
                databaseRoles["database-migration"],
            );
            await next.stop();

            const back = await start(15, "pgdata");
            expect(await back.sql(digest), "going back").to.equal(before);
            await back.stop();
        });

        const options = (directory: string, port: number) => ({
            user,
            env: {
                POSTGRES_USER: "postgres",
                POSTGRES_PASSWORD: secret,
                POSTGRES_DB: "tradestream",
                PGDATA: `/var/lib/postgresql/data/${directory}`,
                PGPORT: String(port),
            },
            args: ["-c", "listen_addresses=127.0.0.1"],
            volumes: { "/var/lib/postgresql/data": volume },
            scratch: ["/var/run/postgresql"],
        });

        async function start(major: number, directory: string) {
            const container = await runtime.start(archive(`postgresql:${major}`), options(directory, await freePort()));
            const sql = async (statement: string): Promise<string> => {
                const script =
                    'PGPASSWORD="$POSTGRES_PASSWORD" psql -h 127.0.0.1 -d "$POSTGRES_DB" -v ON_ERROR_STOP=1 -Atqc "$0"';
                return (await container.exec("sh", "-c", script, statement)).trim();
            };
            await eventually("PostgreSQL", () => sql("select true"));
            const stop = async (): Promise<void> => {
                await container.kill("SIGINT");
                await container.ended;
            };
            return { container, sql, stop };
        }
    });

    describe("a Redis that speaks TLS only", () => {
        const copy = shellBlocks(page, "Moving to a managed database or Redis")[2] ?? "";

        it("gets every key, with the time that it has left", async () => {
            const certificate = path.join(desk, "tls.crt");
            const key = path.join(desk, "tls.key");
            const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "2"];
            const files = ["-keyout", key, "-out", certificate];
            execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", ...subject, ...files], {
                stdio: "ignore",
            });
            chmodSync(desk, 0o755);
            chmodSync(key, 0o644);
            const [from, to] = [await freePort(), await freePort()];
            const local = ["--bind", "127.0.0.1"];
            const old = await runtime.start(archive("redis:7"), {
                user,
                args: [...local, "--port", String(from)],
                volumes: { "/data": runtime.volume(user) },
            });
            const next = await runtime.start(archive("redis:7"), {
                user,
                args: [
                    ...[...local, "--port", "0", "--tls-port", String(to), "--tls-auth-clients", "no"],
                    ...["--tls-cert-file", "/tls/tls.crt", "--tls-key-file", "/tls/tls.key"],
                    ...["--tls-ca-cert-file", "/tls/tls.crt", "--requirepass", secret],
                ],
                volumes: { "/data": runtime.volume(user), "/tls": desk },
            });
            const ask = async (...words: string[]): Promise<string> =>
                (await old.exec("redis-cli", "-p", String(from), ...words)).trim();
            const askNext = async (...words: string[]): Promise<string> =>
                (
                    await next.exec(
                        "env",
                        `REDISCLI_AUTH=${secret}`,
                        "redis-cli",
                        "--tls",
                        "--cacert",
                        "/tls/tls.crt",
                        "-p",
                        String(to),
                        ...words,
                    )
                ).trim();
            await eventually("both", async () => (await ask("ping")) === "PONG" && (await askNext("ping")) === "PONG");
            await ask("set", "text", "two\r\nlines, 'quoted' $7 ü");
            await ask("set", "expiring", "soon", "px", "3600000");
            await ask("hset", "a key: ü", "field", "value");
            await ask("rpush", "list", ...Array.from({ length: 500 }, (_, index) => String(index)));
            await ask("setbit", "bits", "70", "1");
            const contents = async (asked: typeof ask) => [
                ...(await asked("--scan")).split("\n").sort(),
                await asked("get", "text"),
                await asked("hgetall", "a key: ü"),
                await asked("lrange", "list", "0", "-1"),
                await asked("bitpos", "bits", "1"),
            ];
            const port = `redis-cli -p ${from}`;
            const commands = withValues(copy, { "redis-cli --": `${port} --`, "redis-cli pttl": `${port} pttl` });
            const { stdout } = await guide(commands, old, {
                REDIS_URL: `rediss://default:${secret}@localhost:${to}`,
                SSL_CERT_FILE: certificate,
            });
            expect(stdout).to.include("errors: 0, replies: 5");
            expect(await contents(askNext)).to.deep.equal(await contents(ask));
            expect(Number(await askNext("pttl", "expiring"))).to.be.within(3_000_000, 3_600_000);
            expect(await askNext("pttl", "text")).to.equal("-1");
        });
    });

    /** Runs commands of the guide at a desk whose `kubectl exec` leads into a container. */
    function guide(block: string, { inside }: Container, env: NodeJS.ProcessEnv = {}) {
        const kubectl = path.join(desk, "kubectl");
        const words = inside.map((word) => `'${word}'`).join(" ");
        writeFileSync(kubectl, `#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done\nshift\nexec ${words} "$@"\n`);
        chmodSync(kubectl, 0o755);
        const options = { cwd: desk, env: { ...process.env, ...env, PATH: `${desk}:${process.env["PATH"]}` } };
        return promisify(execFile)("bash", ["-euo", "pipefail", "-c", block], options);
    }
});

/** A block without what needs a stack. */
function withoutPulumi(block: string): string {
    return block
        .split("\n")
        .filter((line) => !line.startsWith("pulumi "))
        .join("\n");
}
