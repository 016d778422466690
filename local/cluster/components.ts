/** Writes the components' configuration files and says how each component is started. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { stringify } from "yaml";
import type { ToolName } from "../tools/index.ts";
import { metricsPort } from "./config/addons.ts";
import * as controlPlane from "./config/control-plane.ts";
import { kwokArguments } from "./config/simulated.ts";
import * as nodeFiles from "./config/node.ts";
import { openFilesLimit, has } from "./machine.ts";
import { writeKubeconfig } from "./kubeconfig.ts";
import type { Layout } from "./layout.ts";
import type { Component } from "./processes.ts";
import { nodeAddress, nodeName } from "./settings.ts";
import type { ClusterSettings } from "./settings.ts";

const controlPlaneTools = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"] as const;

/** What a cluster is built of. */
export function neededTools(settings: Pick<ClusterSettings, "simulated">): readonly ToolName[] {
    if (settings.simulated) return ["kubectl", ...controlPlaneTools, "kwok"];
    const node = ["kubelet", "kube-proxy", "containerd", "containerd-shim-runc-v2", "ctr"] as const;
    return ["kubectl", ...controlPlaneTools, ...node, "coredns", "metrics-server", "pause"];
}

/** The components in the order of their start: first what the API needs, then what needs the API. */
export interface Components {
    readonly first: readonly Component[];
    readonly second: readonly Component[];
}

export type Tools = Readonly<Partial<Record<ToolName, string>>>;

/** Writes all configuration files below `layout.config` at each start. */
export function prepareComponents(settings: ClusterSettings, layout: Layout, tools: Tools): Components {
    mkdirSync(layout.config, { recursive: true, mode: 0o700 });
    const file = (name: string, content: string): string => {
        const target = path.join(layout.config, name);
        mkdirSync(path.dirname(target), { recursive: true });
        writeFileSync(target, content);
        return target;
    };
    const kubeconfig = (user: string): string => {
        const target = path.join(layout.config, `${user}.kubeconfig`);
        writeKubeconfig(target, settings, layout.pki, user);
        return target;
    };
    const component = (name: ToolName, options: readonly string[]): Component => {
        const program = tools[name];
        if (program === undefined) throw new Error(`the tool ${name} has not been built`);
        return { name, command: [program, ...options] };
    };
    const audit = file("audit-policy.yaml", stringify(controlPlane.auditPolicy));
    const first = [
        component("etcd", controlPlane.etcdArguments(settings, layout)),
        component("kube-apiserver", controlPlane.apiServerArguments(settings, layout, audit)),
    ];
    const controllers = controlPlane.controllerManagerArguments(settings, layout, kubeconfig("controller-manager"));
    const second = [
        component("kube-controller-manager", controllers),
        component("kube-scheduler", controlPlane.schedulerArguments(settings, kubeconfig("scheduler"))),
    ];
    if (settings.simulated) {
        const stages = path.join(layout.config, "stages.yaml");
        return { first, second: [...second, component("kwok", kwokArguments(settings, kubeconfig("kwok"), stages))] };
    }
    const machine = { mayRaiseLimits: has("SYS_RESOURCE"), openFiles: openFilesLimit() };
    const resolver = file("resolv.conf", nodeFiles.resolvConf(settings));
    const cni = file("cni/10-pods.conflist", JSON.stringify(nodeFiles.cniConfig(settings), undefined, 2));
    const containerd = nodeFiles.containerdConfig(layout.containerd, path.dirname(cni), machine);
    const kubelet = nodeFiles.kubeletConfig(
        settings,
        {
            clientAuthority: path.join(layout.pki, "ca.crt"),
            certificate: path.join(layout.pki, "kubelet-server.crt"),
            key: path.join(layout.pki, "kubelet-server.key"),
            resolvConf: resolver,
            podLogs: layout.podLogs,
        },
        machine,
    );
    const proxy = nodeFiles.kubeProxyConfig(settings, kubeconfig("kube-proxy"), nodeName(settings));
    return {
        first: [...first, component("containerd", [`--config=${file("containerd.toml", containerd)}`])],
        second: [
            ...second,
            component("kubelet", [
                `--config=${file("kubelet.yaml", stringify(kubelet))}`,
                `--kubeconfig=${kubeconfig("kubelet")}`,
                `--hostname-override=${nodeName(settings)}`,
                `--node-ip=${nodeAddress(settings)}`,
                // As for the volumes: how often it looks at the CPU and the memory of containers.
                "--housekeeping-interval=1s",
                "--node-labels=topology.kubernetes.io/region=local,topology.kubernetes.io/zone=local",
            ]),
            component("kube-proxy", [`--config=${file("kube-proxy.yaml", stringify(proxy))}`]),
            component("coredns", [`-conf=${file("Corefile", nodeFiles.corefile(settings, kubeconfig("coredns")))}`]),
            component("metrics-server", metricsArguments(settings, layout, kubeconfig("metrics-client"))),
        ],
    };
}

function metricsArguments(settings: ClusterSettings, layout: Layout, kubeconfig: string): string[] {
    const pki = (name: string): string => path.join(layout.pki, name);
    return [
        `--kubeconfig=${kubeconfig}`,
        `--authentication-kubeconfig=${kubeconfig}`,
        `--authorization-kubeconfig=${kubeconfig}`,
        `--bind-address=${nodeAddress(settings)}`,
        `--secure-port=${metricsPort}`,
        `--tls-cert-file=${pki("metrics-server.crt")}`,
        `--tls-private-key-file=${pki("metrics-server.key")}`,
        "--kubelet-preferred-address-types=InternalIP",
        `--kubelet-certificate-authority=${pki("ca.crt")}`,
        // It must be shorter than the resolution.
        "--kubelet-request-timeout=5s",
        "--metric-resolution=10s",
    ];
}

/** The certificate that signs the servers' certificates, as text. */
export function authorityText(layout: Layout): string {
    return readFileSync(path.join(layout.pki, "ca.crt"), "utf8");
}
