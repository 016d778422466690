/** PostgreSQL and Redis of the stack local, asked in their own pods. */
import { kubectl } from "./commands.ts";
import { namespace } from "./tradestream.ts";

const inPod = async (pod: string, ...words: string[]): Promise<string> =>
    (await kubectl("exec", "-n", namespace, pod, "--", ...words)).trim();

/** Runs SQL over TCP, and returns the rows, their columns separated by `|`. Fails with the server's words. */
export function sql(statement: string): Promise<string> {
    const script =
        'PGPASSWORD="$POSTGRES_PASSWORD" psql -h 127.0.0.1 -U postgres -d "$POSTGRES_DB" -v ON_ERROR_STOP=1 -Atqc "$0"';
    return inPod("tradestream-postgresql-0", "sh", "-c", script, statement);
}

/** Runs a command of Redis and returns its answer. */
export function redis(...words: string[]): Promise<string> {
    return inPod("tradestream-redis-master-0", "redis-cli", ...words);
}
