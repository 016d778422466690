/**
 * Who is in the matrix of tests/isolation, on the shared cluster: the platform's own pods, and placeholders for those
 * that do not last (a worker, a migration) or that others would bring. They hold an address and labels, and do nothing.
 */
import { sandboxImage } from "../../../local/cluster/config/node.ts";
import { outside as addresses } from "../../isolation/matrix.ts";
import type { Peer } from "../../isolation/rendered.ts";
import { get, kubectl, type KubeObject } from "./commands.ts";
import { networkOf } from "./node.ts";
import { onCluster } from "./objects.ts";
import { openOutside } from "./outside.ts";
import { isLeaving, namespace } from "./tradestream.ts";

/** One end of a connection. */
export interface End {
    readonly ip: string;
    /** Network namespace in which the address is, as a file; none for the address of a Service. */
    readonly network?: string;
}

/** All of them, for as long as they are there. */
export interface Peers {
    readonly ends: ReadonlyMap<string, readonly End[]>;
    remove(): Promise<void>;
}

/** Pods of the platform that last, by their names in the matrix. */
const lasting = {
    gateway: "app.kubernetes.io/component=gateway-api",
    dashboard: "app.kubernetes.io/component=agent-dashboard",
    postgresql: "app.kubernetes.io/name=postgresql",
    redis: "app.kubernetes.io/name=redis",
} as const;

/** Finds and makes all that the matrix names. IPv4 only: the cluster has no other addresses. */
export async function gatherPeers(wanted: ReadonlyMap<string, readonly Peer[]>): Promise<Peers> {
    const standIns = [...wanted].flatMap(([name, peers]) =>
        name in lasting ? [] : peers.flatMap(({ pod }) => (pod === undefined ? [] : [{ name, ...pod }])),
    );
    const foreign = [...new Set(standIns.map((pod) => pod.namespace))].filter(
        (name) => name !== namespace && name !== "kube-system",
    );
    const objects = [...foreign.map(namespaceObject), ...standIns.map(podObject)];
    const gone = ["--ignore-not-found", "--now"];
    await onCluster("delete", objects, ...gone);
    const ipv4 = Object.entries(addresses).map(
        ([name, all]) => [name, all.filter((address) => !address.includes(":"))] as const,
    );
    const outside = await openOutside(ipv4.flatMap(([, own]) => own));
    const remove = async (): Promise<void> => {
        try {
            await outside.close();
        } finally {
            await onCluster("delete", objects, ...gone, "--wait=false");
        }
    };
    try {
        await onCluster("create", objects);
        const ends = new Map<string, End[]>();
        const add = (name: string, ...own: End[]): unknown => ends.set(name, [...(ends.get(name) ?? []), ...own]);
        for (const { name, namespace: home } of standIns) {
            await kubectl("wait", "pod", podName(name), "-n", home, "--for=condition=Ready", "--timeout=60s");
            add(name, ...(await get("pod", podName(name), "-n", home)).map(endOf));
        }
        for (const [name, label] of Object.entries(lasting)) {
            const pods = await get("pods", "-n", namespace, "-l", label);
            add(name, ...pods.filter((pod) => !isLeaving(pod)).map(endOf));
        }
        for (const [name, own] of ipv4) add(name, ...own.map((ip) => ({ ip, network: outside.network })));
        return { ends, remove };
    } catch (error) {
        await remove();
        throw error;
    }
}

const podName = (peer: string): string => `peer-${peer}`;

function endOf(pod: KubeObject): End {
    return { ip: String(pod.status["podIP"]), network: networkOf(pod) };
}

const namespaceObject = (name: string): object => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } });

function podObject(pod: { readonly name: string } & NonNullable<Peer["pod"]>): object {
    return {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: podName(pod.name), namespace: pod.namespace, labels: pod.labels },
        spec: {
            automountServiceAccountToken: false,
            securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
            containers: [
                {
                    name: "peer",
                    // What holds the namespaces of any pod; the node has it already.
                    image: sandboxImage,
                    imagePullPolicy: "Never",
                    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
                },
            ],
        },
    };
}
