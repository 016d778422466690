/** Metrics of the cluster for Prometheus: kube-state-metrics, which runs beside it, the kubelet, and cert-manager in its pod. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { certManager } from "../../../local/https/objects.ts";
import { createReport } from "../../../local/report.ts";
import { ensureTools } from "../../../local/tools/index.ts";
import { connection } from "./api.ts";
import { get, kubectl, type KubeObject } from "./commands.ts";
import { networkOf } from "./node.ts";
import { namespace } from "./tradestream.ts";

const ports = { kubelet: 10250, certManager: 9402, objects: 8080, itself: 8081 } as const;
/** What alerts ask of the kubelet; it has thousands of other series. */
const ofVolumes = "kubelet_volume_stats_(available|capacity)_bytes";
const ofContainers = "container_(cpu_usage_seconds_total|memory_working_set_bytes)";
const objects = ["cronjobs", "deployments", "horizontalpodautoscalers", "jobs", "pods", "statefulsets"];

export class Sources {
    readonly #pod: KubeObject;
    #stateMetrics: ChildProcess | undefined;

    /** @param pod in whose network Prometheus runs */
    constructor(pod: KubeObject) {
        this.#pod = pod;
    }

    /** Starts kube-state-metrics in the pod's network. */
    async startStateMetrics(): Promise<void> {
        const { "kube-state-metrics": program } = await ensureTools(["kube-state-metrics"], createReport());
        const within = ["--pdeathsig", "SIGKILL", "--", "nsenter", `--net=${networkOf(this.#pod)}`, "--"];
        const listening = ["--host=127.0.0.1", `--port=${ports.objects}`];
        const own = ["--telemetry-host=127.0.0.1", `--telemetry-port=${ports.itself}`];
        const watching = [`--namespaces=${namespace}`, `--resources=${objects.join()}`];
        const command = [program, `--kubeconfig=${process.env["KUBECONFIG"]!}`, ...listening, ...own, ...watching];
        this.#stateMetrics = spawn("setpriv", [...within, ...command], { stdio: "ignore" });
    }

    async stopStateMetrics(): Promise<void> {
        const child = this.#stateMetrics;
        this.#stateMetrics = undefined;
        if (child === undefined) return;
        const closed = once(child, "close");
        if (child.kill("SIGKILL")) await closed;
    }

    /** Scales cert-manager, which is alone in its namespace. */
    async scaleCertManager(replicas: 0 | 1): Promise<void> {
        const { name, namespace: place } = certManager;
        await kubectl("scale", `deployment/${name}`, "-n", place, `--replicas=${replicas}`);
    }

    /** Where cert-manager's metrics are. Without a pod: nowhere. */
    async certManagerTargets(): Promise<readonly object[]> {
        const pods = await get("pods", "-n", certManager.namespace, "-l", `app=${certManager.name}`);
        return pods
            .filter(({ status }) => status["podIP"] !== undefined)
            .map(({ metadata, status }) => ({
                targets: [`${String(status["podIP"])}:${ports.certManager}`],
                // As by a monitor that does not honour labels: the certificate's namespace is `exported_namespace`.
                labels: { namespace: certManager.namespace, pod: metadata.name, job: certManager.name },
            }));
    }

    /** Prometheus' configuration for all but cert-manager. Writes the credentials of the administrator into a directory. */
    scrapes(home: string): readonly object[] {
        const { server, options } = connection();
        const file = (name: string, content: unknown): string => {
            writeFileSync(path.join(home, name), content as Buffer, { mode: 0o600 });
            return path.join(home, name);
        };
        const kubelet = {
            scheme: "https",
            honor_labels: true,
            tls_config: {
                ca_file: file("kubelet-ca.crt", options.ca),
                cert_file: file("kubelet.crt", options.cert),
                key_file: file("kubelet.key", options.key),
            },
            static_configs: [{ targets: [`${new URL(server).hostname}:${ports.kubelet}`] }],
        };
        const only = (regex: string) => [{ source_labels: ["__name__"], regex, action: "keep" }];
        return [
            {
                job_name: "kube-state-metrics",
                honor_labels: true,
                static_configs: [{ targets: [`127.0.0.1:${ports.objects}`] }],
            },
            // The kubelet looks at volumes every ten seconds.
            { ...kubelet, job_name: "kubelet", scrape_interval: "5s", metric_relabel_configs: only(ofVolumes) },
            {
                ...kubelet,
                job_name: "cadvisor",
                metrics_path: "/metrics/cadvisor",
                metric_relabel_configs: only(ofContainers),
            },
        ];
    }
}
