/** PostgreSQL and Redis of the stack local, asked in their own pods. */
import { eventually, get, kubectl } from "./commands.ts";
import { namespace } from "./tradestream.ts";

const inPod = async (pod: string, ...words: string[]): Promise<string> =>
    (await kubectl("exec", "-n", namespace, pod, "--", ...words)).trim();

/** Runs SQL over TCP, and returns the rows, their columns separated by `|`. Fails with the server's words. */
export function sql(statement: string): Promise<string> {
    const script =
        'PGPASSWORD="$POSTGRES_PASSWORD" psql -h 127.0.0.1 -U postgres -d "$POSTGRES_DB" -v ON_ERROR_STOP=1 -Atqc "$0"';
    return inPod("tradestream-postgresql-0", "sh", "-c", script, statement);
}

/** The same, logged in as a service: with the address that is in the Secret under a key, and other parameters. */
export async function loggedIn(key: string, statement: string, parameters = "sslmode=prefer"): Promise<string> {
    const [secret] = await get("secret", "tradestream-database-secrets", "-n", namespace);
    const [url] = Buffer.from(secret!.data![key]!, "base64").toString().split("?");
    return inPod(
        "tradestream-postgresql-0",
        "psql",
        `${url}?${parameters}`,
        "-v",
        "ON_ERROR_STOP=1",
        "-Atqc",
        statement,
    );
}

/** Puts the certificate of a Secret into PostgreSQL's pod, where a test logs in. Returns the parameters that show it. */
export async function certified(secret: string): Promise<string> {
    const [{ data = {} } = {}] = await get("secret", secret, "-n", namespace);
    const file = (key: string): string => `/tmp/${secret}.${key}`;
    const script = 'umask 077; printf %s "$1" | base64 -d >"$0"';
    for (const key of ["ca.crt", "tls.crt", "tls.key"])
        await inPod("tradestream-postgresql-0", "sh", "-c", script, file(key), data[key]!);
    return `sslmode=verify-full&sslrootcert=${file("ca.crt")}&sslcert=${file("tls.crt")}&sslkey=${file("tls.key")}`;
}

/** Serial number of the certificate that PostgreSQL shows to a new connection. */
export function servedSerial(): Promise<string> {
    const ask = "openssl s_client -starttls postgres -connect 127.0.0.1:5432 </dev/null 2>/dev/null";
    return inPod("tradestream-postgresql-0", "sh", "-c", `${ask} | openssl x509 -noout -serial`);
}

const ofGatewayApi =
    "from pg_stat_activity join pg_stat_ssl using (pid) where client_addr <> '127.0.0.1' and usename = 'gateway_api'";

/** What PostgreSQL knows of gateway-api's oldest session, in columns of pg_stat_activity and pg_stat_ssl. */
export function session(columns: string): Promise<string> {
    return sql(`select ${columns} ${ofGatewayApi} order by backend_start limit 1`);
}

/** Ends gateway-api's sessions until it has new ones that show another certificate than the one with this serial number. */
export async function showsAnother(serial: string, ask: () => Promise<unknown>): Promise<void> {
    await eventually(120, async () => {
        await sql(`select count(pg_terminate_backend(pid)) ${ofGatewayApi} and client_serial = ${serial}`);
        await ask().catch(() => undefined);
        return !["", serial].includes(await session("client_serial")) || undefined;
    });
}

/** Statements in a transaction of PostgreSQL that stays open, in a session of this name, until it is ended. */
export async function begin(name: string, statements: string): Promise<void> {
    sql(`set application_name = ${name}; ${statements}; select pg_sleep(600)`).catch(() => undefined);
    const waiting = `select count(*) from pg_stat_activity where application_name = '${name}' and wait_event = 'PgSleep'`;
    await eventually(30, async () => ((await sql(waiting)) === "1" ? true : undefined));
}

/** Ends it. Tries again where backups have the last connections. */
export function end(name: string): Promise<string> {
    const ended = `select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = '${name}'`;
    return eventually(60, () => sql(ended));
}

/** Runs a command of Redis and returns its answer. */
export function redis(...words: string[]): Promise<string> {
    return inPod("tradestream-redis-master-0", "redis-cli", ...words);
}
