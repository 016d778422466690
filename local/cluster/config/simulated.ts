/** The simulated node: KWOK plays the kubelet and the containers. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { nodeName, simulatedPorts } from "../settings.ts";
import type { ClusterSettings } from "../settings.ts";
import type { KubernetesObject } from "./addons.ts";

/** KWOK's own rules of what happens to nodes and pods, as its module ships them. */
const stageFiles = [
    "node/fast/node-initialize.yaml",
    "node/heartbeat-with-lease/node-heartbeat-with-lease.yaml",
    "pod/fast/pod-ready.yaml",
    "pod/fast/pod-complete.yaml",
    "pod/fast/pod-delete.yaml",
];

/** The rules as one YAML stream, read from the directory of KWOK's module. */
export function stages(moduleDirectory: string): string {
    return stageFiles
        .map((file) => readFileSync(path.join(moduleDirectory, "kustomize/stage", file), "utf8"))
        .join("\n---\n");
}

export function kwokArguments(settings: ClusterSettings, kubeconfig: string, stagesFile: string): string[] {
    return [
        `--kubeconfig=${kubeconfig}`,
        `--config=${stagesFile}`,
        "--manage-all-nodes=true",
        `--cidr=${settings.podCidr}`,
        "--node-ip=127.0.0.1",
        "--node-lease-duration-seconds=40",
        `--server-address=127.0.0.1:${settings.apiPort + simulatedPorts.kwok}`,
    ];
}

/** The node that KWOK brings to life. */
export function simulatedNode(settings: ClusterSettings): KubernetesObject {
    const name = nodeName(settings);
    const labels = {
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "topology.kubernetes.io/region": "local",
        "topology.kubernetes.io/zone": "local",
    };
    // KWOK's own default has no disk, and pods that ask for some would wait for ever.
    const resources = { cpu: "1k", memory: "1Ti", "ephemeral-storage": "1Ti", pods: "1M" };
    return {
        apiVersion: "v1",
        kind: "Node",
        metadata: { name, labels },
        status: { capacity: resources, allocatable: resources },
    };
}
