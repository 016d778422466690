import { quantity } from "../../config/quantity.ts";
import { stamp, stateOf } from "../jobs.ts";
import type { Kubectl } from "../kubectl.ts";
import { claimOf, serverJob, type ServerSet } from "../serverJob.ts";
import { type Drill, NeverRecovers } from "./drill.ts";
import { nodeOf, requireSet } from "./onlyPod.ts";

/** How long the volume stays full: what watches it has to notice, and runs of the platform meet it. */
const fullSeconds = 30;
const keptSeconds = 3600;
const full = "the volume is full";

/** Asks for more files than the ballast leaves room for. Of a temporary table nothing is logged: PostgreSQL goes on. */
const write = `PGPASSWORD="$POSTGRES_PASSWORD" psql --no-psqlrc --quiet --host 127.0.0.1 --username "$POSTGRES_USER" \\
--dbname "$POSTGRES_DB" --command "create temporary table drill as select repeat(n::text, 100) from generate_series(1, 20000) n"`;

export const fillVolume: Drill = {
    about: "fill the volume of PostgreSQL, and make room again",
    targetSeconds: 300,
    async prepare({ kubectl: anyKubectl, namespace, releaseName }, status) {
        const kubectl: Kubectl = (args, input) => anyKubectl(["-n", namespace, ...args], input);
        const set = `${releaseName}-postgresql`;
        requireSet(status, set, "its database is elsewhere, or stopped");
        const server = JSON.parse(await kubectl(["get", "statefulset", set, "-o", "json"])) as ServerSet;
        const mount = server.spec.template.spec.containers[0]?.volumeMounts?.find(({ name }) => name === "data");
        if (mount === undefined) throw new Error(`${set} has no volume \`data\``);
        const inServer = (script: string): Promise<string> =>
            kubectl(["exec", `${set}-0`, "--", "/bin/sh", "-c", script]);
        const canWrite = (): Promise<boolean> =>
            inServer(write).then(
                () => true,
                () => false,
            );
        const name = `${releaseName}-drill-fill-volume-${stamp()}`;
        const job = `job/${name}`;
        const isFull = async (): Promise<boolean> => (await kubectl(["logs", job]).catch(() => "")).includes(full);
        let wasRefused = false;
        const nodeName = await nodeOf(kubectl, namespace, set);
        const manifest = serverJob(server, {
            ...{ name, component: "drill", keptSeconds, script: ballast(mount.mountPath) },
            pod: { nodeName },
            container: {
                resources: { requests: { cpu: "10m", memory: "64Mi" }, limits: { cpu: "500m", memory: "256Mi" } },
            },
        });
        await requireOwnVolume(kubectl, claimOf(server, "data"), await inServer(`df -Pk ${mount.mountPath}`));
        // Otherwise any other failure would look like a full volume.
        if (!(await canWrite())) throw new Error(`PostgreSQL refuses a temporary table from within its pod ${set}-0`);
        return {
            does: `The volume of ${set}-0 is filled with a file of the Job ${name}, which removes it ${fullSeconds} seconds later, whatever becomes of this command.`,
            notice: `Writes fail for these ${fullSeconds} seconds, and PostgreSQL may restart if it needs a new file for its log; no confirmed write is lost.`,
            cause: async () => {
                await kubectl(["create", "-f", "-"], manifest);
            },
            recovered: async () => {
                const state = await stateOf(kubectl, job);
                if (state === "failed") throw new NeverRecovers(`the Job ${name} failed`);
                if (state === "running") {
                    if (!wasRefused && (await isFull())) wasRefused = !(await canWrite());
                    return false;
                }
                if (!wasRefused) throw new NeverRecovers("PostgreSQL could write all the while: no volume was full");
                return canWrite();
            },
            // Its pod removes the file when it is asked to end.
            end: async () => {
                await kubectl(["delete", "job", name, "--ignore-not-found", "--cascade=foreground"]);
            },
        };
    },
};

/** A directory of the node would take the node's own disk along. */
async function requireOwnVolume(kubectl: Kubectl, claim: string, df: string): Promise<void> {
    const fields = "jsonpath={.status.capacity.storage} {.spec.accessModes[*]}";
    const text = await kubectl(["get", "persistentvolumeclaim", claim, "-o", fields]);
    const [size = "", ...modes] = text.split(" ");
    if (modes.includes("ReadWriteOncePod")) throw new Error(`the volume of ${claim} is for one pod only`);
    const bytes = Number(df.trim().split("\n").at(-1)?.split(/\s+/)[1]) * 1024;
    if (!(bytes < 1.5 * quantity(size)))
        throw new Error(
            `the volume of ${claim} is no file system of its own: it has ${Math.round(bytes / 2 ** 20)} MiB, and the claim ${size}`,
        );
}

/** Removes the file however it ends, unless it is killed. */
function ballast(directory: string): string {
    return `file='${directory}/drill-ballast'
trap 'kill $! 2>/dev/null; rm -f "$file"' EXIT
trap 'exit 1' TERM INT
free=$(($(stat -fc %a '${directory}') * $(stat -fc %S '${directory}')))
{ fallocate -l "$free" "$file" 2>/dev/null; cat /dev/zero >>"$file" 2>/dev/null; } &
wait $!
echo '${full}'
sleep ${fullSeconds} &
wait $!
`;
}
