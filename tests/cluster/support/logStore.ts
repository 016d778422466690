/** A log store (VictoriaLogs) in the shared cluster, which tests ask from this machine. */
import { loadImages } from "../../../local/cluster/index.ts";
import { loggingImages, loggingRecipes } from "../../../local/images/catalogue.ts";
import { buildImages } from "../../../local/images/index.ts";
import { createReport } from "../../../local/report.ts";
import type { Change } from "../../support/configuration.ts";
import { cluster } from "./cluster-name.ts";
import { eventually, get, kubectl, serviceUrl } from "./commands.ts";
import { onCluster } from "./objects.ts";

const namespace = "log-store";
const port = 9428;
const agent = "tradestream-log-agent";
/** Where docs/logging.md puts the agent. */
const agentNamespace = "tradestream-logs";
/** Logs of a collector that does not redact are kept apart from the others. */
const tenants = { redacted: "0", plain: "1" } as const;

/** A line as the store has it, field by field. */
export type StoredLine = Readonly<Record<string, string>>;

/** What a stack is configured with for the store, and of an agent whose image there is. */
export const shipping: Change = {
    "logging.enabled": true,
    "logging.endpoint": `http://store.${namespace}.svc.cluster.local:${port}/insert/opentelemetry`,
    "logging.storeNamespace": namespace,
    "logging.headers": { "VL-Msg-Field": "msg" },
    "logging.image": {
        repository: loggingImages.collector.split(":")[0],
        tag: loggingImages.collector.split(":")[1],
    },
};

/** Brings the images of store and agent to the cluster, and starts the store. */
export async function openLogStore(): Promise<void> {
    const report = createReport();
    const images = await buildImages(report, { recipes: loggingRecipes });
    const archives = images.map(({ archive }) => archive);
    await loadImages(cluster, archives, report);
    const labels = { app: "store" };
    const metadata = { name: "store", namespace, labels };
    const store = {
        name: "store",
        image: loggingImages.store,
        args: [`-httpListenAddr=:${port}`, "-storageDataPath=/data"],
        volumeMounts: [{ name: "data", mountPath: "/data" }],
    };
    await onCluster("create", [
        { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
        { apiVersion: "v1", kind: "Service", metadata, spec: { selector: labels, ports: [{ port }] } },
        {
            apiVersion: "v1",
            kind: "Pod",
            metadata,
            spec: { containers: [store], volumes: [{ name: "data", emptyDir: {} }] },
        },
    ]);
}

/** Removes the store, and the namespace of the agent. */
export async function closeLogStore(): Promise<void> {
    await kubectl("delete", "namespace", namespace, agentNamespace, "--ignore-not-found", "--wait=false");
}

/** The lines of a container, as soon as there are so many. */
export async function storedLines(
    container: string,
    count: number,
    tenant: keyof typeof tenants = "redacted",
): Promise<readonly StoredLine[]> {
    const query = new URLSearchParams({ query: `"k8s.container.name":="${container}"` }).toString();
    const url = `${await serviceUrl("store", namespace)}/select/logsql/query?${query}`;
    return eventually(90, async () => {
        const answer = await fetch(url, { headers: { AccountID: tenants[tenant] } });
        const lines = (await answer.text()).split("\n").filter((line) => line !== "");
        return lines.length >= count ? lines.map((line) => JSON.parse(line) as StoredLine) : undefined;
    });
}

/** Starts the agent a second time, without the processor that redacts. */
export async function startWithoutRedaction(): Promise<void> {
    interface Template {
        readonly metadata: object;
        readonly spec: {
            readonly volumes: readonly { readonly name: string; readonly configMap?: { name: string } }[];
        };
    }
    interface Pipeline {
        readonly exporters: { readonly otlp_http: { readonly headers: Record<string, string> } };
        readonly service: { readonly pipelines: { readonly logs: { processors: readonly string[] } } };
    }
    const [daemonSet] = await get("daemonset", agent, "-n", agentNamespace);
    const { spec } = daemonSet!.spec["template"] as Template;
    const name = spec.volumes.find(({ configMap }) => configMap !== undefined)!.configMap!.name;
    const [configMap] = await get("configmap", name, "-n", agentNamespace);
    const pipeline = JSON.parse(configMap!.data!["config.yaml"]!) as Pipeline;
    const { logs } = pipeline.service.pipelines;
    logs.processors = logs.processors.filter((processor) => processor !== "redaction");
    pipeline.exporters.otlp_http.headers["AccountID"] = tenants.plain;
    const metadata = { name: "plain", namespace: agentNamespace };
    const volumes = spec.volumes.map((volume) =>
        volume.configMap === undefined ? volume : { ...volume, configMap: { name: "plain" } },
    );
    await onCluster("create", [
        { apiVersion: "v1", kind: "ConfigMap", metadata, data: { "config.yaml": JSON.stringify(pipeline) } },
        { apiVersion: "v1", kind: "Pod", metadata, spec: { ...spec, volumes } },
    ]);
}
