/** Rotations under load: what a user or a pod of the release before would notice. */
import http from "node:http";
import { readFileSync, writeFileSync } from "node:fs";
import { expect } from "chai";
import { scramVerifier } from "../../components/databaseRoles.ts";
import { vapidKeysMatch } from "../../config/vapid.ts";
import { exitCodes, type Site } from "../../scripts/deploy/index.ts";
import { remember } from "../../scripts/deploy/releases.ts";
import { type Credential, rotate } from "../../scripts/rotate/index.ts";
import { record } from "../evidence.ts";
import { Repository } from "../support/repository.ts";
import { requiredSecrets } from "../support/configuration.ts";
import { silent } from "../support/reports.ts";
import { eventually, get, type KubeObject, kubectl, serviceUrl } from "../cluster/support/commands.ts";
import { loggedIn, sql } from "../cluster/support/databases.ts";
import { runOf, startRun } from "../cluster/support/jobs.ts";
import { Load, pause } from "../cluster/support/load.ts";
import { TestStack } from "../cluster/support/pulumi.ts";
import { siteOf } from "../cluster/support/site.ts";
import { isLeaving, isReady, isSoak, namespace, podsOf, settled, start, upOk } from "../cluster/support/tradestream.ts";

const suite = "Rotation";

/** The autoscaler keeps out: what counts here is which pods a release replaces. So does the limit of sign-ins. */
const base = {
    "gatewayApi.autoscaling.targetCPUUtilization": 400,
    "gatewayApi.rateLimit.perMinute": 1_000_000,
    "redis.auth.enabled": true,
};

/** The servers of the chart, by the Secret with the password that they start with. */
const servers = {
    "tradestream-redis": {
        pod: "tradestream-redis-master-0",
        key: "redis-password",
        login: (password: string) => [`REDISCLI_AUTH=${password}`, "redis-cli", "-e", "ping"],
        refusal: /WRONGPASS/,
    },
    "tradestream-postgresql": {
        pod: "tradestream-postgresql-0",
        key: "postgres-password",
        login: (password: string) => [
            ...[`PGPASSWORD=${password}`, "psql", "-h", "127.0.0.1", "-U", "postgres", "-d", "tradestream"],
            ...["-Atqc", "select 1"],
        ],
        refusal: /password authentication failed/,
    },
};

type Server = keyof typeof servers;

async function valueOf(secret: string, key: string): Promise<string> {
    const [{ data }] = (await get("secret", secret, "-n", namespace)) as [KubeObject];
    return Buffer.from(data![key]!, "base64").toString();
}

function passwordOf(server: Server): Promise<string> {
    return valueOf(server, servers[server].key);
}

/** Logs in to a server with a password; by default with the one that a container would get that starts now. */
async function logInTo(server: Server, password?: string): Promise<void> {
    const { pod, login } = servers[server];
    const command = login(password ?? (await passwordOf(server)));
    await kubectl("exec", "-n", namespace, pod, "--", "env", ...command);
}

/** What changes when one of the servers starts again. */
async function starts(): Promise<readonly unknown[]> {
    const pods = await get("pods", "-n", namespace, ...Object.values(servers).map(({ pod }) => pod));
    return pods.map(({ metadata, status }) => [
        metadata.uid,
        (status["containerStatuses"] as { restartCount: number }[])[0]!.restartCount,
    ]);
}

interface Noticed {
    readonly tries: number;
    readonly failures: readonly string[];
}

/** Repeats a try until `action` has ended. */
async function meanwhile(attempt: () => Promise<void>, action: () => Promise<void>): Promise<Noticed> {
    let [tries, hasEnded] = [0, false];
    const failures: string[] = [];
    const loop = async (): Promise<void> => {
        while (!hasEnded) {
            tries++;
            await attempt().catch((error: unknown) => void failures.push((error as Error).message));
            await pause(50);
        }
    };
    const running = loop();
    try {
        await action();
    } finally {
        hasEnded = true;
        await running;
    }
    return { tries, failures };
}

/** A request on a connection of its own, so that any pod may answer. */
function ask(url: string, options: http.RequestOptions): Promise<string> {
    return new Promise((resolve, reject) => {
        const request = http.request(url, { ...options, agent: false, timeout: 10_000 }, (response) => {
            let body = "";
            response.setEncoding("utf8").on("data", (text: string) => (body += text));
            response.on("error", reject);
            response.on("end", () => {
                if (response.statusCode === 200) resolve(body);
                else reject(new Error(`${url}: status ${response.statusCode}: ${body.slice(0, 80)}`));
            });
        });
        request.on("timeout", () => request.destroy(new Error(`${url}: no answer`)));
        request.on("error", reject).end();
    });
}

/** Signs in at one pod and uses the token at others. */
async function useSession(api: string): Promise<void> {
    const { access_token: token } = JSON.parse(await ask(`${api}/api/token`, { method: "POST" })) as {
        readonly access_token: string;
    };
    const headers = { authorization: `Bearer ${token}` };
    await Promise.all(Array.from({ length: 4 }, () => ask(`${api}/api/token/verify`, { headers })));
}

