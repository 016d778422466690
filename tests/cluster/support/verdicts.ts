/** What a real API server says of many objects: server-side dry runs of apply, with strict validation, in parallel. */
import { readFileSync } from "node:fs";
import https from "node:https";
import { KubeConfig } from "@kubernetes/client-node";

/** An object as it is sent. */
export type Body = Readonly<Record<string, unknown>>;

/** What the API server makes of an object: nothing to say, or its reason with the HTTP status. */
export interface Verdict {
    readonly code: number;
    readonly message: string;
}

const PARALLEL = 8;

/** Asks about objects; those with a namespace are put into one that exists. */
export class ApiServer {
    readonly #server: URL;
    readonly #agent: https.Agent;
    readonly #resources = new Map<
        string,
        Promise<ReadonlyMap<string, { readonly plural: string; readonly namespaced: boolean }>>
    >();
    readonly #namespace: string;

    /** @param kubeconfig path of the file */
    constructor(kubeconfig: string, namespace: string) {
        const config = new KubeConfig();
        config.loadFromString(readFileSync(kubeconfig, "utf8"));
        const [cluster, user] = [config.getCurrentCluster()!, config.getCurrentUser()!];
        const bytes = (data: string | undefined, file: string | undefined): Buffer =>
            data === undefined ? readFileSync(file!) : Buffer.from(data, "base64");
        this.#server = new URL(cluster.server);
        this.#namespace = namespace;
        this.#agent = new https.Agent({
            keepAlive: true,
            maxSockets: PARALLEL,
            ca: bytes(cluster.caData, cluster.caFile),
            cert: bytes(user.certData, user.certFile),
            key: bytes(user.keyData, user.keyFile),
        });
    }

    /** The verdicts on objects, in their order. */
    async verdicts(bodies: readonly Body[]): Promise<readonly Verdict[]> {
        const found: Verdict[] = [];
        let next = 0;
        const worker = async (): Promise<void> => {
            for (let index = next++; index < bodies.length; index = next++)
                found[index] = await this.#verdict(bodies[index]!);
        };
        await Promise.all(Array.from({ length: PARALLEL }, worker));
        return found;
    }

    async #verdict(body: Body): Promise<Verdict> {
        const { apiVersion, kind, metadata } = body as Record<string, string> & { metadata?: Record<string, unknown> };
        const group = String(apiVersion);
        const base = group.includes("/") ? `/apis/${group}` : `/api/${group}`;
        const resource = (await this.#resourcesOf(base)).get(String(kind));
        if (resource === undefined) return { code: 404, message: `no matches for kind ${kind} in ${group}` };
        const name = metadata?.["name"];
        if (typeof name !== "string" || name === "") return { code: 422, message: "resource name may not be empty" };
        const where = resource.namespaced ? `${base}/namespaces/${this.#namespace}` : base;
        const target = `${where}/${resource.plural}/${encodeURIComponent(name)}?dryRun=All&fieldManager=test&fieldValidation=Strict&force=true`;
        const sent =
            resource.namespaced && metadata?.["namespace"] !== undefined
                ? { ...body, metadata: { ...metadata, namespace: this.#namespace } }
                : body;
        const { code, text } = await this.#request("PATCH", target, JSON.stringify(sent));
        return { code, message: code < 300 ? "" : String((JSON.parse(text) as { message?: string }).message) };
    }

    #resourcesOf(base: string) {
        let resources = this.#resources.get(base);
        if (resources === undefined) this.#resources.set(base, (resources = this.#discover(base)));
        return resources;
    }

    async #discover(base: string) {
        const { code, text } = await this.#request("GET", base);
        type Listed = { resources?: { name: string; kind: string; namespaced: boolean }[] };
        const { resources = [] } = code === 200 ? (JSON.parse(text) as Listed) : {};
        return new Map(
            resources
                .filter(({ name }) => !name.includes("/"))
                .map(({ name, kind, namespaced }) => [kind, { plural: name, namespaced }]),
        );
    }

    #request(method: string, path: string, body?: string): Promise<{ code: number; text: string }> {
        const headers = body === undefined ? {} : { "content-type": "application/apply-patch+yaml" };
        return new Promise((resolve, reject) => {
            const request = https.request(
                new URL(path, this.#server),
                { method, headers, agent: this.#agent },
                (response) => {
                    let text = "";
                    response.setEncoding("utf8").on("data", (part: string) => (text += part));
                    response.on("end", () => resolve({ code: response.statusCode ?? 0, text }));
                },
            );
            request.on("error", reject);
            request.end(body);
        });
    }

    close(): void {
        this.#agent.destroy();
    }
}
