/** A volume that is really small: the claim's data on a file system of its own, which only the node sees. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { eventually, get, kubectl } from "./commands.ts";
import { nodeProcess } from "./node.ts";
import { namespace } from "./tradestream.ts";

const run = promisify(execFile);
const staging = "/run/small-volume";

/**
 * Runs `work` while the volume of a StatefulSet's only pod has no more than `spare` megabytes left. Before and after, the
 * pod is stopped and started; afterwards it has its old volume again, without what was written meanwhile.
 */
export async function onSmallVolume(statefulSet: string, spare: number, work: () => Promise<void>): Promise<void> {
    const directory = await directoryOf(statefulSet);
    await stop(statefulSet);
    try {
        await inNode(`mkdir -p ${staging} && mount -t tmpfs -o size=1g,mode=777 tmpfs ${staging}`);
        await inNode(`cp -a ${directory}/. ${staging}/ && mount --bind ${staging} ${directory}`);
        const used = Math.ceil(Number((await inNode(`du -sk ${staging}`)).split(/\s/)[0]) / 1024);
        await inNode(`mount -o remount,size=${used + spare}m ${staging}`);
        await start(statefulSet);
        await work();
    } finally {
        await stop(statefulSet);
        // Both, whatever has been mounted; the end of the node would take them away as well.
        await inNode(`for place in ${directory} ${staging}; do ! mountpoint -q $place || umount $place; done`);
        await start(statefulSet);
    }
}

async function directoryOf(statefulSet: string): Promise<string> {
    const [claim] = await get("pvc", `data-${statefulSet}-0`, "-n", namespace);
    const [volume] = await get("pv", String(claim!.spec["volumeName"]));
    return (volume!.spec["local"] as { path: string }).path;
}

async function stop(statefulSet: string): Promise<void> {
    await kubectl("scale", "statefulset", statefulSet, "-n", namespace, "--replicas=0");
    await kubectl("wait", "pod", `${statefulSet}-0`, "-n", namespace, "--for=delete", "--timeout=120s");
}

async function start(statefulSet: string): Promise<void> {
    await kubectl("scale", "statefulset", statefulSet, "-n", namespace, "--replicas=1");
    await eventually(120, async () => {
        const [pods] = await get("statefulset", statefulSet, "-n", namespace);
        return pods!.status["readyReplicas"] === 1 ? true : undefined;
    });
}

/** Runs a script with the node's mounts. */
async function inNode(script: string): Promise<string> {
    return (await run("nsenter", ["--target", String(nodeProcess()), "--mount", "--", "sh", "-ec", script])).stdout;
}
