/** Restores the chart's PostgreSQL from its backups: the latest state, or the state at a given time. */
import { setTimeout } from "node:timers/promises";
import type { Report } from "../local/report.ts";
import { lastLines, stamp, stateOf } from "./jobs.ts";
import type { Kubectl } from "./kubectl.ts";
import { claimOf, type ServerSet, serverJob } from "./serverJob.ts";

/** What is restored. */
export interface RestoreTarget {
    readonly namespace: string;
    readonly releaseName: string;
    /** Default: the latest state. */
    readonly time?: Date | undefined;
}

const keptSeconds = 86_400;
const patience = "1h";

/**
 * Stops PostgreSQL, restores its files in a Job, starts it again, and makes a backup of the result, which also shows that
 * it serves and archives. Nothing can write meanwhile, whoever it is. Running it again after a failure begins anew.
 *
 * @throws before anything is stopped where the release has no backups; later with the last lines of what failed
 */
export async function restore(target: RestoreTarget, kubectl: Kubectl, report: Report): Promise<void> {
    const { namespace, releaseName, time } = target;
    const inNamespace: Kubectl = (args, input) => kubectl([...args, "-n", namespace], input);
    const name = `${releaseName}-postgresql`;
    const set = JSON.parse(await inNamespace(["get", "statefulset", name, "-o", "json"])) as ServerSet;
    const manifest = restoreJob(set, `${releaseName}-restore-${stamp()}`, time);
    await inNamespace(["create", "--dry-run=server", "-f", "-"], manifest);
    await report.step("Stopping PostgreSQL", async () => {
        await scale(inNamespace, name, 0);
        await ensureClaim(inNamespace, set);
    });
    await report.step("Restoring its files", async () => {
        const created = await inNamespace(["create", "-f", "-", "-o", "name"], manifest);
        await ended(inNamespace, created.trim(), "PostgreSQL stays stopped, as its files may be incomplete");
    });
    await report.step("Starting PostgreSQL, which replays its log", async () => {
        await scale(inNamespace, name, 1);
        await inNamespace(["rollout", "status", `statefulset/${name}`, `--timeout=${patience}`]);
    });
    await report.step("Making a backup of the result", async () => {
        const job = `${releaseName}-restored-${stamp()}`;
        await inNamespace(["create", "job", job, `--from=cronjob/${releaseName}-backup-incremental`]);
        await ended(inNamespace, `job/${job}`, "PostgreSQL is restored and serves, but is not backed up");
    });
}

/** The Job that restores. */
function restoreJob(set: ServerSet, name: string, time: Date | undefined): string {
    const [server] = set.spec.template.spec.containers;
    if (server?.env?.some((variable) => variable.name === "PGBACKREST_STANZA") !== true)
        throw new Error(`${set.metadata.name} has no backups: backup.enabled is false, or not yet deployed`);
    return serverJob(set, { name, component: "restore", script: script(time), keptSeconds });
}

/** A server that was killed leaves its pid file, which pgBackRest takes for a server that runs. */
function script(time: Date | undefined): string {
    const until = time === undefined ? "" : ` --type=time --target='${postgresTime(time)}' --target-action=promote`;
    return `set -eu
umask 077
mkdir -p "$PGDATA"
rm -f "$PGDATA/postmaster.pid"
exec pgbackrest --log-level-console=info --delta${until} restore`;
}

function postgresTime(time: Date): string {
    return time.toISOString().replace("T", " ").replace("Z", "+00");
}

async function scale(kubectl: Kubectl, set: string, replicas: 0 | 1): Promise<void> {
    await kubectl(["patch", "statefulset", set, "--type=merge", "-p", JSON.stringify({ spec: { replicas } })]);
    if (replicas === 0) await kubectl(["wait", `pod/${set}-0`, "--for=delete", "--timeout=5m"]);
}

/** Where the claim is gone, its controller makes another, as for a first start. */
async function ensureClaim(kubectl: Kubectl, set: ServerSet): Promise<void> {
    const claims = (set.spec.volumeClaimTemplates ?? []).map(({ metadata }) => claimOf(set, metadata.name));
    const found = async (): Promise<boolean> => {
        const names = await kubectl(["get", "persistentvolumeclaims", "-o", "name"]);
        return claims.every((claim) => names.split("\n").includes(`persistentvolumeclaim/${claim}`));
    };
    if (await found()) return;
    await scale(kubectl, set.metadata.name, 1);
    while (!(await found())) await setTimeout(1000);
    await scale(kubectl, set.metadata.name, 0);
}

/** Waits for the end of a Job; throws with its last lines when it fails. */
async function ended(kubectl: Kubectl, job: string, consequence: string): Promise<void> {
    for (;;) {
        const state = await stateOf(kubectl, job);
        if (state === "succeeded") return;
        if (state === "failed") throw new Error(`${job} failed. ${consequence}.\n${await lastLines(kubectl, job)}`);
        await setTimeout(1000);
    }
}
