/** The contract of the stand-ins, against the real PostgreSQL and Redis images, without a cluster. */
import { expect } from "chai";
import type { Container, Ended } from "./container.ts";
import { Runtime } from "./container.ts";
import type { Server } from "./support.ts";
import {
    addresses,
    archives,
    ask,
    eventually,
    freePort,
    gatewaySettings,
    password,
    pause,
    postgresqlIsReady,
    query,
    redisIsReady,
    startPostgresql,
    startRedis,
    vapidPair,
} from "./support.ts";

interface Gateway {
    readonly container: Container;
    readonly url: string;
}

describe("images: stand-ins", function () {
    this.timeout("10m");
    let runtime: Runtime;
    let archive: (name: string) => string;
    let postgresql: Server;
    let redis: Server;

    before(async () => {
        archive = await archives();
        runtime = new Runtime();
        postgresql = await startPostgresql(runtime, archive("postgresql:15"));
        redis = await startRedis(runtime, archive("redis:7"));
        await Promise.all([postgresqlIsReady(postgresql), redisIsReady(redis)]);
    });
    after(() => runtime?.close());

    const migrate = (env: Record<string, string> = {}): Promise<Ended> =>
        runtime.run(archive("database-migration:v1.0.0"), { env: { ...addresses(postgresql, redis), ...env } });

    async function startGateway(env: Record<string, string> = {}, version = "v1.0.0"): Promise<Gateway> {
        const port = await freePort();
        const container = await runtime.start(archive(`gateway-api:${version}`), {
            user: 1000,
            env: { ...gatewaySettings, ...addresses(postgresql, redis), PORT: String(port), ...env },
        });
        return { container, url: `http://127.0.0.1:${port}` };
    }
    const answers = ({ url }: Gateway): Promise<unknown> => eventually("gateway-api", () => fetch(`${url}/health`));
    const json = async (response: Response): Promise<Record<string, unknown>> =>
        (await response.json()) as Record<string, unknown>;
    async function stop({ container }: Gateway): Promise<void> {
        await container.kill("SIGTERM");
        expect(await container.ended).to.have.property("code", 0);
    }

    describe("database-migration", () => {
        it("refuses to run without DATABASE_URL", async () => {
            const { code, log } = await runtime.run(archive("database-migration:v1.0.0"));
            expect(code).to.equal(1);
            expect(log).to.contain("DATABASE_URL is missing");
        });

        it("gives up on a wrong password at once, without showing it", async () => {
            const { DATABASE_URL } = addresses(postgresql, redis);
            const wrong = DATABASE_URL.replace(/:[^:@]+@/, ":canary@");
            const { code, log } = await migrate({ DATABASE_URL: wrong, DATABASE_WAIT_SECONDS: "3000" });
            expect(code).to.equal(1);
            expect(log).to.contain("password authentication failed").and.not.to.contain("canary");
        });

        it("waits for the database, and says which one did not come", async () => {
            const port = await freePort();
            const env = { DATABASE_URL: `postgresql://u:p@127.0.0.1:${port}/x`, DATABASE_WAIT_SECONDS: "1" };
            const { code, log } = await migrate(env);
            expect(code).to.equal(1);
            expect(log).to.contain("waiting for PostgreSQL").and.to.contain(`127.0.0.1:${port} within 1s`);
        });

        it("leaves nothing behind when it fails", async () => {
            const { code, log } = await migrate({ STAND_IN_FAIL: "1" });
            expect(code).to.equal(1);
            expect(log).to.contain("nothing was changed: failure on demand");
            expect(await query(postgresql, "select count(*) from pg_tables where schemaname = 'public'")).to.equal("0");
        });

        it("makes the schema once, also when two run at the same time", async () => {
            const runs = await Promise.all([migrate(), migrate()]);
            expect(runs.map(({ code }) => code)).to.deep.equal([0, 0]);
            const logs = runs.map(({ log }) => log).join("");
            expect(logs).to.contain('"from":0,"to":3').and.to.contain('"from":3,"to":3');
            expect(await query(postgresql, "select count(*) from schema_migrations")).to.equal("3");
        });
    });

    describe("gateway-api", () => {
        before(async () => expect(await migrate()).to.have.property("code", 0));

        it("names all that is missing", async () => {
            const { code, log } = await runtime.run(archive("gateway-api:v1.0.0"));
            expect(code).to.equal(1);
            for (const name of ["DATABASE_URL", "REDIS_URL", "JWT_SECRET", "CORS_ORIGINS", "GOOGLE_CLIENT_ID"]) {
                expect(log).to.contain(`${name} is missing`);
            }
        });

        it("ends when it cannot reach the database at its start", async () => {
            const DATABASE_URL = `postgresql://u:p@127.0.0.1:${await freePort()}/x`;
            const { container } = await startGateway({ DATABASE_URL, DATABASE_WAIT_SECONDS: "1" });
            const { code, log } = await container.ended;
            expect(code).to.equal(1);
            expect(log).to.contain("no connection to PostgreSQL");
        });

        it("tells its version, its schema, its rows and its visits", async () => {
            const gateway = await startGateway({}, "v1.0.1");
            await answers(gateway);
            expect(await json(await fetch(`${gateway.url}/ready`))).to.deep.equal({
                ready: true,
                checks: { postgresql: "ok", redis: "ok", server: "ok" },
            });
            const first = await json(await fetch(`${gateway.url}/api/status`));
            expect(first).to.include({ stand_in: true, version: "v1.0.1", schema_version: 3, signals: 3 });
            const second = await json(await fetch(`${gateway.url}/api/status`));
            expect(second["visits"]).to.equal(Number(first["visits"]) + 1);
            const figures = await (await fetch(`${gateway.url}/metrics`)).text();
            expect(figures).to.contain('gateway_requests_total{route="GET /api/status",code="200"} 2\n');
            expect(figures).to.contain("gateway_ready 1\n").and.to.contain('gateway_info{version="v1.0.1"} 1\n');
            expect((await fetch(`${gateway.url}/api/work?ms=20`)).status).to.equal(200);
            expect((await fetch(`${gateway.url}/api/work?ms=1001`)).status).to.equal(400);
            await stop(gateway);
            expect(gateway.container.log()).not.to.contain(gatewaySettings.JWT_SECRET);
            expect(gateway.container.log()).not.to.contain(encodeURIComponent(password));
        });

        it("sends those who sign in to their provider, where it has credentials", async () => {
            const gateway = await startGateway({ GOOGLE_CLIENT_ID: "client-of-google", GOOGLE_CLIENT_SECRET: "x" });
            await answers(gateway);
            const begin = (provider: string): Promise<Response> =>
                fetch(`${gateway.url}/auth/oauth/${provider}`, { redirect: "manual" });
            const { status, headers } = await begin("google");
            expect(status).to.equal(307);
            expect(headers.get("location"))
                .to.match(/^https:\/\/accounts\.google\.com\/o\/oauth2\/v2\/auth\?/)
                .and.contain("client_id=client-of-google");
            expect((await begin("elsewhere")).status).to.equal(400);
            await stop(gateway);
        });

        it("lets browsers of its own origins in, given as text or as JSON", async () => {
            for (const CORS_ORIGINS of [gatewaySettings.CORS_ORIGINS, '["https://tradestream.io"]']) {
                const gateway = await startGateway({ CORS_ORIGINS });
                await answers(gateway);
                const allowed = async (Origin: string): Promise<string | null> =>
                    (await fetch(`${gateway.url}/health`, { headers: { Origin } })).headers.get(
                        "access-control-allow-origin",
                    );
                expect(await allowed("https://tradestream.io")).to.equal("https://tradestream.io");
                expect(await allowed("https://elsewhere.example")).to.equal(null);
                await stop(gateway);
            }
        });

        it("accepts tokens of the previous secret during a change-over, and limits how many it issues", async () => {
            const old = await startGateway();
            await answers(old);
            const issued = await json(await fetch(`${old.url}/api/token`, { method: "POST" }));
            const headers = { Authorization: `Bearer ${String(issued["access_token"])}` };
            const verify = async ({ url }: Gateway): Promise<unknown> =>
                (await json(await fetch(`${url}/api/token/verify`, { headers })))["signed_with"];
            expect(await verify(old)).to.equal("current");
            const JWT_SECRET = "b".repeat(64);
            const changing = await startGateway({ JWT_SECRET, JWT_PREVIOUS_SECRET: gatewaySettings.JWT_SECRET });
            const changed = await startGateway({ JWT_SECRET });
            await Promise.all([answers(changing), answers(changed)]);
            expect(await verify(changing)).to.equal("previous");
            expect(await verify(changed)).to.equal(undefined);

            const codes: number[] = [];
            for (let i = 0; i < 12; i++) {
                // Twice the limit of 5 and more: one of two neighbouring minutes must have seen too many.
                codes.push((await fetch(`${changed.url}/api/token`, { method: "POST" })).status);
            }
            expect(codes).to.include(429);
            expect(codes.filter((code) => code === 200).length).to.be.at.most(10);
            await Promise.all([stop(old), stop(changing), stop(changed)]);
        });

        it("queues a notification for who has a token, and loses it on demand", async () => {
            const unlimited = { RATE_LIMIT_PER_MINUTE: "1000" };
            const gateway = await startGateway(unlimited);
            const losing = await startGateway({ ...unlimited, STAND_IN_FAIL: "notification" });
            await Promise.all([answers(gateway), answers(losing)]);
            const queue = async ({ url }: Gateway, headers: Record<string, string>): Promise<Response> =>
                fetch(`${url}/api/notifications/test`, { method: "POST", headers });
            const issued = await json(await fetch(`${gateway.url}/api/token`, { method: "POST" }));
            const headers = { Authorization: `Bearer ${String(issued["access_token"])}` };
            expect((await queue(gateway, {})).status).to.equal(401);
            const { id, state } = await json(await queue(gateway, headers));
            expect([
                state,
                await query(postgresql, `select body from notifications where id = ${String(id)}`),
            ]).to.deep.equal(["queued", "Test"]);
            await query(postgresql, `update notifications set delivered_at = now() where id = ${String(id)}`);
            const known = await fetch(`${gateway.url}/api/notifications/${String(id)}`, { headers });
            expect(await json(known)).to.include({ state: "delivered" });
            expect((await queue(losing, headers)).status).to.equal(404);
            expect((await fetch(`${gateway.url}/api/notifications/no-number`, { headers })).status).to.equal(404);
            await Promise.all([stop(gateway), stop(losing)]);
        });

        it("drains: not ready at once, requests still served, streams end with a farewell, exit code 0", async () => {
            const gateway = await startGateway();
            await answers(gateway);
            const stream = await fetch(`${gateway.url}/api/signals/stream`, { headers: { "Last-Event-ID": "41" } });
            const events = stream.text();
            await pause(700);
            await gateway.container.kill("SIGTERM");
            const ready = await eventually("draining", async () => {
                const response = await fetch(`${gateway.url}/ready`);
                return response.status === 503 && response;
            });
            expect(await json(ready)).to.have.nested.property("checks.server", "draining");
            const late = await fetch(`${gateway.url}/api/status`);
            expect(late.status).to.equal(200);
            expect(late.headers.get("connection")).to.equal("close");
            const { code, log } = await gateway.container.ended;
            expect(code).to.equal(0);
            expect(log).to.contain("no request was cut off");
            expect(await events).to.match(/^retry: 1000\n\nid: 42\ndata: .*\n\nid: 43\n[^]*event: bye\ndata: .*\n\n$/);
        });

        it("says which of its servers is away, stays alive, and is ready again by itself", async () => {
            const gateway = await startGateway();
            await answers(gateway);
            const state = async (): Promise<Record<string, unknown>> => json(await fetch(`${gateway.url}/ready`));
            for (const [name, server] of Object.entries({ postgresql, redis })) {
                await server.container.kill("SIGKILL");
                await server.container.ended;
                const away = await state();
                expect(away["ready"]).to.equal(false);
                expect(away["checks"]).to.include({ [name === "redis" ? "postgresql" : "redis"]: "ok" });
                expect(away["checks"]).to.have.property(name).that.does.not.equal("ok");
                expect((await fetch(`${gateway.url}/health`)).status).to.equal(200);
                if (name === "redis") redis = await startRedis(runtime, archive("redis:7"), server);
                else postgresql = await startPostgresql(runtime, archive("postgresql:15"), server);
                await eventually(`ready with ${name} again`, async () => (await state())["ready"]);
            }
            await stop(gateway);
        });

        it("fails on demand", async () => {
            const crashed = await (await startGateway({ STAND_IN_FAIL: "crash" })).container.ended;
            expect(crashed).to.have.property("code", 1);
            expect(crashed.log).to.contain("crash on demand");
            const unready = await startGateway({ STAND_IN_FAIL: "ready" });
            await answers(unready);
            expect((await fetch(`${unready.url}/ready`)).status).to.equal(503);
            expect((await fetch(`${unready.url}/health`)).status).to.equal(200);
            const signIn = await startGateway({ STAND_IN_FAIL: "sign-in" });
            await answers(signIn);
            expect((await fetch(`${signIn.url}/auth/oauth/google`)).status).to.equal(500);
            await stop(signIn);
            const dead = await startGateway({ STAND_IN_FAIL: "health" });
            await answers(dead);
            expect((await fetch(`${dead.url}/health`)).status).to.equal(500);
            await Promise.all([stop(unready), stop(dead)]);
        });
    });

    describe("notification-worker", () => {
        before(async () => expect(await migrate()).to.have.property("code", 0));

        const work = (env: Record<string, string> = {}): Promise<Container> =>
            runtime.start(archive("notification-worker:v1.0.0"), {
                env: { ...addresses(postgresql, redis), ...vapidPair(), RESEND_API_KEY: "", ...env },
            });

        it("delivers what is pending, once, and records its run", async () => {
            const first = await (await work()).ended;
            expect(first).to.have.property("code", 0);
            expect(first.log).to.contain("would deliver").and.to.contain('"delivered":2');
            const second = await (await work()).ended;
            expect(second.log).to.contain('"delivered":0');
            expect(
                await query(postgresql, "select count(*) from notification_runs where finished_at > started_at"),
            ).to.equal("2");
            expect(await ask(redis, ["hget", "notifications:last-run", "delivered"])).to.contain("0");
        });

        it("refuses keys that are no pair, without showing them", async () => {
            const { VAPID_PUBLIC_KEY } = vapidPair();
            const { code, log } = await (await work({ VAPID_PUBLIC_KEY })).ended;
            expect(code).to.equal(1);
            expect(log).to.contain("does not belong to the private key").and.not.to.contain(VAPID_PUBLIC_KEY);
        });

        it("hangs on demand, and ends on SIGTERM", async () => {
            const worker = await work({ STAND_IN_HANG_SECONDS: "600" });
            await eventually("the run", () => worker.log().includes("hanging on demand"));
            await worker.kill("SIGTERM");
            const { code, log } = await worker.ended;
            expect(code).to.equal(1);
            expect(log).to.contain("stopped by a signal");
            expect(
                await query(postgresql, "select count(*) from notification_runs where finished_at is null"),
            ).to.equal("1");
        });
    });

    it("agent-dashboard serves a page that says what it is, drains and ends", async () => {
        const port = await freePort();
        const container = await runtime.start(archive("agent-dashboard:v1.0.1"), {
            env: { PORT: String(port), DRAIN_SECONDS: "1" },
        });
        const page = await eventually("the page", () => fetch(`http://127.0.0.1:${port}/agents/7`));
        const text = await page.text();
        expect(text).to.contain("This is a stand-in").and.to.contain("v1.0.1");
        expect(text).not.to.match(/(src|href)=/);
        expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).to.equal(200);
        await container.kill("SIGTERM");
        await eventually("draining", async () => (await fetch(`http://127.0.0.1:${port}/healthz`)).status === 503);
        expect(await container.ended).to.have.property("code", 0);
    });
});
