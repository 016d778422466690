import type { Kubectl } from "../kubectl.ts";
import { type Condition, hasCondition } from "../status/objects.ts";
import type { Drill } from "./drill.ts";

interface Node {
    readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
    readonly spec: { readonly unschedulable?: boolean; readonly taints?: readonly { readonly effect: string }[] };
    readonly status: { readonly conditions?: readonly Condition[] };
}

interface Pod {
    readonly metadata: {
        readonly name: string;
        readonly deletionTimestamp?: string;
        readonly ownerReferences?: readonly { readonly kind: string }[];
    };
    readonly spec: {
        readonly nodeName?: string;
        readonly volumes?: readonly { readonly persistentVolumeClaim?: { readonly claimName: string } }[];
    };
    readonly status: { readonly phase: string };
}

interface Claim {
    readonly metadata: { readonly name: string };
    readonly spec: { readonly volumeName?: string };
}

interface Volume {
    readonly metadata: { readonly name: string };
    readonly spec: { readonly nodeAffinity?: { readonly required?: { readonly nodeSelectorTerms: readonly Term[] } } };
}

interface Term {
    readonly matchExpressions?: readonly {
        readonly key: string;
        readonly operator: string;
        readonly values?: readonly string[];
    }[];
}

export const drainNode: Drill = {
    about: "cordon a node and evict the stack's pods from it",
    targetSeconds: 600,
    async prepare({ kubectl, namespace }) {
        const list = async <T>(...args: readonly string[]): Promise<readonly T[]> =>
            (JSON.parse(await kubectl(["get", ...args, "-o", "json"])) as { readonly items: readonly T[] }).items;
        const own = ["-n", namespace];
        const [allNodes, pods, claims, volumes] = await Promise.all([
            list<Node>("nodes"),
            list<Pod>("pods", ...own),
            list<Claim>("persistentvolumeclaims", ...own),
            list<Volume>("persistentvolumes"),
        ]);
        const nodes = allNodes.filter(takesPods);
        if (nodes.length < 2)
            throw new Error(
                `the cluster has ${nodes.length} node that takes pods: evicted ones would have no place to go`,
            );
        const volumeOf = new Map(claims.map(({ metadata, spec }) => [metadata.name, spec.volumeName]));
        const boundTo = (pod: Pod): readonly Volume[] => {
            const names = pod.spec.volumes?.map((each) => volumeOf.get(each.persistentVolumeClaim?.claimName ?? ""));
            return volumes.filter(({ metadata }) => names?.includes(metadata.name) === true);
        };
        const candidates = nodes
            .map(({ metadata: { name } }) => ({ name, pods: pods.filter((pod) => isOn(name, pod)) }))
            .filter(({ name, pods: there }) => {
                const others = nodes.filter((node) => node.metadata.name !== name);
                return there.flatMap(boundTo).every((volume) => others.some((node) => takesVolume(node, volume)));
            })
            .toSorted((a, b) => b.pods.length - a.pods.length);
        const [node] = candidates;
        if (node === undefined || node.pods.length === 0)
            throw new Error("each node with pods of the stack has a volume that no other node can mount");
        const { name } = node;
        return {
            does: `The node ${name} takes no new pods, and the stack's ${node.pods.length} pods on it are evicted as their disruption budgets allow: ${node.pods.map(({ metadata }) => metadata.name).join(", ")}. Pods of other namespaces stay. At the end the node takes pods again.`,
            notice: "Nothing while only web services move; a data service that moves is away until its pod is ready on another node.",
            cause: async () => {
                await kubectl(["cordon", name]);
            },
            recovered: async () => {
                const left = (await list<Pod>("pods", ...own)).filter((pod) => isOn(name, pod));
                for (const { metadata } of left)
                    if (metadata.deletionTimestamp === undefined) await evict(kubectl, namespace, metadata.name);
                return left.length === 0;
            },
            end: async () => {
                await kubectl(["uncordon", name]);
            },
        };
    },
};

function takesPods(node: Node): boolean {
    const { unschedulable, taints = [] } = node.spec;
    const isTainted = taints.some(({ effect }) => effect !== "PreferNoSchedule");
    return hasCondition(node, "Ready") && unschedulable !== true && !isTainted;
}

/** Whether a pod has to leave a node. One of a DaemonSet would come back at once. */
function isOn(node: string, { metadata, spec, status }: Pod): boolean {
    const isOver = status.phase === "Succeeded" || status.phase === "Failed";
    return spec.nodeName === node && !isOver && metadata.ownerReferences?.[0]?.kind !== "DaemonSet";
}

function takesVolume({ metadata: { labels = {} } }: Node, { spec }: Volume): boolean {
    const terms = spec.nodeAffinity?.required?.nodeSelectorTerms;
    return (
        terms === undefined ||
        terms.some(({ matchExpressions = [] }) =>
            // As provisioners write it; a volume with another operator counts as one that cannot move.
            matchExpressions.every(
                ({ key, operator, values = [] }) => operator === "In" && values.includes(labels[key] ?? ""),
            ),
        )
    );
}

/** `kubectl drain` would evict the pods of all namespaces. A budget that allows none at the moment is asked again later. */
async function evict(kubectl: Kubectl, namespace: string, name: string): Promise<void> {
    const eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name, namespace } };
    const path = `/api/v1/namespaces/${namespace}/pods/${name}/eviction`;
    await kubectl(["create", "--raw", path, "-f", "-"], JSON.stringify(eviction)).catch((error: unknown) => {
        if (!/disruption budget|not found/.test(String(error))) throw error;
    });
}
