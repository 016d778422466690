/** Configuration of what runs containers: containerd, its network plugins, the kubelet, kube-proxy. Pure. */
import { dnsServiceAddress, cgroupName, nodeAddress } from "../settings.ts";
import type { ClusterSettings } from "../settings.ts";

/** The image that holds a pod's namespaces; made here (see sandbox.ts), never pulled. */
export const sandboxImage = "pause.tradestream.local/pause:v1";

/** Inside the node, where `/run` is its own. */
export const containerdSocket = "/run/containerd/containerd.sock";

/** What the machine grants, as far as configuration depends on it. */
export interface Machine {
    /** Whether CAP_SYS_RESOURCE is there: without it, limits and out-of-memory scores can only be worsened. */
    readonly mayRaiseLimits: boolean;
    /** How many files a process may open. */
    readonly openFiles: number;
}

/** containerd's configuration (TOML), version 3. */
export function containerdConfig(root: string, cniDirectory: string, machine: Machine): string {
    return `version = 3
root = ${JSON.stringify(root)}
state = "/run/containerd/state"

[grpc]
address = "${containerdSocket}"

[plugins."io.containerd.cri.v1.images"]
snapshotter = "overlayfs"

[plugins."io.containerd.cri.v1.images".pinned_images]
sandbox = "${sandboxImage}"

[plugins."io.containerd.cri.v1.runtime"]
# Profiles loaded into the kernel would outlive the cluster.
disable_apparmor = true
netns_mounts_under_state_dir = true
restrict_oom_score_adj = ${!machine.mayRaiseLimits}
max_container_log_line_size = 16384

[plugins."io.containerd.cri.v1.runtime".cni]
bin_dirs = ["/usr/lib/cni"]
conf_dir = ${JSON.stringify(cniDirectory)}

[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"

[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
BinaryName = "/usr/sbin/runc"
SystemdCgroup = false
`;
}

/**
 * The pods' network: a link per pod, routed by the node. Compared with a bridge it needs no kernel module for the
 * replies of one pod to another behind a Service, since each packet passes the node's own rules.
 */
export function cniConfig(settings: ClusterSettings): object {
    return {
        cniVersion: "1.0.0",
        name: "pods",
        plugins: [
            {
                type: "ptp",
                ipMasq: false,
                ipam: {
                    type: "host-local",
                    ranges: [[{ subnet: settings.podCidr }]],
                    routes: [{ dst: "0.0.0.0/0" }],
                },
            },
        ],
    };
}

/** What only the kubelet's own file says where to find. */
export interface KubeletPaths {
    readonly clientAuthority: string;
    readonly certificate: string;
    readonly key: string;
    readonly resolvConf: string;
    readonly podLogs: string;
}

const largestOpenFiles = 1_000_000;

export function kubeletConfig(settings: ClusterSettings, paths: KubeletPaths, machine: Machine): object {
    return {
        apiVersion: "kubelet.config.k8s.io/v1beta1",
        kind: "KubeletConfiguration",
        address: nodeAddress(settings),
        authentication: {
            anonymous: { enabled: false },
            webhook: { enabled: true },
            x509: { clientCAFile: paths.clientAuthority },
        },
        authorization: { mode: "Webhook" },
        tlsCertFile: paths.certificate,
        tlsPrivateKeyFile: paths.key,
        cgroupDriver: "cgroupfs",
        cgroupRoot: `/${cgroupName(settings.name)}`,
        failCgroupV1: false,
        clusterDNS: [dnsServiceAddress(settings)],
        clusterDomain: "cluster.local",
        containerRuntimeEndpoint: `unix://${containerdSocket}`,
        resolvConf: paths.resolvConf,
        podLogsDir: paths.podLogs,
        failSwapOn: false,
        oomScoreAdj: 0,
        maxOpenFiles: Math.min(machine.openFiles, largestOpenFiles),
        serializeImagePulls: false,
        // Once a minute is the default; those who try out an alert wait for it.
        volumeStatsAggPeriod: "10s",
        // Images are loaded, not pulled: one that is collected would not come back.
        imageGCHighThresholdPercent: 100,
        evictionHard: {
            "memory.available": "100Mi",
            "nodefs.available": "1Gi",
            "nodefs.inodesFree": "1%",
            "imagefs.available": "1Gi",
        },
    };
}

/** KubeProxyConfiguration: nftables, and no kernel setting of the whole machine touched. */
export function kubeProxyConfig(settings: ClusterSettings, kubeconfig: string, hostname: string): object {
    const untouched = "0s";
    return {
        apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
        kind: "KubeProxyConfiguration",
        mode: "nftables",
        clusterCIDR: settings.podCidr,
        clientConnection: { kubeconfig },
        hostnameOverride: hostname,
        bindAddress: nodeAddress(settings),
        healthzBindAddress: "127.0.0.1:10256",
        metricsBindAddress: "127.0.0.1:10249",
        nftables: { minSyncPeriod: "100ms" },
        conntrack: {
            maxPerCore: 0,
            min: 0,
            tcpEstablishedTimeout: untouched,
            tcpCloseWaitTimeout: untouched,
            udpTimeout: untouched,
            udpStreamTimeout: untouched,
        },
    };
}

/** The resolver of the node, and of pods with `dnsPolicy: Default`: the cluster's own DNS, so that nothing leaves. */
export function resolvConf(settings: ClusterSettings): string {
    return `nameserver ${nodeAddress(settings)}\n`;
}

/** CoreDNS's Corefile: cluster names are answered, every other name does not exist. */
export function corefile(settings: ClusterSettings, kubeconfig: string): string {
    const address = nodeAddress(settings);
    return `cluster.local:53 in-addr.arpa:53 ip6.arpa:53 {
    bind ${address}
    errors
    kubernetes cluster.local in-addr.arpa ip6.arpa {
        kubeconfig ${JSON.stringify(kubeconfig)}
        pods insecure
        ttl 5
    }
}

.:53 {
    bind ${address}
    errors
    template ANY ANY {
        rcode NXDOMAIN
    }
}
`;
}
