/** Where a cluster keeps what it has; everything is below `clusterHome(name)`. */
import path from "node:path";
import { clusterHome, home } from "../home.ts";

export interface Layout {
    readonly root: string;
    /** Its settings, written once. */
    readonly settings: string;
    /** What `up` hands to the supervisor: settings and the places of the tools. */
    readonly launch: string;
    /** What runs at the moment, written by the supervisor. */
    readonly state: string;
    /** The administrator's kubeconfig, for kubectl, helm and Pulumi. */
    readonly kubeconfig: string;
    /** Certificates and keys. */
    readonly pki: string;
    /** Configuration files of the components, written at each start. */
    readonly config: string;
    /** One log per component, the audit log, and pods' logs below `pods/`. */
    readonly logs: string;
    /** The database of the API server. */
    readonly etcd: string;
    /** Images and containers' file systems. */
    readonly containerd: string;
    /** The kubelet's working files. */
    readonly kubelet: string;
    /** Output of containers, as the kubelet arranges it. */
    readonly podLogs: string;
    /** Persistent volumes, one directory each. */
    readonly volumes: string;
    /** Which image archives have been loaded. */
    readonly loadedImages: string;
}

export function layoutOf(name: string): Layout {
    const root = clusterHome(name);
    const below = (entry: string): string => path.join(root, entry);
    return {
        root,
        settings: below("settings.json"),
        launch: below("launch.json"),
        state: below("state.json"),
        kubeconfig: below("kubeconfig"),
        pki: below("pki"),
        config: below("config"),
        logs: below("logs"),
        etcd: below("etcd"),
        containerd: below("containerd"),
        kubelet: below("kubelet"),
        podLogs: below("logs/pods"),
        volumes: below("volumes"),
        loadedImages: below("images.json"),
    };
}

export function clustersHome(): string {
    return path.dirname(clusterHome("any"));
}

/** The file that `up` and `down` of one cluster lock against each other; outside its directory, which may go. */
export function lockFile(name: string): string {
    return path.join(home(), "locks", `cluster-${name}`);
}
