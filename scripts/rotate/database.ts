/** Ends the passwords of a version that the services' roles no longer log in with. */
import { setTimeout } from "node:timers/promises";
import { databaseUsers, loginOf, urlKey } from "../../components/databaseLogins.ts";
import type { Report } from "../../local/report.ts";
import type { Store } from "../deploy/releases.ts";

interface Pod {
    readonly metadata: { readonly name: string };
    readonly spec: Readonly<Record<"containers" | "initContainers", readonly Container[] | undefined>>;
    readonly status: { readonly phase?: string };
}

interface Container {
    readonly env?: readonly {
        readonly valueFrom?: { readonly secretKeyRef?: { readonly name: string; readonly key: string } };
    }[];
}

/** Pods end gracefully, open streams included, and runs of the worker to their end. */
const patience = 600_000;

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
    return report.step("Ending the passwords before", async (note) => {
        const end = performance.now() + patience;
        for (;;) {
            const users = await usersOf(store, version);
            if (users.length === 0) break;
            if (performance.now() > end) return users;
            note(`waiting for the end of ${users.join(", ")}`);
            await setTimeout(1000);
        }
        const ended = (await accepted(store, version)).map((login) => `alter role ${login} password null`);
        if (ended.length > 0) await sql(store, ended.join("; "));
        return [];
    });
}

/** Pods that run and have an address of this version, those that are ending included. */
async function usersOf({ kubectl, namespace, releaseName }: Store, version: number): Promise<readonly string[]> {
    const keys = databaseUsers.map((user) => urlKey(user, { ownRoles: true, passwordVersion: version }));
    const has = ({ env = [] }: Container): boolean =>
        env.some(({ valueFrom }) => {
            const { name, key } = valueFrom?.secretKeyRef ?? {};
            return name === `${releaseName}-database-secrets` && keys.includes(key ?? "");
        });
    const { items } = JSON.parse(await kubectl(["get", "pods", "-n", namespace, "-o", "json"])) as {
        readonly items: readonly Pod[];
    };
    return items
        .filter(({ status: { phase } }) => phase !== "Succeeded" && phase !== "Failed")
        .filter(({ spec }) => [...spec.containers!, ...(spec.initContainers ?? [])].some(has))
        .map(({ metadata }) => metadata.name);
}

/** Runs SQL as superuser in PostgreSQL's own pod, where the socket asks for no password by default. */
async function sql({ kubectl, namespace, releaseName }: Store, statement: string): Promise<string> {
    const command =
        'PGPASSWORD="$POSTGRES_PASSWORD" psql -U "$POSTGRES_USER" -d "$POSTGRES_DB" -v ON_ERROR_STOP=1 -Atqc "$0"';
    const pod = `${releaseName}-postgresql-0`;
    try {
        return await kubectl(["exec", "-n", namespace, pod, "-c", "postgresql", "--", "sh", "-c", command, statement]);
    } catch (error) {
        throw new Error(`psql in the pod ${pod} failed: ${(error as Error).message}`, { cause: error });
    }
}
