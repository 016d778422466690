/** Command lines and policies of etcd, the API server, the controllers and the scheduler. Pure. */
import path from "node:path";
import { nodeAddress, simulatedPorts } from "../settings.ts";
import type { ClusterSettings } from "../settings.ts";
import type { Layout } from "../layout.ts";

/** Ports inside the node's own network; a simulated cluster has no such network and takes a row of ports instead. */
const nodePorts = { etcd: 2379, etcdPeer: 2380, controllerManager: 10257, scheduler: 10259 } as const;

function port(settings: ClusterSettings, of: keyof typeof nodePorts): string {
    return String(settings.simulated ? settings.apiPort + simulatedPorts[of] : nodePorts[of]);
}

export function etcdArguments(settings: ClusterSettings, layout: Layout): string[] {
    const client = `https://127.0.0.1:${port(settings, "etcd")}`;
    const peer = `https://127.0.0.1:${port(settings, "etcdPeer")}`;
    const pki = (file: string): string => path.join(layout.pki, file);
    return [
        "--name=node",
        `--data-dir=${layout.etcd}`,
        `--listen-client-urls=${client}`,
        `--advertise-client-urls=${client}`,
        `--listen-peer-urls=${peer}`,
        `--initial-advertise-peer-urls=${peer}`,
        `--initial-cluster=node=${peer}`,
        "--client-cert-auth",
        "--peer-client-cert-auth",
        `--trusted-ca-file=${pki("etcd-ca.crt")}`,
        `--peer-trusted-ca-file=${pki("etcd-ca.crt")}`,
        `--cert-file=${pki("etcd.crt")}`,
        `--peer-cert-file=${pki("etcd.crt")}`,
        `--key-file=${pki("etcd.key")}`,
        `--peer-key-file=${pki("etcd.key")}`,
        "--auto-compaction-mode=periodic",
        "--auto-compaction-retention=1h",
        "--log-level=warn",
    ];
}

export function apiServerArguments(settings: ClusterSettings, layout: Layout, auditPolicy: string): string[] {
    const pki = (file: string): string => path.join(layout.pki, file);
    const address = nodeAddress(settings);
    // The Endpoints of the Service `kubernetes` may not be a loopback address; a simulated pod never asks it.
    const place = settings.simulated
        ? [`--bind-address=${address}`, "--endpoint-reconciler-type=none"]
        : [`--advertise-address=${address}`];
    return [
        ...place,
        `--secure-port=${settings.apiPort}`,
        `--service-cluster-ip-range=${settings.serviceCidr}`,
        "--allow-privileged=true",
        "--authorization-mode=Node,RBAC",
        "--enable-admission-plugins=NodeRestriction",
        "--profiling=false",
        `--etcd-servers=https://127.0.0.1:${port(settings, "etcd")}`,
        `--etcd-cafile=${pki("etcd-ca.crt")}`,
        `--etcd-certfile=${pki("etcd.crt")}`,
        `--etcd-keyfile=${pki("etcd.key")}`,
        `--client-ca-file=${pki("ca.crt")}`,
        `--tls-cert-file=${pki("apiserver.crt")}`,
        `--tls-private-key-file=${pki("apiserver.key")}`,
        // By address: nothing resolves the node's name, and logs and exec would fail.
        "--kubelet-preferred-address-types=InternalIP",
        `--kubelet-certificate-authority=${pki("ca.crt")}`,
        `--kubelet-client-certificate=${pki("apiserver-kubelet-client.crt")}`,
        `--kubelet-client-key=${pki("apiserver-kubelet-client.key")}`,
        `--proxy-client-cert-file=${pki("front-proxy-client.crt")}`,
        `--proxy-client-key-file=${pki("front-proxy-client.key")}`,
        `--requestheader-client-ca-file=${pki("front-proxy-ca.crt")}`,
        "--requestheader-allowed-names=front-proxy-client",
        "--requestheader-username-headers=X-Remote-User",
        "--requestheader-group-headers=X-Remote-Group",
        "--requestheader-extra-headers-prefix=X-Remote-Extra-",
        "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
        `--service-account-key-file=${pki("service-accounts.pub")}`,
        `--service-account-signing-key-file=${pki("service-accounts.key")}`,
        `--audit-policy-file=${auditPolicy}`,
        `--audit-log-path=${path.join(layout.logs, "audit.log")}`,
        "--audit-log-maxsize=50",
        "--audit-log-maxbackup=1",
    ];
}

export function controllerManagerArguments(settings: ClusterSettings, layout: Layout, kubeconfig: string): string[] {
    const pki = (file: string): string => path.join(layout.pki, file);
    return [
        `--kubeconfig=${kubeconfig}`,
        "--leader-elect=false",
        "--bind-address=127.0.0.1",
        `--secure-port=${port(settings, "controllerManager")}`,
        "--profiling=false",
        `--root-ca-file=${pki("ca.crt")}`,
        `--service-account-private-key-file=${pki("service-accounts.key")}`,
        `--cluster-signing-cert-file=${pki("ca.crt")}`,
        `--cluster-signing-key-file=${pki("ca.key")}`,
        // A fresh pod's first minutes count for autoscaling here: nobody waits five minutes on a workbench.
        "--horizontal-pod-autoscaler-cpu-initialization-period=30s",
    ];
}

export function schedulerArguments(settings: ClusterSettings, kubeconfig: string): string[] {
    return [
        `--kubeconfig=${kubeconfig}`,
        "--leader-elect=false",
        "--bind-address=127.0.0.1",
        `--secure-port=${port(settings, "scheduler")}`,
        "--profiling=false",
    ];
}

/** Records who asked for what (no bodies, so no secrets); the cluster's own components are left out. */
export const auditPolicy = {
    apiVersion: "audit.k8s.io/v1",
    kind: "Policy",
    omitStages: ["RequestReceived"],
    rules: [
        {
            level: "None",
            users: [
                "system:apiserver",
                "system:kube-controller-manager",
                "system:kube-scheduler",
                "system:kube-proxy",
                "system:coredns",
                "system:metrics-server",
                "system:kwok",
                "system:tradestream-supervisor",
                "system:anonymous",
            ],
        },
        { level: "None", userGroups: ["system:nodes"] },
        { level: "Metadata" },
    ],
};
