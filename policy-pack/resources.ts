import { fromManifests, isNamespaced, nameIn, type KubeObject } from "./model/object.ts";
import { UNKNOWN } from "./model/unknown.ts";
import { isTree } from "./model/view.ts";

/** What CrossGuard, or a transform in a program, knows of a resource. */
export interface PulumiResource {
    /** Type token, as in `kubernetes:apps/v1:Deployment`. */
    readonly type: string;
    /** Pulumi's name of it. */
    readonly name: string;
    readonly urn: string;
    /** Inputs; a read of one that is unknown may throw, or give `UNKNOWN`. */
    readonly props: unknown;
    readonly protect: boolean;
    /** Resource option `ignoreChanges`. */
    readonly ignoreChanges?: readonly string[];
    /** Namespace that the provider gives to objects without one. */
    readonly defaultNamespace?: string;
    /** Paths below the inputs that are marked as secrets, where the caller can tell. */
    readonly secretPaths?: readonly string[];
}

/** The name of a resource's stack; a URN is urn:pulumi:STACK::PROJECT::TYPE::NAME. */
export function stackOf(urn: string | undefined): string | undefined {
    return urn?.split(":")[2];
}

/** Type token of a Helm release. */
export const RELEASE_TYPE = "kubernetes:helm.sh/v3:Release";

/**
 * A copy of an object as plain data, with `UNKNOWN` where a read throws: CrossGuard hands out proxies that throw at
 * every value that a preview does not know.
 */
export function toPlain(value: unknown): unknown {
    if (Array.isArray(value)) {
        const list: unknown[] = [];
        for (let index = 0; index < value.length; index++) list.push(readPlain(value, index));
        return list;
    }
    if (!isTree(value)) return value;
    return Object.fromEntries(Object.keys(value).map((key) => [key, readPlain(value, key)]));
}

function readPlain(holder: unknown, key: string | number): unknown {
    let value: unknown;
    try {
        value = (holder as Record<string | number, unknown>)[key];
    } catch {
        return UNKNOWN;
    }
    return toPlain(value);
}

/** The Kubernetes objects that a resource makes: one, or the items of a list; none for other providers and patches. */
export function objectsOf(resource: PulumiResource): KubeObject[] {
    const token = /^kubernetes:([^:]+):([^:]+)$/.exec(resource.type);
    const [, version = "", kind = ""] = token ?? [];
    if (token === null || !version.includes("/") || kind.endsWith("Patch")) return [];
    const body = toPlain(resource.props);
    if (!isTree(body)) return [];
    if (resource.type === RELEASE_TYPE) return [releaseObject(resource, body)];
    const apiVersion = typeof body["apiVersion"] === "string" ? body["apiVersion"] : version.replace(/^core\//, "");
    if (kind.endsWith("List")) {
        const items = fromManifests([{ ...body, apiVersion, kind }], resource.defaultNamespace);
        return items.map((object) => ({ ...object, urn: resource.urn, protect: resource.protect }));
    }
    const metadata = isTree(body["metadata"]) ? body["metadata"] : {};
    const given = nameIn(metadata);
    const object = {
        apiVersion,
        kind,
        name: given === "(unnamed)" ? resource.name : given,
        body,
        urn: resource.urn,
        protect: resource.protect,
        ...(resource.ignoreChanges === undefined ? {} : { ignoreChanges: resource.ignoreChanges }),
        ...(resource.secretPaths === undefined ? {} : { secretPaths: resource.secretPaths }),
    };
    return [withNamespace(object, metadata["namespace"], resource.defaultNamespace)];
}

function releaseObject(resource: PulumiResource, body: Record<string, unknown>): KubeObject {
    const object = {
        apiVersion: "helm.sh/v3",
        kind: "Release",
        name: typeof body["name"] === "string" ? body["name"] : resource.name,
        body,
        urn: resource.urn,
        protect: resource.protect,
        ...(resource.secretPaths === undefined ? {} : { secretPaths: resource.secretPaths }),
    };
    return isText(body["namespace"]) ? { ...object, namespace: body["namespace"] } : object;
}

function withNamespace(object: KubeObject, own: unknown, fallback: string | undefined): KubeObject {
    const namespace = isText(own) ? own : isNamespaced(object) ? fallback : undefined;
    return namespace === undefined ? object : { ...object, namespace };
}

/** Without a cluster the provider may write an empty text for a namespace that it does not know. */
function isText(value: unknown): value is string {
    return typeof value === "string" && value !== "";
}
