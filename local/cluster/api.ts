/** The few calls that the supervisor makes to the API server, over one kept connection. */
import { readFileSync } from "node:fs";
import https from "node:https";
import path from "node:path";
import type { KubernetesObject } from "./config/addons.ts";
import type { ClusterSettings } from "./settings.ts";
import { apiUrl } from "./settings.ts";

const patience = 10_000;

export class ApiError extends Error {
    readonly status: number;
    constructor(message: string, status: number) {
        super(message);
        this.status = status;
    }
}

export class Api {
    readonly #url: string;
    readonly #agent: https.Agent;

    constructor(settings: ClusterSettings, pki: string) {
        const read = (file: string): Buffer => readFileSync(path.join(pki, file));
        this.#url = apiUrl(settings);
        const identity = { ca: read("ca.crt"), cert: read("supervisor.crt"), key: read("supervisor.key") };
        this.#agent = new https.Agent({ ...identity, keepAlive: true });
    }

    /** One request; the answer parsed as JSON, or as text where it is none. Throws `ApiError` for a refusal. */
    async request<T = unknown>(method: string, resource: string, body?: object, type = "application/json"): Promise<T> {
        const headers = body === undefined ? {} : { "content-type": type };
        const options = { method, agent: this.#agent, headers, timeout: patience };
        return new Promise<T>((resolve, reject) => {
            const request = https.request(`${this.#url}${resource}`, options, (response) => {
                const chunks: Buffer[] = [];
                response.on("data", (chunk: Buffer) => chunks.push(chunk));
                response.on("error", reject);
                response.on("end", () => {
                    const text = Buffer.concat(chunks).toString();
                    const status = response.statusCode ?? 0;
                    if (status >= 300) reject(new ApiError(`${method} ${resource}: ${status} ${text}`, status));
                    else resolve((text.startsWith("{") ? JSON.parse(text) : text) as T);
                });
            });
            request.on("timeout", () => request.destroy(new Error(`${method} ${resource}: no answer`)));
            request.on("error", reject);
            request.end(body === undefined ? undefined : JSON.stringify(body));
        });
    }

    /** Server-side apply. */
    async apply(object: KubernetesObject): Promise<void> {
        const query = "?fieldManager=tradestream-local-cluster&force=true";
        await this.request("PATCH", `${objectPath(object)}${query}`, object, "application/apply-patch+yaml");
    }

    /** Calls `changed` at each event of a collection until the stream ends or `signal` aborts, then resolves. */
    async watch(collection: string, changed: () => void, signal: AbortSignal): Promise<void> {
        const url = `${this.#url}${collection}?watch=1&timeoutSeconds=300`;
        await new Promise<void>((resolve) => {
            const request = https.get(url, { agent: this.#agent, signal }, (response) => {
                // Which events, does not matter: the caller looks at everything again.
                response
                    .on("data", changed)
                    .on("error", () => resolve())
                    .on("close", resolve);
            });
            request.on("error", () => resolve());
        });
    }

    close(): void {
        this.#agent.destroy();
    }
}

const plurals: Readonly<Record<string, string>> = {
    StorageClass: "storageclasses",
    Service: "services",
    EndpointSlice: "endpointslices",
    ClusterRole: "clusterroles",
    ClusterRoleBinding: "clusterrolebindings",
    RoleBinding: "rolebindings",
    APIService: "apiservices",
    PersistentVolume: "persistentvolumes",
    Node: "nodes",
};

/** The path of an object of one of the kinds that this cluster makes. */
export function objectPath({ apiVersion, kind, metadata }: KubernetesObject): string {
    const plural = plurals[kind];
    if (plural === undefined) throw new Error(`no resource is known for the kind ${kind}`);
    const group = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const namespace = metadata.namespace === undefined ? "" : `/namespaces/${metadata.namespace}`;
    return `${group}${namespace}/${plural}/${metadata.name}`;
}
