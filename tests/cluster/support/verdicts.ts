/** What a real API server says of many objects: server-side dry runs of apply, with strict validation, in parallel. */
import https from "node:https";
import { connection, request, type Resource, resources } from "./api.ts";

/** An object as it is sent. */
export type Body = Readonly<Record<string, unknown>>;

/** What the API server makes of an object: nothing to say, or its reason with the HTTP status. */
export interface Verdict {
    readonly code: number;
    readonly message: string;
}

const PARALLEL = 8;

/** The verdicts on objects, in their order. Those with a namespace are put into one that exists. */
export async function verdicts(bodies: readonly Body[], namespace: string): Promise<readonly Verdict[]> {
    const to = connection();
    const agent = new https.Agent({ ...to.options, keepAlive: true, maxSockets: PARALLEL });
    const served = await resources(to);
    const found: Verdict[] = [];
    let next = 0;
    const worker = async (): Promise<void> => {
        for (let index = next++; index < bodies.length; index = next++) found[index] = await verdict(bodies[index]!);
    };
    const verdict = async (body: Body): Promise<Verdict> => {
        const { apiVersion, kind, metadata } = body as Record<string, string> & { metadata?: Record<string, unknown> };
        const resource = served.find((each) => each.apiVersion === apiVersion && each.kind === kind);
        if (resource === undefined) return { code: 404, message: `no matches for kind ${kind} in ${apiVersion}` };
        const name = metadata?.["name"];
        if (typeof name !== "string" || name === "") return { code: 422, message: "resource name may not be empty" };
        const sent = inNamespace(body, resource, namespace);
        const headers = { "content-type": "application/apply-patch+yaml" };
        const path = `${placeOf(resource, namespace)}/${encodeURIComponent(name)}?${dryRun}`;
        const { code, text } = await request(to, path, { method: "PATCH", headers, agent }, JSON.stringify(sent));
        return { code, message: code < 300 ? "" : String((JSON.parse(text) as { message?: string }).message) };
    };
    try {
        await Promise.all(Array.from({ length: PARALLEL }, worker));
        return found;
    } finally {
        agent.destroy();
    }
}

const dryRun = "dryRun=All&fieldManager=test&fieldValidation=Strict&force=true";

function placeOf({ base, plural, isNamespaced }: Resource, namespace: string): string {
    return `${base}${isNamespaced ? `/namespaces/${namespace}` : ""}/${plural}`;
}

function inNamespace(body: Body, { isNamespaced }: Resource, namespace: string): Body {
    const metadata = body["metadata"] as Record<string, unknown>;
    return isNamespaced && metadata["namespace"] !== undefined
        ? { ...body, metadata: { ...metadata, namespace } }
        : body;
}
