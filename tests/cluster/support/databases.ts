/** PostgreSQL and Redis of the stack local, asked in their own pods. */
import { get, kubectl } from "./commands.ts";
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

/** Serial number of the certificate that PostgreSQL shows to a new connection. */
export function servedSerial(): Promise<string> {
    const ask = "openssl s_client -starttls postgres -connect 127.0.0.1:5432 </dev/null 2>/dev/null";
    return inPod("tradestream-postgresql-0", "sh", "-c", `${ask} | openssl x509 -noout -serial`);
}

/** Runs a command of Redis and returns its answer. */
export function redis(...words: string[]): Promise<string> {
    return inPod("tradestream-redis-master-0", "redis-cli", ...words);
}
