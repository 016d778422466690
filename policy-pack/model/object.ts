import { isTree } from "./view.ts";

/** A Kubernetes object (or a Helm Release) as the rules see it. */
export interface KubeObject {
    /** API version, as in `apps/v1`. */
    readonly apiVersion: string;
    /** Kind, as in `Deployment`. */
    readonly kind: string;
    /** Namespace it lands in; absent for cluster-scoped objects and where nothing names one. */
    readonly namespace?: string;
    /** Name; a placeholder where a preview does not know it. */
    readonly name: string;
    /** The whole object: `metadata`, `spec` and so on. May hold `UNKNOWN` anywhere. */
    readonly body: unknown;
    /** The Helm release that the object comes from, if any. */
    readonly release?: string;
    /** URN of the Pulumi resource that makes it. */
    readonly urn?: string;
    /** Whether Pulumi protects it from deletion; absent where nobody can say (a plain manifest). */
    readonly protect?: boolean;
    /** Paths whose changes Pulumi ignores after creation; absent for a plain manifest. */
    readonly ignoreChanges?: readonly string[];
    /** Paths that are marked as secrets, where the caller can tell; the CrossGuard protocol cannot. */
    readonly secretPaths?: readonly string[];
}

/** API groups of the kinds that rules know, so that another group's kind of the same name is left alone. */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
    Pod: [""],
    ReplicationController: [""],
    Service: [""],
    ServiceAccount: [""],
    ConfigMap: [""],
    Secret: [""],
    Namespace: [""],
    PersistentVolume: [""],
    PersistentVolumeClaim: [""],
    ResourceQuota: [""],
    LimitRange: [""],
    Deployment: ["apps", "extensions"],
    StatefulSet: ["apps"],
    DaemonSet: ["apps", "extensions"],
    ReplicaSet: ["apps", "extensions"],
    Job: ["batch"],
    CronJob: ["batch"],
    Ingress: ["networking.k8s.io", "extensions"],
    Gateway: ["gateway.networking.k8s.io"],
    HTTPRoute: ["gateway.networking.k8s.io"],
    GRPCRoute: ["gateway.networking.k8s.io"],
    NetworkPolicy: ["networking.k8s.io", "extensions"],
    HorizontalPodAutoscaler: ["autoscaling"],
    ScaledObject: ["keda.sh"],
    PodDisruptionBudget: ["policy"],
    Role: ["rbac.authorization.k8s.io"],
    ClusterRole: ["rbac.authorization.k8s.io"],
    RoleBinding: ["rbac.authorization.k8s.io"],
    ClusterRoleBinding: ["rbac.authorization.k8s.io"],
    ServiceMonitor: ["monitoring.coreos.com"],
    Certificate: ["cert-manager.io"],
    Issuer: ["cert-manager.io"],
    ExternalSecret: ["external-secrets.io"],
    SealedSecret: ["bitnami.com"],
    SecurityContextConstraints: ["security.openshift.io"],
    Release: ["helm.sh"],
};

/** The kinds that rules know. */
export const KNOWN_KINDS: readonly string[] = Object.keys(GROUPS);

/** Kinds of the list above that live in no namespace. */
export const CLUSTER_SCOPED: ReadonlySet<string> = new Set([
    "Namespace",
    "PersistentVolume",
    "ClusterRole",
    "ClusterRoleBinding",
    "SecurityContextConstraints",
    "Release",
]);

/** Kinds whose pods are meant to run for ever. */
export const LONG_RUNNING_KINDS = [
    "Pod",
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "ReplicaSet",
    "ReplicationController",
] as const;

/** Kinds that hold a pod template (or are a pod). */
export const POD_KINDS = [...LONG_RUNNING_KINDS, "Job", "CronJob"] as const;

/** For rules on what containers say: also kinds whose steps are containers, while the pods around them are made elsewhere. */
export const CONTAINER_KINDS = [...POD_KINDS] as const;