/** Logs in to the database with what a container would get that starts now in a pod that serves. */
async function logInAsPods(): Promise<void> {
    const pods = (await podsOf("gateway-api")).filter((pod) => isReady(pod) && !isLeaving(pod));
    const keys = pods.flatMap(({ spec }) => /postgres-url[a-z-]*/.exec(JSON.stringify(spec))?.[0] ?? []);
    expect(keys).not.to.deep.equal([]);
    for (const key of new Set(keys)) await loggedIn(key, "select 1");
}

describe("a rotation under load", function () {
    this.timeout(600_000);
    let repository: Repository;
    let stack: TestStack;
    let site: Site;
    /** The passwords of the servers, as keys of the stack file. */
    let given: Readonly<Record<string, string>> = {};
    let superuserPassword: string;

    before(async () => {
        repository = await Repository.copy();
        await start(base);
        stack = await TestStack.of("local", base);
        site = await siteOf(stack, repository.directory);
        const stackFile = readFileSync(site.stackFile, "utf8");
        const commit = await repository.git("rev-parse", "HEAD");
        await remember(site, [{ commit, stackFile, deployed: new Date().toISOString() }]);
        superuserPassword = await passwordOf("tradestream-postgresql");
    });

    after(async () => {
        // The next suite's stack file has no password: the generated one is in use again.
        const statement = `alter role postgres password '${scramVerifier(superuserPassword)}'`;
        await kubectl(
            "exec",
            "-n",
            namespace,
            "tradestream-postgresql-0",
            "--",
            "psql",
            "-U",
            "postgres",
            "-c",
            statement,
        );
        repository.remove();
    });

    const rotated = async (credential: Credential, value?: string): Promise<void> => {
        const { code, said } = await rotate(site, credential, silent, value);
        expect(code, said).to.equal(exitCodes.good);
    };

    /** Rotates while users ask and sign in: nobody notices, and what runs then is what the stack file says. */
    async function unnoticed(what: string, credential: Credential, value?: string): Promise<void> {
        const url = await serviceUrl("tradestream-gateway-api");
        const load = await Load.start({ url, freshPath: "/api/status", keptPath: "/api/status", workers: 2 });
        const sessions = await meanwhile(
            () => useSession(url),
            () => rotated(credential, value),
        );
        const { requests, failures } = await load.stop();
        expect([[...new Set(sessions.failures)], failures]).to.deep.equal([[], []]);
        expect(Math.min(sessions.tries, requests)).to.be.greaterThan(10);
        const name = `failed ones of ${requests} requests and ${sessions.tries} sessions while ${what} rotates`;
        record({ suite, name, value: failures.length + sessions.failures.length, requirement: "0" });
    }

    /** Pods of gateway-api that stay. */
    async function kept(during: () => Promise<void>): Promise<readonly string[]> {
        const before = await settled("gateway-api");
        await during();
        return [...(await settled("gateway-api"))].filter((uid) => before.has(uid));
    }

    it("of the database's passwords leaves each pod one that is valid, and then ends the old ones", async () => {
        const before = await settled("gateway-api");
        const url = await serviceUrl("tradestream-gateway-api");
        const load = await Load.start({ url, freshPath: "/api/status", keptPath: "/api/status", workers: 2 });
        const logins = await meanwhile(logInAsPods, () => rotated("database"));
        const { requests, failures } = await load.stop();
        expect([...(await settled("gateway-api"))].filter((uid) => before.has(uid))).to.deep.equal([]);
        expect([logins.failures, failures]).to.deep.equal([[], []]);
        expect(Math.min(logins.tries, requests)).to.be.greaterThan(10);
        const name = `failed ones of ${requests} requests and ${logins.tries} logins while the database's passwords rotate`;
        record({ suite, name, value: failures.length + logins.failures.length, requirement: "0" });

        for (const key of ["postgres-url", "notification-worker-postgres-url", "database-migration-postgres-url"]) {
            expect(await loggedIn(key, "select 1").catch(String), key).to.contain("password authentication failed");
            const user = await loggedIn(`${key}-alternate`, "select session_user, current_user");
            expect(user).to.match(/^(\w+)_alternate\|\1$/);
        }
    });

    it("control: a password that changes before its pods do is refused", async () => {
        const login = "gateway_api_alternate";
        const verifier = await sql(`select rolpassword from pg_authid where rolname = '${login}'`);
        await sql(`alter role ${login} password 'another'`);
        try {
            expect(await logInAsPods().catch(String)).to.contain("password authentication failed");
        } finally {
            await sql(`alter role ${login} password '${verifier}'`);
        }
        await logInAsPods();
    });

    it("of the servers' passwords restarts no server, and ends the old ones", async () => {
        const [running, redisPassword] = [await starts(), await passwordOf("tradestream-redis")];
        const url = await serviceUrl("tradestream-gateway-api");
        const load = await Load.start({ url, freshPath: "/api/status", keptPath: "/api/status", workers: 2 });
        const logins = await meanwhile(
            () => logInTo("tradestream-redis"),
            () => rotated("redis"),
        );
        await rotated("postgres");
        const { requests, failures } = await load.stop();
        expect([logins.failures, failures]).to.deep.equal([[], []]);
        expect(Math.min(logins.tries, requests)).to.be.greaterThan(10);
        const name = `failed ones of ${requests} requests and ${logins.tries} logins while the servers' passwords rotate`;
        record({ suite, name, value: failures.length + logins.failures.length, requirement: "0" });
        expect(await starts()).to.deep.equal(running);

        for (const [server, old] of [
            ["tradestream-redis", redisPassword],
            ["tradestream-postgresql", superuserPassword],
        ] as const) {
            expect(await logInTo(server, old).catch(String), server).to.match(servers[server].refusal);
            await logInTo(server);
        }
        given = {
            redisPassword: await passwordOf("tradestream-redis"),
            postgresPassword: await passwordOf("tradestream-postgresql"),
        };
        await stack.up("--expect-no-changes");
    });

    it("control: a password that Redis does not have is refused", async () => {
        const tell = async (rule: string, password = given["redisPassword"]!): Promise<void> => {
            const words = [`REDISCLI_AUTH=${password}`, "redis-cli", "acl", "setuser", "default", "resetpass", rule];
            await kubectl("exec", "-n", namespace, "tradestream-redis-master-0", "--", "env", ...words);
        };
        await tell(">another");
        try {
            expect(await logInTo("tradestream-redis").catch(String)).to.contain("WRONGPASS");
        } finally {
            await tell(`>${given["redisPassword"]}`, "another");
        }
        await logInTo("tradestream-redis");
    });

    it("of an OAuth client replaces the pods, which send users to the new one", async () => {
        const url = await serviceUrl("tradestream-gateway-api");
        const client = async (): Promise<string | null> => {
            const { headers } = await fetch(`${url}/auth/oauth/google`, { redirect: "manual" });
            return new URL(headers.get("location")!).searchParams.get("client_id");
        };
        expect(await client()).to.equal(requiredSecrets.googleClientId);
        // What else has changed in the stack file is deployed too: here the id, as of a client that replaces the old one.
        const text = readFileSync(site.stackFile, "utf8");
        writeFileSync(site.stackFile, text.replace(requiredSecrets.googleClientId, "id-of-another-client"));
        const secret = "pass-of-another-client";
        expect(await kept(() => unnoticed("an OAuth client", "oauth-google", secret))).to.deep.equal([]);
        expect(await client()).to.equal("id-of-another-client");
        expect(await valueOf("tradestream-oauth-secrets", "google-client-secret")).to.equal(secret);
    });

    // Four deployments, and the control's.
    if (!isSoak) return;

    it("of the VAPID pair is what the next run of the worker has, and replaces no pod of a service", async () => {
        const pair = async () => ({
            privateKey: await valueOf("tradestream-notification-secrets", "vapid-private-key"),
            publicKey: await valueOf("tradestream-notification-secrets", "vapid-public-key"),
        });
        const old = await pair();
        expect(await kept(() => unnoticed("the VAPID pair", "vapid"))).not.to.deep.equal([]);
        const { privateKey, publicKey } = await pair();
        expect([vapidKeysMatch({ privateKey, publicKey }), publicKey === old.publicKey]).to.deep.equal([true, false]);
        // The worker refuses keys that make no pair.
        await startRun("tradestream-notification-worker", "rotated", (job) => {
            delete job.metadata.ownerReferences; // it is none of the schedule's
        });
        const run = await eventually(60, async () => {
            const found = runOf((await get("job", "rotated", "-n", namespace))[0]!);
            return found.ended === undefined ? undefined : found;
        });
        await kubectl("delete", "job", "rotated", "-n", namespace);
        expect(run.failure).to.equal(undefined);
    });

    it("of the JWT secret ends no session, from the first token of a new pod on", async () => {
        const api = await serviceUrl("tradestream-gateway-api");
        const { access_token: token } = JSON.parse(await ask(`${api}/api/token`, { method: "POST" })) as {
            readonly access_token: string;
        };
        const old = await valueOf("tradestream-auth-secrets", "jwt-secret");
        expect(await kept(() => unnoticed("the JWT secret", "jwt"))).to.deep.equal([]);
        expect(await valueOf("tradestream-auth-secrets", "jwt-secret")).not.to.equal(old);
        await ask(`${api}/api/token/verify`, { headers: { authorization: `Bearer ${token}` } });
        await stack.up("--expect-no-changes");
    });

    it("control: a JWT secret that nobody announced ends sessions", async () => {
        const api = await serviceUrl("tradestream-gateway-api");
        let failures: readonly string[] = [];
        for (let version = 3; failures.length === 0 && version < 7; version++)
            ({ failures } = await meanwhile(
                () => useSession(api),
                () => upOk({ ...base, ...given, "database.roles.passwordVersion": 2, jwtSecretVersion: version }),
            ));
        expect(failures.join("\n")).to.match(/verify: status 401/);
        const name = "control, without an announcement: sessions refused";
        record({ suite, name, value: failures.length, requirement: "more than 0" });
    });
});
