/** What can be built: each tool's Go module group (a directory with go.mod and go.sum), package and version flags. */
import { prepareProvider, providerVersion } from "./provider.ts";
import { prepareTraefik } from "./traefik.ts";

/** The release of `@pulumi/random` whose types `pulumi-resource-random` implements. */
const randomVersion = "v4.21.2";

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
    "pulumi",
    "pulumi-language-nodejs",
    "pulumi-resource-random",
    "pulumi-resource-kubernetes",
    "traefik",
    "cert-manager",
    "versitygw",
    "pebble",
    "sealed-secrets",
    "kubeseal",
    "otelcol",
    "victoria-logs",
    "kube-state-metrics",
] as const;

export type ToolName = (typeof toolNames)[number];

export interface Tool {
    /** Directory below `local/tools/modules`. */
    readonly group: string;
    /** Import path of the main package. */
    readonly package: string;
    /** Module whose version, read from go.mod, is the tool's version; none for a program of this repository. */
    readonly module?: string;
    /** The version that the program reports, where it is not that of `module`: a program of this repository. */
    readonly version?: string;
    /** Linker variables that carry the version, `name=value`; for a version such as `v1.36.3`. */
    readonly stamps: (version: string) => readonly string[];
    /** Seconds of a cold build on two cores, in the order of `toolNames`: what the estimate of the remaining time starts from. */
    readonly seconds: number;
    /** Adds generated files to a copy of the group's directory, which is then built instead. */
    readonly prepare?: (directory: string, download: Download) => Promise<void>;
}

/** The directory of the unpacked source of a module, such as `example.org/module@v1.2.3`. */
export type Download = (module: string) => Promise<string>;

const kubernetes = (name: string, seconds: number): Tool => ({
    group: "kubernetes",
    package: `k8s.io/kubernetes/cmd/${name}`,
    module: "k8s.io/kubernetes",
    stamps: componentBase,
    seconds,
});

const containerd = (name: string, seconds: number): Tool => ({
    group: "containerd",
    package: `github.com/containerd/containerd/v2/cmd/${name}`,
    module: "github.com/containerd/containerd/v2",
    stamps: (version) => [`github.com/containerd/containerd/v2/version.Version=${version}`],
    seconds,
});

/** The controller and its client, for the tests of sealed secrets. */
const sealedSecrets = (command: string, seconds: number): Tool => ({
    group: "kubernetes",
    package: `github.com/bitnami/sealed-secrets/cmd/${command}`,
    module: "github.com/bitnami/sealed-secrets",
    stamps: (version) => [`main.VERSION=${version.slice(1)}`],
    seconds,
});

/** The language host and the provider `random` are programs of this repository: the official modules are not served by a module proxy. */
const pulumiPart = (name: string, version?: string): Tool => ({
    group: "pulumi",
    package: `./${name}`,
    module: "github.com/pulumi/pulumi/pkg/v3",
    ...(version !== undefined && { version }),
    stamps: (stamped) => [`main.version=${stamped.slice(1)}`],
    seconds: 5,
});

