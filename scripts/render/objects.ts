/** From what a program registers to the Kubernetes objects that it leads to, those of its charts included. */
import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { createRenderer } from "../../policy-pack/release.ts";
import { RELEASE_TYPE } from "../../policy-pack/resources.ts";
import { PARAMETERS } from "../../policy-pack/schema.ts";
import { isTree } from "../../policy-pack/model/view.ts";
import { isNamespaced } from "../kinds.ts";
import type { Tree } from "./configuration.ts";
import type { Registration } from "./program.ts";

export interface RenderedObject {
    /** Where it comes from: `name (type)` of the resource, or `release name`. */
    readonly source: string;
    readonly object: Tree;
}

const render = createRenderer();

/**
 * The objects that a resource leads to: itself, or those of a Helm release. Values of Secrets are hidden.
 * @param warn Takes what Helm accepts but should be looked at. Default: nobody does
 * @throws Error with what helm prints
 */
export async function objectsOf(
    resource: Registration,
    helm: string,
    warn: (text: string) => void = () => undefined,
): Promise<readonly RenderedObject[]> {
    if (resource.type !== RELEASE_TYPE) return [objectOf(resource)];
    const { name, inputs } = resource;
    const body = plain(inputs) as Tree;
    const { namespace = "default", name: release = name } = body as Readonly<Record<string, string | undefined>>;
    // As the policy pack renders it.
    const rendered = await render(
        { apiVersion: "helm.sh/v3", kind: "Release", name: release, namespace, body },
        { helm, directories: [process.cwd()], kubernetesVersion: PARAMETERS.kubernetesVersion.default },
    );
    if (rendered.outcome !== "rendered")
        throw new Error(`${name}: ${rendered.outcome === "failed" ? rendered.reason : "unknown before the update"}`);
    for (const warning of rendered.warnings) warn(warning);
    return rendered.objects.map((object) => ({
        source: `release ${release}`,
        object: placed(hidden(object.body as Tree), namespace),
    }));
}

function objectOf({ type, name, inputs }: Registration): RenderedObject {
    const body = plain(inputs) as Tree;
    const given = isTree(body["metadata"]) ? body["metadata"] : {};
    const generatedName = `${name}-${createHash("sha256").update(`${type} ${name}`).digest("hex").slice(0, 8)}`;
    const metadata = { name: generatedName, ...given };
    return { source: `${name} (${type})`, object: placed(hidden({ ...body, metadata }), "default") };
}

/** Plain data: without marks, without absent values, `x-kubernetes-…` fields under their names in the API. */
function plain(value: unknown): unknown {
    if (pulumi.isUnknown(value)) return "(known-after-up)"; // Valid wherever a text is.
    if (Array.isArray(value)) return value.map(plain);
    if (!isTree(value)) return value;
    if (pulumi.runtime.specialSigKey in value) return plain(value["value"]); // the mark of a secret
    return Object.fromEntries(
        Object.entries(value)
            .filter(([, item]) => item !== null && item !== undefined)
            .map(([key, item]) => [key.startsWith("x_kubernetes_") ? key.replaceAll("_", "-") : key, plain(item)]),
    );
}

/** A Secret with its keys, and a text in place of each value. */
function hidden(object: Tree): Tree {
    if (object["kind"] !== "Secret" || object["apiVersion"] !== "v1") return object;
    const { data, stringData, ...rest } = object;
    const keys = [data, stringData].flatMap((part) => (isTree(part) ? Object.keys(part) : []));
    // The API server reads credentials of a registry.
    const value = (key: string) => (/^\.docker(cfg|configjson)$/.test(key) ? '{"auths":{}}' : "[secret]");
    const entries = keys.map((key) => [key, Buffer.from(value(key)).toString("base64")]);
    return keys.length === 0 ? rest : { ...rest, data: Object.fromEntries(entries) as Tree };
}

/** The object with the namespace that it lands in. */
function placed(object: Tree, namespace: string): Tree {
    const metadata = isTree(object["metadata"]) ? object["metadata"] : {};
    if (metadata["namespace"] !== undefined || !isNamespaced(object["kind"])) return object;
    return { ...object, metadata: { ...metadata, namespace } };
}
