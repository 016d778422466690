import type { Drill } from "./drill.ts";
import { isAnother, lifeOf, requireSet } from "./onlyPod.ts";

export const loseRedis: Drill = {
    about: "remove the pod of Redis",
    targetSeconds: 300,
    async prepare({ kubectl, namespace, releaseName }, status) {
        const set = `${releaseName}-redis-master`;
        requireSet(status, set, "its Redis is elsewhere, or stopped");
        const before = await lifeOf(kubectl, namespace, set);
        return {
            does: `The pod ${set}-0 is deleted, with one second to end. Kubernetes makes another one on the same volume.`,
            notice: "Requests that need Redis fail, and events are late, until it is back; what it had written is kept.",
            cause: async () => {
                await kubectl(["delete", "pod", `${set}-0`, "-n", namespace, "--grace-period=1", "--wait=false"]);
            },
            recovered: async () => isAnother(before, await lifeOf(kubectl, namespace, set)),
        };
    },
};
