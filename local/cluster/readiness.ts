/** When is the cluster up? Asked of the parts themselves. */
import { Resolver } from "node:dns/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { V1Lease, V1Node } from "@kubernetes/client-node";
import { ApiError } from "./api.ts";
import type { Api } from "./api.ts";
import { authorityText } from "./components.ts";
import { addonObjects } from "./config/addons.ts";
import { simulatedNode } from "./config/simulated.ts";
import type { Layout } from "./layout.ts";
import { nodeAddress, nodeName } from "./settings.ts";
import type { ClusterSettings } from "./settings.ts";

const interval = 100;
const limit = 120_000;

/**
 * Asks again until the answer is yes; an error counts as a no. After two minutes it throws `problem` with the last error
 * that the question had, and at once when `signal` aborts.
 */
export async function until(question: () => Promise<boolean>, signal: AbortSignal, problem: string): Promise<void> {
    const deadline = performance.now() + limit;
    for (;;) {
        const [answer, doubt] = await question().then(
            (yes) => [yes, ""] as const,
            (error: unknown) => [false, ` (${error instanceof Error ? error.message : String(error)})`] as const,
        );
        if (answer) return;
        signal.throwIfAborted();
        if (performance.now() > deadline) throw new Error(`${problem}${doubt}`);
        await sleep(interval);
    }
}

export async function apiIsReady(api: Api): Promise<boolean> {
    return (await api.request<string>("GET", "/readyz")) === "ok";
}

export async function applyAddons(api: Api, settings: ClusterSettings, layout: Layout): Promise<void> {
    const objects = addonObjects(settings, authorityText(layout));
    if (settings.simulated) objects.push(simulatedNode(settings));
    await Promise.all(objects.map((object) => api.apply(object)));
    if (settings.simulated) await removeLease(api, settings);
}

/** An earlier KWOK's claim to the node, which keeps a new one from it until it has run out. */
async function removeLease(api: Api, settings: ClusterSettings): Promise<void> {
    try {
        await api.request("DELETE", leasePath(settings));
    } catch (error) {
        if (!(error instanceof ApiError) || error.status !== 404) throw error;
    }
}

function leasePath(settings: ClusterSettings): string {
    return `/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/${nodeName(settings)}`;
}

/** Whether the node is ready now; what it said before this start does not count. */
export async function nodeIsReady(api: Api, settings: ClusterSettings, began: Date): Promise<boolean> {
    const node = await api.request<V1Node>("GET", `/api/v1/nodes/${nodeName(settings)}`);
    const ready = node.status?.conditions?.find(({ type }) => type === "Ready");
    // KWOK renews its lease often, but a condition only every ten minutes.
    const lease = settings.simulated ? await api.request<V1Lease>("GET", leasePath(settings)) : undefined;
    const said = new Date(lease?.spec?.renewTime ?? ready?.lastHeartbeatTime ?? 0).getTime();
    const accounts = await api.request("GET", "/api/v1/namespaces/default/serviceaccounts/default");
    // The kubelet reports times in whole seconds.
    return ready?.status === "True" && said + 1000 >= began.getTime() && accounts !== undefined;
}

/** Whether DNS knows the API server, and the API server reaches metrics-server. */
export async function servicesAnswer(api: Api, settings: ClusterSettings): Promise<boolean> {
    const resolver = new Resolver({ timeout: 1000, tries: 1 });
    resolver.setServers([nodeAddress(settings)]);
    const addresses = await resolver.resolve4("kubernetes.default.svc.cluster.local");
    await api.request("GET", "/apis/metrics.k8s.io/v1beta1");
    return addresses.length > 0;
}
