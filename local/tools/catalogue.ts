/** What can be built: each tool's Go module group (a directory with go.mod and go.sum), package and version flags. */

/** The tools that this repository builds from source. */
export const toolNames = [
    "helm",
    "kubectl",
    "etcd",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "kubelet",
    "kube-proxy",
    "containerd",
    "containerd-shim-runc-v2",
    "ctr",
    "coredns",
    "metrics-server",
    "kwok",
    "pause",
] as const;

export type ToolName = (typeof toolNames)[number];

export interface Tool {
    /** Directory below `local/tools/modules`. */
    readonly group: string;
    /** Import path of the main package. */
    readonly package: string;
    /** Module whose version, read from go.mod, is the tool's version; none for a program of this repository. */
    readonly module?: string;
    /** Linker variables that carry the version, `name=value`; for a version such as `v1.36.3`. */
    readonly stamps: (version: string) => readonly string[];
}

const kubernetes = (name: string): Tool => ({
    group: "kubernetes",
    package: `k8s.io/kubernetes/cmd/${name}`,
    module: "k8s.io/kubernetes",
    stamps: componentBase,
});

const containerd = (name: string): Tool => ({
    group: "containerd",
    package: `github.com/containerd/containerd/v2/cmd/${name}`,
    module: "github.com/containerd/containerd/v2",
    stamps: (version) => [`github.com/containerd/containerd/v2/version.Version=${version}`],
});

export const tools: Readonly<Record<ToolName, Tool>> = {
    helm: {
        group: "helm",
        package: "helm.sh/helm/v4/cmd/helm",
        module: "helm.sh/helm/v4",
        stamps: (version) => [`helm.sh/helm/v4/internal/version.version=${version}`],
    },
    kubectl: kubernetes("kubectl"),
    etcd: {
        group: "etcd",
        package: "go.etcd.io/etcd/server/v3",
        module: "go.etcd.io/etcd/server/v3",
        stamps: () => [],
    },
    "kube-apiserver": kubernetes("kube-apiserver"),
    "kube-controller-manager": kubernetes("kube-controller-manager"),
    "kube-scheduler": kubernetes("kube-scheduler"),
    kubelet: kubernetes("kubelet"),
    "kube-proxy": kubernetes("kube-proxy"),
    containerd: containerd("containerd"),
    "containerd-shim-runc-v2": containerd("containerd-shim-runc-v2"),
    ctr: containerd("ctr"),
    coredns: {
        group: "coredns",
        package: "github.com/coredns/coredns",
        module: "github.com/coredns/coredns",
        stamps: () => [],
    },
    "metrics-server": {
        group: "metrics-server",
        package: "sigs.k8s.io/metrics-server/cmd/metrics-server",
        module: "sigs.k8s.io/metrics-server",
        stamps: componentBase,
    },
    kwok: {
        group: "kwok",
        package: "sigs.k8s.io/kwok/cmd/kwok",
        module: "sigs.k8s.io/kwok",
        stamps: (version) => [`sigs.k8s.io/kwok/pkg/consts.Version=${version}`],
    },
    // What the containers of a pod share is held by this one, written here since no image registry is asked.
    pause: { group: "pause", package: ".", stamps: () => [] },
};

/** Kubernetes programs must carry a version that parses: clients refuse a server that calls itself `v0.0.0`. */
function componentBase(version: string): string[] {
    const [major = "", minor = ""] = version.replace(/^v/, "").split(".");
    const variable = "k8s.io/component-base/version";
    return [
        `${variable}.gitVersion=${version}`,
        `${variable}.gitMajor=${major}`,
        `${variable}.gitMinor=${minor}`,
        `${variable}.gitTreeState=clean`,
    ];
}

export function isToolName(name: string): name is ToolName {
    return (toolNames as readonly string[]).includes(name);
}
