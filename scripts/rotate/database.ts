/** Ends the passwords of a version that the services' roles no longer log in with. */
import { databaseUsers, loginOf, urlKey } from "../../components/databaseLogins.ts";
import type { Report } from "../../local/report.ts";
import type { Store } from "../deploy/releases.ts";
import { reads, untilGone } from "./pods.ts";

/** Whether PostgreSQL accepts any of the passwords of a version. */
export async function areAccepted(store: Store, version: number): Promise<boolean> {
    return (await accepted(store, version)).length > 0;
}

/** The logins of a version that have a password; the exporter's may be missing. */
async function accepted(store: Store, version: number): Promise<readonly string[]> {
    const names = databaseUsers.map((user) => `'${loginOf(user, version)}'`);
    const query = `select rolname from pg_authid where rolname in (${names.join()}) and rolpassword is not null`;
    return (await sql(store, query)).split("\n").filter((login) => login !== "");
}

/**
 * Waits until no pod has an address with a password of this version, and takes the passwords away.
 * @returns the pods that still have one after ten minutes; then the passwords stay
 */
export async function retire(store: Store, version: number, report: Report): Promise<readonly string[]> {
    const keys = databaseUsers.map((user) => urlKey(user, { ownRoles: true, passwordVersion: version }));
    return report.step("Ending the passwords before", async (note) => {
        const users = await untilGone(store, (pod) => reads(pod, store, keys), note);
        if (users.length > 0) return users;
        const ended = (await accepted(store, version)).map((login) => `alter role ${login} password null`);
        if (ended.length > 0) await sql(store, ended.join("; "));
        return users;
    });
}

/** Runs SQL as superuser in PostgreSQL's own pod, where the socket asks for no password by default. */
export async function sql({ kubectl, namespace, releaseName }: Store, statement: string): Promise<string> {
    const command =
        'PGPASSWORD="$POSTGRES_PASSWORD" psql -U "$POSTGRES_USER" -d "$POSTGRES_DB" -v ON_ERROR_STOP=1 -Atqc "$0"';
    const pod = `${releaseName}-postgresql-0`;
    try {
        return await kubectl(["exec", "-n", namespace, pod, "-c", "postgresql", "--", "sh", "-c", command, statement]);
    } catch (error) {
        throw new Error(`psql in the pod ${pod} failed: ${(error as Error).message}`, { cause: error });
    }
}
