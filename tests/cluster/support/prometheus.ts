/** A Prometheus and an Alertmanager in a pod's network, which watch the deployed stack as the operator would have them do. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { prometheusTools } from "../../support/prometheus.ts";
import { eventually, get, type KubeObject } from "./commands.ts";
import { networkOf } from "./node.ts";
import type { Sources } from "./sources.ts";
import { namespace } from "./tradestream.ts";

/** An alert as Alertmanager has it. */
export interface Firing {
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
    readonly startsAt: string;
}

interface Monitor {
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly endpoints: readonly { readonly port: string; readonly path: string; readonly interval: string }[];
}

interface PodMonitor {
    readonly selector: {
        readonly matchLabels: Readonly<Record<string, string>>;
        readonly matchExpressions: readonly { readonly key: string; readonly values: readonly string[] }[];
    };
    readonly podMetricsEndpoints: readonly { readonly port: string }[];
}

interface Slice {
    readonly endpoints?: readonly {
        readonly addresses: readonly string[];
        readonly targetRef?: { readonly name: string };
    }[];
    readonly ports?: readonly { readonly name: string; readonly port: number }[];
}

/** How long a value holds that nothing follows: Prometheus' five minutes, less so that a source that ends is missed soon. */
const lookback = "10s";

export class Watch {
    readonly #home: string;
    readonly #address: string;
    readonly #sources: Sources;
    readonly #children: ChildProcess[] = [];
    readonly #monitor: Monitor;
    #exporters: PodMonitor | undefined;
    #following: NodeJS.Timeout | undefined;
    #stopped = false;

    private constructor(home: string, address: string, monitor: Monitor, sources: Sources) {
        this.#home = home;
        this.#address = address;
        this.#sources = sources;
        this.#monitor = monitor;
    }

