/** The only pod of a data service. */
import type { Kubectl } from "../kubectl.ts";
import type { Status } from "../status/index.ts";
import { type Condition, hasCondition } from "../status/objects.ts";

interface Pod {
    readonly metadata: { readonly uid: string };
    readonly spec: { readonly nodeName: string };
    readonly status: {
        readonly conditions?: readonly Condition[];
        readonly containerStatuses?: readonly { readonly restartCount: number }[];
    };
}

/** @throws where the stack has no such StatefulSet that runs */
export function requireSet({ workloads }: Status, name: string, otherwise: string): void {
    if (workloads.some((each) => each.kind === "StatefulSet" && each.name === name && each.wanted === 1)) return;
    throw new Error(`the namespace has no StatefulSet ${name} with one pod: ${otherwise}`);
}

/** Changes when another process has taken over; undefined while the pod is not ready. */
export async function lifeOf(kubectl: Kubectl, namespace: string, set: string): Promise<string | undefined> {
    const text = await kubectl(["get", "pod", `${set}-0`, "-n", namespace, "--ignore-not-found", "-o", "json"]);
    if (text.trim() === "") return undefined;
    const pod = JSON.parse(text) as Pod;
    const restarts = pod.status.containerStatuses?.map(({ restartCount }) => restartCount).join();
    return hasCondition(pod, "Ready") ? `${pod.metadata.uid} ${restarts}` : undefined;
}

/** Whether there is a life, and another one than before. */
export function isAnother(before: string | undefined, now: string | undefined): boolean {
    return now !== undefined && now !== before;
}

export async function nodeOf(kubectl: Kubectl, namespace: string, set: string): Promise<string> {
    const pod = JSON.parse(await kubectl(["get", "pod", `${set}-0`, "-n", namespace, "-o", "json"])) as Pod;
    return pod.spec.nodeName;
}
