/** Removes what the kernel still holds of a cluster. Safe to call when nothing is left. */
import { setTimeout as sleep } from "node:timers/promises";
import { attempt } from "./command.ts";
import { removeCgroups } from "./cgroups.ts";
import { linkName } from "./settings.ts";
import { isAlive } from "./state.ts";
import type { ProcessIdentity } from "./state.ts";
import { has } from "./machine.ts";

/** Ends the node, which takes its processes, mounts and network along; then the link and the cgroups, if any. */
export async function removeRemains(name: string, node?: ProcessIdentity): Promise<void> {
    if (node && isAlive(node)) {
        process.kill(node.pid, "SIGKILL");
        // The kernel lets go of this process only after every other one in the node has ended.
        while (isAlive(node)) await sleep(20);
    }
    if (!has("NET_ADMIN")) return;
    await attempt("ip", "link", "delete", linkName(name));
    await removeCgroups(name);
}
