/** Kubernetes objects: where they live in the API, how they are read, applied and deleted. */
import { EngineError } from "../errors.ts";
import { isObject } from "../values.ts";
import type { KubeClient } from "./client.ts";
import { KubeError } from "./client.ts";

/** The manager under which the engine owns fields. */
export const fieldManager = "tradestream-engine";

/** Any Kubernetes object. */
export interface KubeObject {
    readonly apiVersion: string;
    readonly kind: string;
    readonly metadata: Metadata;
    readonly [key: string]: unknown;
}

export interface Metadata {
    readonly name?: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly generation?: number;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly managedFields?: readonly ManagedFields[];
    readonly [key: string]: unknown;
}

export interface ManagedFields {
    readonly manager?: string;
    readonly operation?: string;
    readonly subresource?: string;
    readonly fieldsV1?: Readonly<Record<string, unknown>>;
}

/** Enough to find one object. */
export interface ObjectRef {
    readonly apiVersion: string;
    readonly kind: string;
    readonly namespace: string | undefined;
    readonly name: string;
}

/** How a kind appears in the API. */
export interface Mapping {
    readonly plural: string;
    readonly namespaced: boolean;
}

/** Kinds without namespace, for where no API server can be asked. */
const clusterScoped = new Set([
    "Namespace", "Node", "PersistentVolume", "ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition",
    "StorageClass", "CSIDriver", "CSINode", "VolumeAttachment", "IngressClass", "PriorityClass", "RuntimeClass", "APIService",
    "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration", "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding", "MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding", "FlowSchema",
    "PriorityLevelConfiguration", "ClusterIssuer", "ClusterSecretStore", "ClusterExternalSecret", "CertificateSigningRequest",
    "IPAddress", "ServiceCIDR", "DeviceClass", "ResourceSlice", "GatewayClass", "ClusterTrustBundle",
]); // prettier-ignore

/** Whether objects of a kind live in a namespace, as far as that is known without an API server. */
export function namespacedByDefault(kind: string): boolean {
    return !clusterScoped.has(kind);
}

export function basePath(apiVersion: string): string {
    return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

/** Reads and writes objects of any kind through one client. */
export class Objects {
    readonly client: KubeClient;
    readonly #kinds = new Map<string, Promise<Map<string, Mapping>>>();

    constructor(client: KubeClient) {
        this.client = client;
    }

    /** How the API server calls a kind. Throws an {@link EngineError} when it does not know it. */
    async mapping(apiVersion: string, kind: string, signal?: AbortSignal): Promise<Mapping> {
        const found = (await this.#discover(apiVersion, signal)).get(kind);
        if (found !== undefined) return found;
        this.#kinds.delete(apiVersion); // its CustomResourceDefinition may be made during this run
        const again = (await this.#discover(apiVersion, signal)).get(kind);
        if (again !== undefined) return again;
        throw new UnknownKindError(
            `the cluster knows no ${kind} in ${apiVersion}; is its CustomResourceDefinition installed?`,
        );
    }

    /** Where all objects of a kind in a namespace are. */
    async collection(of: Omit<ObjectRef, "name">, signal?: AbortSignal): Promise<string> {
        const { plural, namespaced } = await this.mapping(of.apiVersion, of.kind, signal);
        const namespace = namespaced ? `/namespaces/${encodeURIComponent(of.namespace ?? "default")}` : "";
        return `${basePath(of.apiVersion)}${namespace}/${plural}`;
    }

    async path(ref: ObjectRef, signal?: AbortSignal): Promise<string> {
        return `${await this.collection(ref, signal)}/${encodeURIComponent(ref.name)}`;
    }

    /** The object, or `undefined` when there is none. */
    async get(ref: ObjectRef, signal?: AbortSignal): Promise<KubeObject | undefined> {
        try {
            return (await this.client.request("GET", await this.path(ref, signal), { signal })) as KubeObject;
        } catch (error) {
            if (error instanceof KubeError && error.status === 404) return undefined;
            throw error;
        }
    }

    /** Server-side apply with strict field validation. Conflicts with other managers are errors unless `force`. */
    async apply(
        object: KubeObject,
        options: { manager: string; force: boolean; dryRun: boolean; signal?: AbortSignal | undefined },
    ): Promise<KubeObject> {
        const query = {
            fieldManager: options.manager,
            fieldValidation: "Strict",
            ...(options.force && { force: "true" }),
            ...(options.dryRun && { dryRun: "All" }),
        };
        return (await this.client.request("PATCH", await this.path(refOf(object), options.signal), {
            query,
            body: object,
            contentType: "application/apply-patch+yaml",
            signal: options.signal,
        })) as KubeObject;
    }

    /** Asks for the deletion of exactly the object with this uid. Returns whether there was one. */
    async delete(ref: ObjectRef, uid: string | undefined, propagation: string, signal?: AbortSignal): Promise<boolean> {
        try {
            await this.client.request("DELETE", await this.path(ref, signal), {
                body: {
                    kind: "DeleteOptions",
                    apiVersion: "v1",
                    propagationPolicy: propagation,
                    ...(uid !== undefined && { preconditions: { uid } }),
                },
                signal,
            });
            return true;
        } catch (error) {
            if (error instanceof UnknownKindError) return false;
            if (error instanceof KubeError && error.status === 404) return false;
            // another object with this name has come in the meantime: ours is gone
            if (error instanceof KubeError && error.status === 409 && uid !== undefined && /uid/i.test(error.message))
                return false;
            throw error;
        }
    }

    async #discover(apiVersion: string, signal?: AbortSignal): Promise<Map<string, Mapping>> {
        let kinds = this.#kinds.get(apiVersion);
        if (kinds === undefined) {
            kinds = this.#fetchKinds(apiVersion, signal);
            this.#kinds.set(apiVersion, kinds);
            kinds.catch(() => this.#kinds.delete(apiVersion));
        }
        return kinds;
    }

    async #fetchKinds(apiVersion: string, signal?: AbortSignal): Promise<Map<string, Mapping>> {
        let list: unknown;
        try {
            list = await this.client.request("GET", basePath(apiVersion), { signal });
        } catch (error) {
            if (error instanceof KubeError && error.status === 404) return new Map();
            throw error;
        }
        const resources = isObject(list) && Array.isArray(list["resources"]) ? list["resources"].filter(isObject) : [];
        return new Map(
            resources
                .filter((resource) => !String(resource["name"]).includes("/"))
                .map((resource) => [
                    String(resource["kind"]),
                    { plural: String(resource["name"]), namespaced: resource["namespaced"] === true },
                ]),
        );
    }
}

/** The API server does not have this kind. */
export class UnknownKindError extends EngineError {
    override name = "UnknownKindError";
}

export function refOf(object: KubeObject): ObjectRef {
    return {
        apiVersion: object.apiVersion,
        kind: object.kind,
        namespace: object.metadata.namespace,
        name: object.metadata.name ?? "",
    };
}

/** `Kind namespace/name`, as an operator calls it. */
export function describeRef(ref: ObjectRef): string {
    return `${ref.kind} ${ref.namespace === undefined ? "" : `${ref.namespace}/`}${ref.name}`;
}

/** The fields that a manager owns by server-side apply. */
export function ownedFields(
    object: { readonly metadata?: Metadata },
    manager: string,
): Readonly<Record<string, unknown>> | undefined {
    return object.metadata?.managedFields?.find(
        (fields) => fields.manager === manager && fields.operation === "Apply" && (fields.subresource ?? "") === "",
    )?.fieldsV1;
}