    /** Loads the PrometheusRule and the monitors of the stack, and watches from this pod. */
    static async start(pod: KubeObject, sources: Sources): Promise<Watch> {
        const tools = await prometheusTools();
        const home = mkdtempSync(path.join(os.tmpdir(), "tradestream-watch-"));
        const [rules] = await get("prometheusrule", "tradestream-alerts", "-n", namespace);
        const [monitor] = await get("servicemonitor", "tradestream-gateway-api", "-n", namespace);
        const address = String(pod.status["podIP"]);
        const watch = new Watch(home, address, monitor!.spec as unknown as Monitor, sources);
        const [endpoint] = watch.#monitor.endpoints;
        const write = (name: string, content: object): string => watch.#write(name, content);
        const [exporters] = await get("podmonitor", "-n", namespace);
        watch.#exporters = exporters?.spec as unknown as PodMonitor | undefined;
        const files = [{ files: [path.join(home, "targets.json")], refresh_interval: "1s" }];
        write("prometheus.json", {
            global: { scrape_interval: endpoint!.interval, scrape_timeout: "1s", evaluation_interval: "1s" },
            rule_files: [write("rules.json", { groups: rules!.spec["groups"] })],
            alerting: { alertmanagers: [{ static_configs: [{ targets: [`${address}:9093`] }] }] },
            scrape_configs: [
                { job_name: "stack", metrics_path: endpoint!.path, file_sd_configs: files },
                ...sources.scrapes(home),
            ],
        });
        write("alertmanager.json", { route: { receiver: "none" }, receivers: [{ name: "none" }] });
        watch.#spawn(pod, [
            tools.prometheus,
            `--config.file=${path.join(home, "prometheus.json")}`,
            `--storage.tsdb.path=${path.join(home, "prometheus")}`,
            `--web.listen-address=${address}:9090`,
            `--query.lookback-delta=${lookback}`,
        ]);
        watch.#spawn(pod, [
            ...tools.alertmanager,
            `--config.file=${path.join(home, "alertmanager.json")}`,
            `--storage.path=${path.join(home, "alertmanager")}`,
            `--web.listen-address=${address}:9093`,
            "--cluster.listen-address=",
        ]);
        await watch.#follow();
        await eventually(30, async () => ((await watch.alerts()).length >= 0 ? true : undefined));
        return watch;
    }

    /** Alerts that Alertmanager would call somebody for. */
    async alerts(): Promise<readonly Firing[]> {
        const response = await fetch(`http://${this.#address}:9093/api/v2/alerts?active=true`);
        return (await response.json()) as Firing[];
    }

    /** The values of an expression. */
    async query(expression: string): Promise<readonly number[]> {
        const url = `http://${this.#address}:9090/api/v1/query?query=${encodeURIComponent(expression)}`;
        const { data } = (await (await fetch(url)).json()) as { data: { result: { value: [number, string] }[] } };
        return data.result.map(({ value }) => Number(value[1]));
    }

    /** Waits until an expression has a value. */
    async known(expression: string): Promise<void> {
        await eventually(90, async () => ((await this.query(expression)).length > 0 ? true : undefined));
    }

    async stop(): Promise<void> {
        this.#stopped = true;
        clearTimeout(this.#following);
        for (const child of this.#children) {
            const closed = once(child, "close");
            if (child.kill("SIGKILL")) await closed;
        }
        rmSync(this.#home, { recursive: true, force: true });
    }

    #spawn(pod: KubeObject, command: readonly string[]): void {
        const within = ["--pdeathsig", "SIGKILL", "--", "nsenter", `--net=${networkOf(pod)}`, "--"];
        this.#children.push(spawn("setpriv", [...within, ...command], { stdio: "ignore" }));
    }

    /** Keeps the targets up to date. A look that fails is made up for by the next. */
    async #follow(): Promise<void> {
        await this.#look().catch(() => undefined);
        if (!this.#stopped) this.#following = setTimeout(() => void this.#follow(), 2000);
    }

    /** The targets are what the ServiceMonitor selects, with the labels that the operator gives them. */
    async #look(): Promise<void> {
        const [endpoint] = this.#monitor.endpoints;
        const labels = Object.entries(this.#monitor.selector.matchLabels).map(([key, value]) => `${key}=${value}`);
        const services = await get("services", "-n", namespace, "-l", labels.join(","));
        const targets = [];
        for (const { metadata } of services) {
            const selector = ["-n", namespace, "-l", `kubernetes.io/service-name=${metadata.name}`];
            for (const slice of (await get("endpointslices", ...selector)) as unknown as readonly Slice[]) {
                const port = slice.ports?.find(({ name }) => name === endpoint!.port)?.port;
                for (const { addresses, targetRef } of slice.endpoints ?? []) {
                    const of = { namespace, service: metadata.name, job: metadata.name, pod: targetRef!.name };
                    targets.push({ targets: [`${addresses[0]}:${port}`], labels: of });
                }
            }
        }
        const others = [...(await this.#exporterTargets()), ...(await this.#sources.certManagerTargets())];
        this.#write("targets.json", [...targets, ...others]);
    }

    /** The pods that the PodMonitor selects. */
    async #exporterTargets(): Promise<readonly object[]> {
        if (this.#exporters === undefined) return [];
        const { selector, podMetricsEndpoints } = this.#exporters;
        const equal = Object.entries(selector.matchLabels).map(([key, value]) => `${key}=${value}`);
        const within = selector.matchExpressions.map(({ key, values }) => `${key} in (${values.join()})`);
        const pods = await get("pods", "-n", namespace, "-l", [...equal, ...within].join());
        return pods.map(({ metadata, spec, status }) => {
            const { containers } = spec as unknown as {
                readonly containers: readonly {
                    readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
                }[];
            };
            const port = containers[0]!.ports.find(({ name }) => name === podMetricsEndpoints[0]!.port)!.containerPort;
            // They ask a server that may be slow to answer: more time than the interval of the stack.
            const patient = { __scrape_interval__: "3s", __scrape_timeout__: "3s" };
            const labels = { namespace, pod: metadata.name, job: "exporters", ...patient };
            return { targets: [`${String(status["podIP"])}:${port}`], labels };
        });
    }

    #write(name: string, content: object): string {
        const file = path.join(this.#home, name);
        writeFileSync(`${file}.new`, JSON.stringify(content));
        renameSync(`${file}.new`, file);
        return file;
    }
}
