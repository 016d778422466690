/** Restores the chart's PostgreSQL from its backups: the latest state, or the state at a given time. */
import { setTimeout } from "node:timers/promises";
import type { Report } from "../local/report.ts";
import type { Kubectl } from "./kubectl.ts";

/** What is restored. */
export interface RestoreTarget {
    readonly namespace: string;
    readonly releaseName: string;
    /** Default: the latest state. */
    readonly time?: Date | undefined;
}

interface Container {
    readonly name: string;
    readonly env?: readonly { readonly name: string }[];
    readonly [field: string]: unknown;
}

interface StatefulSet {
    readonly metadata: { readonly name: string };
    readonly spec: {
        readonly replicas: number;
        readonly volumeClaimTemplates?: readonly { readonly metadata: { readonly name: string } }[];
        readonly template: {
            readonly metadata: { readonly labels: Readonly<Record<string, string>> };
            readonly spec: {
                readonly containers: readonly Container[];
                readonly volumes?: readonly { readonly name: string; readonly emptyDir?: object }[];
            };
        };
    };
}

interface Job {
    readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
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
    const set = JSON.parse(await inNamespace(["get", "statefulset", name, "-o", "json"])) as StatefulSet;
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

/** The Job that restores: PostgreSQL's own pod with another command, so that it has the same files, rights and network. */
function restoreJob(set: StatefulSet, name: string, time: Date | undefined): string {
    const { template, volumeClaimTemplates = [] } = set.spec;
    const [server] = template.spec.containers;
    if (server?.env?.some((variable) => variable.name === "PGBACKREST_STANZA") !== true)
        throw new Error(`${set.metadata.name} has no backups: backup.enabled is false, or not yet deployed`);
    const volumes = template.spec.volumes ?? [];
    if (volumes.some((volume) => volume.name === "data" && volume.emptyDir !== undefined))
        throw new Error(`${set.metadata.name} keeps its data in an emptyDir, which a restored pod would not see`);
    const claims = volumeClaimTemplates.map(({ metadata }) => ({
        name: metadata.name,
        persistentVolumeClaim: { claimName: claimOf(set, metadata.name) },
    }));
    const { image, imagePullPolicy, env, resources, securityContext, volumeMounts } = server;
    // Not of the Service, and still of the network policy.
    const labels = { ...template.metadata.labels, "app.kubernetes.io/component": "restore" };
    return JSON.stringify({
        apiVersion: "batch/v1",
        kind: "Job",
        metadata: { name, labels },
        spec: {
            backoffLimit: 0,
            ttlSecondsAfterFinished: keptSeconds,
            template: {
                metadata: { labels },
                spec: {
                    ...template.spec,
                    containers: [
                        {
                            name: "restore",
                            command: ["/bin/sh", "-c", script(time)],
                            ...{ image, imagePullPolicy, env, resources, securityContext, volumeMounts },
                        },
                    ],
                    volumes: [...volumes, ...claims],
                    restartPolicy: "Never",
                },
            },
        },
    });
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

function claimOf(set: StatefulSet, template: string): string {
    return `${template}-${set.metadata.name}-0`;
}

async function scale(kubectl: Kubectl, set: string, replicas: 0 | 1): Promise<void> {
    await kubectl(["patch", "statefulset", set, "--type=merge", "-p", JSON.stringify({ spec: { replicas } })]);
    if (replicas === 0) await kubectl(["wait", `pod/${set}-0`, "--for=delete", "--timeout=5m"]);
}

/** Where the claim is gone, its controller makes another, as for a first start. */
async function ensureClaim(kubectl: Kubectl, set: StatefulSet): Promise<void> {
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
        const { status } = JSON.parse(await kubectl(["get", job, "-o", "json"])) as Job;
        const is = (type: string): boolean =>
            status.conditions?.some((condition) => condition.type === type && condition.status === "True") === true;
        if (is("Complete")) return;
        if (is("Failed")) {
            const log = await kubectl(["logs", job, "--tail=10"]).catch(() => "");
            throw new Error(`${job} failed. ${consequence}.\n${log}`);
        }
        await setTimeout(1000);
    }
}

/** The time, for names. */
function stamp(): string {
    return new Date().toISOString().replace(/\D/g, "").slice(2, 14);
}
