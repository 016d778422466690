/** Rotations under load: what a user or a pod of the release before would notice. */
import http from "node:http";
import { readFileSync } from "node:fs";
import { expect } from "chai";
import { scramVerifier } from "../../components/databaseRoles.ts";
import { exitCodes, type Site } from "../../scripts/deploy/index.ts";
import { remember } from "../../scripts/deploy/releases.ts";
import { type Credential, rotate } from "../../scripts/rotate/index.ts";
import { record } from "../evidence.ts";
import { Repository } from "../support/repository.ts";
import { silent } from "../support/reports.ts";
import { get, kubectl, serviceUrl } from "../cluster/support/commands.ts";
import { loggedIn, sql } from "../cluster/support/databases.ts";
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

async function passwordOf(server: Server): Promise<string> {
    const [secret] = await get("secret", server, "-n", namespace);
    return Buffer.from(secret!.data![servers[server].key]!, "base64").toString();
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

    const rotated = async (credential: Credential): Promise<void> => {
        const { code, said } = await rotate(site, credential, silent);
        expect(code, said).to.equal(exitCodes.good);
    };

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

    it("control: a password that Redis is not told of is refused", async () => {
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

    // Three deployments.
    if (!isSoak) return;

    it("of the JWT secret ends no session, from the first token of a new pod on", async () => {
        const api = await serviceUrl("tradestream-gateway-api");
        const { access_token: token } = JSON.parse(await ask(`${api}/api/token`, { method: "POST" })) as {
            readonly access_token: string;
        };
        const { tries, failures } = await meanwhile(
            () => useSession(api),
            () => rotated("jwt"),
        );
        expect([...new Set(failures)]).to.deep.equal([]);
        expect(tries).to.be.greaterThan(10);
        await ask(`${api}/api/token/verify`, { headers: { authorization: `Bearer ${token}` } });
        const name = `sessions refused of ${tries} while the JWT secret rotates`;
        record({ suite, name, value: failures.length, requirement: "0" });
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
