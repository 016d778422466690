/** The chart's servers, whose passwords change while they run: a restart would interrupt the services. */
import { createHash } from "node:crypto";
import { scramVerifier } from "../../components/databaseRoles.ts";
import type { Report } from "../../local/report.ts";
import type { Store } from "../deploy/releases.ts";
import { sql } from "./database.ts";
import { type Pod, reads, untilGone } from "./pods.ts";

/** A server that reads the password of its Secret when it starts, and otherwise on request. */
export interface Server {
    /** Secret key of the stack. */
    readonly key: ServerKey;
    /** Whether it accepts other passwords than that of its Secret. Default: it never does. */
    isUnfinished?(store: Store): Promise<boolean>;
    /** Has it accept this password; also that of its Secret, where it can have several. */
    accept(store: Store, password: string): Promise<void>;
    /** Has it accept the password of its Secret only. Returns the pods that may need another one; then nothing ends. */
    settle(store: Store, report: Report): Promise<readonly string[]>;
}

export const serverKeys = ["postgresPassword", "redisPassword"] as const;
export type ServerKey = (typeof serverKeys)[number];

/** A role has one password. Services have roles of their own, so that only Jobs begin sessions as the superuser. */
export const postgresql: Server = {
    key: "postgresPassword",
    async accept(store, password) {
        // The verifier: the server's log may show statements.
        await sql(store, `alter role current_user password '${scramVerifier(password)}'`);
    },
    async settle(store) {
        await this.accept(store, await passwordOf(store, "postgresql", "postgres-password"));
        return [];
    },
};

/** A user can have several passwords. Connections that are open need none again. */
export const redis: Server = {
    key: "redisPassword",
    async isUnfinished(store) {
        const password = await redisPassword(store);
        const answer = await redisCommand(store, password, ["ACL", "GETUSER", "default"]);
        return answer.filter((line) => /^[0-9a-f]{64}$/.test(line)).some((hash) => hash !== sha256(password));
    },
    async accept(store, password) {
        const rule = `#${sha256(password)}`;
        await redisCommand(store, await redisPassword(store), ["ACL", "SETUSER", "default", rule]);
    },
    async settle(store, report) {
        const password = await redisPassword(store);
        const checksums = await currentChecksums(store);
        const isOlder = ({ metadata }: Pod): boolean => !checksums.has(metadata.annotations?.[checksum]);
        return report.step("Ending the password before", async (note) => {
            const users = await untilGone(store, (pod) => reads(pod, store, ["redis-url"]) && isOlder(pod), note);
            const rules = ["resetpass", `#${sha256(password)}`];
            if (users.length === 0) await redisCommand(store, password, ["ACL", "SETUSER", "default", ...rules]);
            return users;
        });
    },
};

/** Annotation of pods that read the Secret with the address of Redis. */
const checksum = "checksum/database-secrets";

/** Those of pods to come. */
async function currentChecksums({ kubectl, namespace }: Store): Promise<ReadonlySet<string | undefined>> {
    const [ofPods, ofJobs] = ["template", "jobTemplate.spec.template"].map(
        (template) => `{.items[*].spec.${template}.metadata.annotations['${checksum}']}`,
    );
    const path = `jsonpath=${ofPods} ${ofJobs}`;
    return new Set((await kubectl(["get", "deployments,cronjobs", "-n", namespace, "-o", path])).split(" "));
}

const redisPassword = (store: Store): Promise<string> => passwordOf(store, "redis", "redis-password");

/** The password that a server starts with. */
async function passwordOf({ kubectl, namespace, releaseName }: Store, server: string, key: string): Promise<string> {
    const args = ["get", "secret", `${releaseName}-${server}`, "-n", namespace, "-o", `jsonpath={.data.${key}}`];
    return Buffer.from(await kubectl(args), "base64").toString();
}

/**
 * Runs a command in Redis' own pod; the password shows in no list of processes.
 * @returns the lines of the answer
 */
async function redisCommand(
    { kubectl, namespace, releaseName }: Store,
    password: string,
    command: readonly string[],
): Promise<readonly string[]> {
    const pod = `${releaseName}-redis-master-0`;
    const input = `AUTH ${JSON.stringify(password)}\n${command.join(" ")}\n`;
    const output = await kubectl(["exec", "-i", "-n", namespace, pod, "-c", "redis", "--", "redis-cli"], input);
    const [signedIn = "", ...answer] = output.trim().split("\n");
    if (signedIn !== "OK")
        throw new Error(
            `Redis refuses the password of its Secret, which it reads when it starts (kubectl rollout restart): ${signedIn}`,
        );
    if (answer[0] === undefined || /^(\(error\) )?[A-Z]+ /.test(answer[0]))
        throw new Error(`redis-cli in the pod ${pod} failed: ${answer[0] ?? "no answer"}`);
    return answer;
}

function sha256(text: string): string {
    return createHash("sha256").update(text).digest("hex");
}
