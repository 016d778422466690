/** Whether the workloads of a namespace are ready, as kubectl sees it. */
import type { Kubectl } from "../kubectl.ts";

export interface Workload {
    readonly kind: string;
    readonly metadata: { readonly name: string; readonly generation: number };
    readonly spec: { readonly replicas?: number };
    readonly status: {
        readonly observedGeneration?: number;
        readonly readyReplicas?: number;
        readonly updatedReplicas?: number;
    };
}

/** The Deployments and StatefulSets that are to have pods. */
export async function runningWorkloads(kubectl: Kubectl, namespace: string): Promise<readonly Workload[]> {
    const list = await kubectl(["get", "deployments,statefulsets", "-n", namespace, "-o", "json"]);
    return (JSON.parse(list) as { readonly items: readonly Workload[] }).items.filter((each) => wanted(each) > 0);
}

/** What is missing of the workloads that ran before. One that was stopped meanwhile is missing. */
export function missing(before: readonly Workload[], now: readonly Workload[]): readonly string[] {
    return before.flatMap(({ kind, metadata: { name } }) => {
        const found = now.find((each) => each.kind === kind && each.metadata.name === name);
        if (found === undefined) return [`${kind} ${name} is to have no pods`];
        const { readyReplicas: ready = 0, updatedReplicas: updated = 0, observedGeneration = 0 } = found.status;
        const isReady = observedGeneration >= found.metadata.generation && Math.min(ready, updated) >= wanted(found);
        return isReady ? [] : [`${kind} ${name} has ${ready} of ${wanted(found)} pods ready`];
    });
}

function wanted({ spec: { replicas = 1 } }: Workload): number {
    return replicas;
}