export const tools: Readonly<Record<ToolName, Tool>> = {
    // Whatever uses client-go, and compiles with the one of Kubernetes, is built in its module: alone, each compiles it again.
    helm: {
        group: "kubernetes",
        package: "helm.sh/helm/v4/cmd/helm",
        module: "helm.sh/helm/v4",
        stamps: (version) => [`helm.sh/helm/v4/internal/version.version=${version}`],
        seconds: 20,
    },
    kubectl: kubernetes("kubectl", 110),
    etcd: {
        group: "etcd",
        package: "go.etcd.io/etcd/server/v3",
        module: "go.etcd.io/etcd/server/v3",
        stamps: () => [],
        seconds: 40,
    },
    "kube-apiserver": kubernetes("kube-apiserver", 200),
    "kube-controller-manager": kubernetes("kube-controller-manager", 80),
    "kube-scheduler": kubernetes("kube-scheduler", 10),
    kubelet: kubernetes("kubelet", 25),
    "kube-proxy": kubernetes("kube-proxy", 10),
    containerd: containerd("containerd", 90),
    "containerd-shim-runc-v2": containerd("containerd-shim-runc-v2", 10),
    ctr: containerd("ctr", 10),
    coredns: {
        group: "kubernetes",
        package: "github.com/coredns/coredns",
        module: "github.com/coredns/coredns",
        stamps: () => [],
        seconds: 100,
    },
    "metrics-server": {
        group: "kubernetes",
        package: "sigs.k8s.io/metrics-server/cmd/metrics-server",
        module: "sigs.k8s.io/metrics-server",
        stamps: componentBase,
        seconds: 10,
    },
    kwok: {
        group: "kubernetes",
        package: "sigs.k8s.io/kwok/cmd/kwok",
        module: "sigs.k8s.io/kwok",
        stamps: (version) => [`sigs.k8s.io/kwok/pkg/consts.Version=${version}`],
        seconds: 15,
    },
    // Holds the namespaces that the containers of a pod share. It is written here because no image registry is used.
    pause: { group: "pause", package: ".", stamps: () => [], seconds: 2 },
    pulumi: {
        group: "pulumi",
        package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
        module: "github.com/pulumi/pulumi/pkg/v3",
        stamps: (version) => [`github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=${version}`],
        seconds: 190,
    },
    "pulumi-language-nodejs": pulumiPart("pulumi-language-nodejs"),
    "pulumi-resource-random": pulumiPart("pulumi-resource-random", randomVersion),
    "pulumi-resource-kubernetes": {
        group: "pulumi-kubernetes",
        package: ".",
        module: "github.com/pulumi/pulumi-kubernetes/provider/v4",
        version: providerVersion,
        stamps: (version) => [
            `github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version.Version=${version.slice(1)}`,
        ],
        seconds: 145,
        prepare: prepareProvider,
    },
    // Both in one module, with the versions of the module of Kubernetes: client-go is compiled once.
    traefik: {
        group: "traffic",
        package: "github.com/traefik/traefik/v3/cmd/traefik",
        module: "github.com/traefik/traefik/v3",
        stamps: (version) => [`github.com/traefik/traefik/v3/pkg/version.Version=${version.slice(1)}`],
        seconds: 200,
        prepare: prepareTraefik,
    },
    "cert-manager": {
        group: "traffic",
        package: "./cert-manager",
        module: "github.com/cert-manager/cert-manager",
        stamps: (version) => [`github.com/cert-manager/cert-manager/pkg/util.AppVersion=${version}`],
        seconds: 30,
    },
    // An S3 server on a directory, for the tests of backups.
    versitygw: {
        group: "versitygw",
        package: "github.com/versity/versitygw/cmd/versitygw",
        module: "github.com/versity/versitygw",
        stamps: (version) => [`main.Version=${version}`],
        seconds: 110,
    },
    // An ACME server, for the tests of certificates.
    pebble: {
        group: "pebble",
        package: "github.com/letsencrypt/pebble/v2/cmd/pebble",
        module: "github.com/letsencrypt/pebble/v2",
        stamps: (version) => [`main.version=${version}`],
        seconds: 10,
    },
    "sealed-secrets": sealedSecrets("controller", 10),
    kubeseal: sealedSecrets("kubeseal", 5),
    // What ships logs, and a store for them, for the tests of both.
    otelcol: {
        group: "otelcol",
        package: ".",
        module: "go.opentelemetry.io/collector/otelcol",
        stamps: (version) => [`main.version=${version.slice(1)}`],
        seconds: 155,
    },
    "victoria-logs": {
        group: "victoria-logs",
        package: "github.com/VictoriaMetrics/VictoriaLogs/app/victoria-logs",
        module: "github.com/VictoriaMetrics/VictoriaLogs",
        stamps: (version) => [
            `github.com/VictoriaMetrics/VictoriaMetrics/lib/buildinfo.Version=victoria-logs-${version}`,
        ],
        seconds: 25,
    },
    // Metrics of the cluster's objects, for the tests of alerts.
    "kube-state-metrics": {
        group: "kubernetes",
        package: "k8s.io/kube-state-metrics/v2",
        module: "k8s.io/kube-state-metrics/v2",
        stamps: (version) => [`github.com/prometheus/common/version.Version=${version}`],
        seconds: 15,
    },
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
