/**
 * The API server of `$KUBECONFIG`, asked from this process: tests look at objects many times a second, and a kubectl for
 * each look takes more of the machine than what they look at.
 */
import { readFileSync } from "node:fs";
import https from "node:https";
import { parseArgs } from "node:util";
import { KubeConfig } from "@kubernetes/client-node";

export interface Answer {
    readonly code: number;
    readonly text: string;
}

/** What the API server serves. */
export interface Resource {
    readonly apiVersion: string;
    readonly kind: string;
    /** For example `/apis/apps/v1`. */
    readonly base: string;
    readonly plural: string;
    readonly isNamespaced: boolean;
    /** Plural, singular and short names. */
    readonly names: readonly string[];
}

/** How requests reach the API server, with the credentials of the current context. */
export interface Connection {
    readonly server: string;
    readonly options: https.AgentOptions;
}

export function connection(): Connection {
    const config = new KubeConfig();
    config.loadFromString(readFileSync(process.env["KUBECONFIG"]!, "utf8"));
    const [cluster, user] = [config.getCurrentCluster()!, config.getCurrentUser()!];
    const bytes = (data: string | undefined, file: string | undefined): Buffer =>
        data === undefined ? readFileSync(file!) : Buffer.from(data, "base64");
    return {
        server: cluster.server,
        options: {
            ca: bytes(cluster.caData, cluster.caFile),
            cert: bytes(user.certData, user.certFile),
            key: bytes(user.keyData, user.keyFile),
        },
    };
}

/** One request; any status is an answer. Without an agent, on a connection of its own. */
export function request(
    { server, options }: Connection,
    path: string,
    more: https.RequestOptions = {},
    body?: string,
): Promise<Answer> {
    return new Promise((resolve, reject) => {
        const sent = https.request(new URL(path, server), { ...options, timeout: 10_000, ...more }, (response) => {
            let text = "";
            response.setEncoding("utf8").on("data", (part: string) => (text += part));
            response.on("error", reject);
            response.on("end", () => resolve({ code: response.statusCode ?? 0, text }));
        });
        sent.on("timeout", () => sent.destroy(new Error(`${path}: no answer`)));
        sent.on("error", reject);
        sent.end(body);
    });
}

/** All resources, of each group in its preferred version first. */
export async function resources(to: Connection): Promise<readonly Resource[]> {
    const accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
    const answers = await Promise.all(["/api", "/apis"].map((path) => request(to, path, { headers: { accept } })));
    return answers.flatMap(({ text }) => (JSON.parse(text) as Discovery).items.flatMap(resourcesOf));
}

interface Discovery {
    readonly items: readonly Group[];
}

interface Group {
    readonly metadata: { readonly name?: string };
    readonly versions: readonly {
        readonly version: string;
        readonly resources?: readonly {
            readonly resource: string;
            readonly responseKind: { readonly kind: string };
            readonly scope: string;
            readonly singularResource: string;
            readonly shortNames?: readonly string[];
        }[];
    }[];
}

function resourcesOf({ metadata: { name: group = "" }, versions }: Group): Resource[] {
    return versions.flatMap(({ version, resources: found = [] }) =>
        found.map(({ resource, responseKind: { kind }, scope, singularResource, shortNames = [] }) => ({
            apiVersion: group === "" ? version : `${group}/${version}`,
            kind,
            base: group === "" ? `/api/${version}` : `/apis/${group}/${version}`,
            plural: resource,
            isNamespaced: scope === "Namespaced",
            names: [resource, singularResource, ...shortNames],
        })),
    );
}

let known: readonly Resource[] = [];

/** As `kubectl get … -o json` with kubectl's own flags: types by comma, a name; -n, -A, -l, --field-selector. */
export async function list(args: readonly string[]): Promise<readonly object[]> {
    const { values, positionals } = parseArgs({
        args: [...args],
        allowPositionals: true,
        options: {
            namespace: { type: "string", short: "n", default: "default" },
            "all-namespaces": { type: "boolean", short: "A" },
            selector: { type: "string", short: "l" },
            "field-selector": { type: "string" },
        },
    });
    const [types, name] = positionals;
    const to = connection();
    const query = new URLSearchParams({
        labelSelector: values.selector ?? "",
        fieldSelector: values["field-selector"] ?? "",
    });
    const found: object[] = [];
    for (const type of types!.split(",")) {
        const { base, plural, isNamespaced, apiVersion, kind } = await resourceOf(to, type);
        const place = isNamespaced && values["all-namespaces"] !== true ? `/namespaces/${values.namespace}` : "";
        const path = `${base}${place}/${plural}${name === undefined ? `?${query.toString()}` : `/${name}`}`;
        const { code, text } = await request(to, path);
        if (code !== 200) throw new Error(`GET ${path}: ${code} ${text}`);
        const parsed = JSON.parse(text) as { readonly items?: readonly Listed[] } & Listed;
        for (const { metadata, ...rest } of parsed.items ?? [parsed])
            found.push({ apiVersion, kind, ...rest, metadata: { ...metadata, managedFields: undefined } });
    }
    return found;
}

/** Items of a list lack their kind. */
interface Listed {
    readonly metadata: object;
}

async function resourceOf(to: Connection, type: string): Promise<Resource> {
    const find = (): Resource | undefined => known.find(({ names }) => names.includes(type));
    if (find() === undefined) known = await resources(to);
    const resource = find();
    if (resource === undefined) throw new Error(`the server has no resource type "${type}"`);
    return resource;
}