/** The API group of an API version: `apps` of `apps/v1`, the empty group of `v1`. */
export function groupOf(apiVersion: string): string {
    const slash = apiVersion.indexOf("/");
    return slash < 0 ? "" : apiVersion.slice(0, slash);
}

/** The kind when it is the built-in one of that name, else undefined (a custom resource that shares the name). */
export function knownKind(object: Pick<KubeObject, "apiVersion" | "kind">): string | undefined {
    return Object.hasOwn(GROUPS, object.kind) && GROUPS[object.kind]?.includes(groupOf(object.apiVersion))
        ? object.kind
        : undefined;
}

/** Whether the object is of a known kind that lives in a namespace. */
export function isNamespaced(object: KubeObject): boolean {
    const kind = knownKind(object);
    return kind !== undefined && !CLUSTER_SCOPED.has(kind);
}

/** The namespace for look-ups: where nothing names one, the API server takes `default`. */
export function namespaceOf(object: KubeObject): string {
    return object.namespace ?? "default";
}

/** `Deployment tradestream/gateway-api`, the name of an object in reports. */
export function describe(object: KubeObject): string {
    return `${object.kind} ${object.namespace === undefined ? "" : `${object.namespace}/`}${object.name}`;
}

/** Keys and indexes that lead to a part of a document. */
export type Place = readonly (string | number)[];

/**
 * What a document holds: itself, or the items of a list. In a list of one kind, such as a PodList, the items may leave out
 * what the list says. As for kubectl, everything with items is a list. An empty document holds nothing.
 */
export function* itemsOf(
    document: unknown,
    below: Place = [],
): Generator<{ readonly body: unknown; readonly below: Place }> {
    if ((document === null || document === undefined) && below.length === 0) return;
    const { apiVersion, kind, items } = isTree(document) ? document : {};
    if (typeof kind === "string" && kind.endsWith("List") && items === null) return;
    const isList = typeof kind === "string" && Array.isArray(items) && (kind.endsWith("List") || items.length > 0);
    if (!isList) {
        yield { body: document, below };
        return;
    }
    const own = kind.replace(/List$/, "");
    for (const [index, item] of (items as readonly unknown[]).entries()) {
        const isBare = own !== "" && isTree(item) && item["apiVersion"] === undefined && item["kind"] === undefined;
        yield* itemsOf(isBare ? { apiVersion, kind: own, ...item } : item, [...below, "items", index]);
    }
}

/** Whether a value is a Kubernetes object: it has both `apiVersion` and `kind`. */
export function isObject(
    value: unknown,
): value is Record<string, unknown> & { readonly apiVersion: string; readonly kind: string } {
    if (!isTree(value)) return false;
    const { apiVersion, kind } = value;
    return typeof apiVersion === "string" && apiVersion !== "" && typeof kind === "string" && kind !== "";
}

/**
 * Objects of plain manifests: lists are taken apart, and what is no object at all is left out.
 * @param namespace where objects without a namespace land, as with `helm template --namespace`
 */
export function fromManifests(documents: readonly unknown[], namespace?: string, release?: string): KubeObject[] {
    const bodies = documents.flatMap((document) => [...itemsOf(document)].map(({ body }) => body));
    return bodies.filter(isObject).map((body): KubeObject => {
        const { apiVersion, kind } = body;
        const metadata = isTree(body["metadata"]) ? body["metadata"] : {};
        const own = typeof metadata["namespace"] === "string" ? metadata["namespace"] : undefined;
        const bare = { apiVersion, kind, name: nameIn(metadata), body, ...(release === undefined ? {} : { release }) };
        const landsIn = own ?? (isNamespaced(bare) ? namespace : undefined);
        return landsIn === undefined ? bare : { ...bare, namespace: landsIn };
    });
}

/** The name in an object's metadata, else its generated name's prefix, else a placeholder. */
export function nameIn(metadata: Record<string, unknown>): string {
    const { name, generateName } = metadata;
    if (typeof name === "string") return name;
    return typeof generateName === "string" ? `${generateName}*` : "(unnamed)";
}
