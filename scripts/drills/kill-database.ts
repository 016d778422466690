import type { Drill } from "./drill.ts";
import { isAnother, lifeOf, requireSet } from "./onlyPod.ts";

/** PostgreSQL ends without a checkpoint, so that it recovers from its log when the kubelet starts it again. */
const crash = `kill -QUIT "$(head -n 1 "$PGDATA/postmaster.pid")"`;

export const killDatabase: Drill = {
    about: "end PostgreSQL as a crash does",
    targetSeconds: 300,
    async prepare({ kubectl, namespace, releaseName }, status) {
        const set = `${releaseName}-postgresql`;
        requireSet(status, set, "its database is elsewhere, or stopped");
        const before = await lifeOf(kubectl, namespace, set);
        return {
            does: `PostgreSQL in the pod ${set}-0 ends at once, without a checkpoint. Kubernetes starts it again, and it recovers from its log.`,
            notice: "Requests that need the database fail for some seconds; no confirmed write is lost.",
            cause: async () => {
                await kubectl(["exec", `${set}-0`, "-n", namespace, "--", "/bin/sh", "-c", crash]);
            },
            recovered: async () => isAnother(before, await lifeOf(kubectl, namespace, set)),
        };
    },
};
