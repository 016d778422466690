/** What the tests of images share: free ports, waiting, the settings of a small TradeStream on the loopback network. */
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import net from "node:net";
import { ensurePackages } from "../../local/debian.ts";
import { nextPostgresql, recipes } from "../../local/images/catalogue.ts";
import type { Image } from "../../local/images/index.ts";
import { buildImages } from "../../local/images/index.ts";
import { createReport } from "../../local/report.ts";
import type { Container, Runtime } from "./container.ts";

/**
 * Resolves with a look-up of archives by image name, for instance `redis:7`. Builds what is missing. Fails without
 * root, which runc needs: a machine that cannot run these tests must not look as if they had passed.
 */
export async function archives(): Promise<(name: string) => string> {
    if (process.getuid?.() !== 0) throw new Error("these tests start containers with runc, which needs root");
    const report = createReport();
    await ensurePackages([{ package: "runc", file: "runc" }], report);
    const images: readonly Image[] = await buildImages(report, { recipes: [...recipes, nextPostgresql] });
    return (name) => {
        const image = images.find(({ reference }) => reference.endsWith(`/${name}`));
        if (!image) throw new Error(`no image ${name}`);
        return image.archive;
    };
}

/** A TCP port of 127.0.0.1 that nothing listens on. */
export async function freePort(): Promise<number> {
    const server = net.createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as net.AddressInfo;
    server.close();
    await once(server, "close");
    return port;
}

/** Waits until `check` resolves with something true, and returns it; rejects with the last failure after `seconds`. */
export async function eventually<T>(
    what: string,
    check: () => Promise<T> | T,
    seconds = 60,
): Promise<Exclude<T, false | null | undefined>> {
    let problem: unknown = "it stayed untrue";
    for (const end = Date.now() + seconds * 1000; Date.now() < end; await pause(100)) {
        try {
            const result = await check();
            if (result) return result as Exclude<T, false | null | undefined>;
        } catch (error) {
            problem = error;
        }
    }
    throw new Error(`${what}: not within ${seconds} s: ${String(problem)}`);
}

export function pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** The password in tests: every character that a shell, SQL, or an address might trip over. */
export const password = `p'w"d $HOME \\ % / @ : # é`;

export interface Server {
    readonly container: Container;
    readonly port: number;
    readonly volume: string;
}

/** A volume as Kubernetes mounts it, on one that was used before or on a new one. */
export interface ServerOptions {
    readonly user?: number;
    readonly volume?: string;
    readonly port?: number;
    /** What the pod has in place of the image's entry point. */
    readonly command?: readonly string[];
    /** Further arguments of Redis. */
    readonly args?: readonly string[];
}

export async function startPostgresql(runtime: Runtime, archive: string, options: ServerOptions = {}): Promise<Server> {
    const { user = 10001, volume = runtime.volume(user), port = await freePort(), command } = options;
    const args = ["-c", "listen_addresses=127.0.0.1", "-c", `port=${port}`];
    const container = await runtime.start(archive, {
        user,
        env: { POSTGRES_PASSWORD: password, POSTGRES_DB: "tradestream" },
        args,
        ...(command && { program: [...command, "postgres", ...args] }),
        volumes: { "/var/lib/postgresql/data": volume },
        scratch: ["/var/run/postgresql"],
    });
    return { container, port, volume };
}

export async function postgresqlIsReady(server: Server): Promise<void> {
    const { container, port } = server;
    await ready(server, () => container.exec("pg_isready", "--host=127.0.0.1", `--port=${port}`).then(() => true));
}

/** Waits for `check`, and fails with the container's log when it ends before that. */
async function ready({ container }: Server, check: () => Promise<boolean>): Promise<void> {
    const early = container.ended.then(({ code, log }) => {
        throw new Error(`it ended with ${code} before it was ready:\n${log}`);
    });
    await Promise.race([eventually("the server", check), early]);
}

/** The answer to one statement, asked over the network with the password. */
export async function query({ container, port }: Server, statement: string, secret = password): Promise<string> {
    const login = ["-h", "127.0.0.1", "-p", String(port), "-U", "postgres", "-d", "tradestream"];
    const output = await container.exec("env", `PGPASSWORD=${secret}`, "psql", ...login, "-Atc", statement);
    return output.trim();
}

export async function startRedis(runtime: Runtime, archive: string, options: ServerOptions = {}): Promise<Server> {
    const { user = 10001, volume = runtime.volume(user), port = await freePort(), args = [] } = options;
    const container = await runtime.start(archive, {
        user,
        env: { REDIS_PASSWORD: password },
        args: ["--bind", "127.0.0.1", "--port", String(port), ...args],
        volumes: { "/data": volume },
    });
    return { container, port, volume };
}

/** Redis' answer to one command, with the password unless another is given. */
export async function ask({ container, port }: Server, command: string[], secret = password): Promise<string> {
    const output = await container.exec("env", `REDISCLI_AUTH=${secret}`, "redis-cli", "-p", String(port), ...command);
    return output.trim();
}

export async function redisIsReady(server: Server): Promise<void> {
    await ready(server, async () => (await ask(server, ["ping"])).endsWith("PONG"));
}

/** DATABASE_URL and REDIS_URL of the two servers. */
export function addresses(postgresql: Server, redis: Server): { DATABASE_URL: string; REDIS_URL: string } {
    const secret = encodeURIComponent(password);
    return {
        DATABASE_URL: `postgresql://postgres:${secret}@127.0.0.1:${postgresql.port}/tradestream`,
        REDIS_URL: `redis://:${secret}@127.0.0.1:${redis.port}`,
    };
}

/** The other variables of gateway-api, as the specification's values.yaml gives them. */
export const gatewaySettings = {
    DATABASE_POOL_SIZE: "5",
    JWT_SECRET: "a".repeat(64),
    JWT_ALGORITHM: "HS256",
    GOOGLE_CLIENT_ID: "",
    GOOGLE_CLIENT_SECRET: "",
    GITHUB_CLIENT_ID: "",
    GITHUB_CLIENT_SECRET: "",
    RESEND_API_KEY: "",
    API_URL: "https://api.tradestream.io",
    FRONTEND_URL: "https://tradestream.io",
    CORS_ORIGINS: "https://tradestream.io,http://localhost:3000",
    RATE_LIMIT_PER_MINUTE: "5",
    DRAIN_SECONDS: "2",
} as const;

/** A new pair of keys for push messages, as browsers want them. */
export function vapidPair(): { VAPID_PRIVATE_KEY: string; VAPID_PUBLIC_KEY: string } {
    const {
        d = "",
        x = "",
        y = "",
    } = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({
        format: "jwk",
    });
    const point = Buffer.concat([Buffer.from([4]), Buffer.from(x, "base64url"), Buffer.from(y, "base64url")]);
    return { VAPID_PRIVATE_KEY: d, VAPID_PUBLIC_KEY: point.toString("base64url") };
}
