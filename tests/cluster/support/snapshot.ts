/** What a run leaves behind, in the state and in the cluster, without what chance or time decide: to compare runs with. */
import { get } from "./commands.ts";
import type { Deployment } from "./pulumi.ts";

/** A description of each thing by its name. */
export type Snapshot = Readonly<Record<string, unknown>>;

/** Kinds whose objects somebody makes on purpose; what controllers make of them follows. */
const kinds = [
    ...[
        "configmaps",
        "secrets",
        "services",
        "serviceaccounts",
        "persistentvolumeclaims",
        "deployments",
        "statefulsets",
    ],
    ...["jobs", "cronjobs", "hpa", "pdb", "networkpolicies", "ingresses", "roles", "rolebindings"],
];

/** Chosen by the cluster, or different with each run. `revision` counts helm's attempts. */
const volatile = new Set([
    ...[
        "uid",
        "resourceVersion",
        "generation",
        "creationTimestamp",
        "managedFields",
        "status",
        "clusterIP",
        "clusterIPs",
    ],
    ...[
        "volumeName",
        "created",
        "modified",
        "outputs",
        "revision",
        "provider",
        "initErrors",
        "stackTrace",
        "sourcePosition",
    ],
    // Written on claims by the volume controller, when it comes to look before a volume is there.
    ...["volume.kubernetes.io/storage-provisioner", "volume.beta.kubernetes.io/storage-provisioner"],
]);

/** Everything in a state, by URN. Throws when a URN is there twice or an operation is pending. */
export function stateSnapshot({ resources = [], pending_operations: pending = [] }: Deployment): Snapshot {
    const problems = [
        ...pending.map((operation) => `pending: ${JSON.stringify(operation)}`),
        ...resources.filter((resource) => resource.delete).map(({ urn }) => `not yet deleted: ${urn}`),
        ...resources
            .filter(({ urn }, index) => resources.findIndex((r) => r.urn === urn) < index)
            .map(({ urn }) => `doubled: ${urn}`),
    ];
    if (problems.length > 0) throw new Error(problems.join("\n"));
    return Object.fromEntries(resources.map((resource) => [resource.urn, essence(resource)]));
}

/** The objects of a namespace, by kind and name, those left out that a controller has made. */
export async function clusterSnapshot(namespace: string): Promise<Snapshot> {
    const objects = await get(kinds.join(","), "-n", namespace);
    const scaled = new Set(
        objects.flatMap(({ kind, spec }) =>
            kind === "HorizontalPodAutoscaler" ? [(spec["scaleTargetRef"] as { name: string }).name] : [],
        ),
    );
    const entries = objects
        .filter(({ metadata }) => !("ownerReferences" in metadata))
        .filter(({ metadata }) => metadata.labels?.["status"] !== "superseded") // what helm keeps of earlier attempts
        .map((object) => {
            const { kind, metadata, data } = object;
            const name =
                metadata.labels?.["owner"] === "helm" ? `helm release ${metadata.labels["name"]}` : metadata.name;
            // An autoscaler decides on these replicas.
            const spec = scaled.has(metadata.name) ? { ...object.spec, replicas: undefined } : object.spec;
            const shown = kind === "Secret" ? Object.keys(data ?? {}) : data;
            return [`${kind} ${essence(name) as string}`, essence({ ...object, spec, data: shown })] as const;
        });
    const names = entries.map(([name]) => name);
    const doubled = names.filter((name, index) => names.indexOf(name) < index);
    if (doubled.length > 0) throw new Error(`doubled: ${doubled.join(", ")}`);
    return Object.fromEntries(entries);
}

/** The names that only one of two has, or that differ, each with what is wrong. */
export function differences(wanted: Snapshot, found: Snapshot): readonly string[] {
    const names = new Set([...Object.keys(wanted), ...Object.keys(found)]);
    return [...names].sort().flatMap((name) => {
        if (!(name in found)) return [`lost: ${name}`];
        if (!(name in wanted)) return [`orphaned: ${name}`];
        const [a, b] = [JSON.stringify(wanted[name]), JSON.stringify(found[name])];
        return a === b ? [] : [`differs: ${name}\n  ${a}\n  ${b}`];
    });
}

/** A value without the volatile, keys in order; what looks made by chance is a star. */
function essence(value: unknown): unknown {
    if (Array.isArray(value)) {
        const items = value.map(essence);
        // The order of dependencies is that of their registration.
        return items.every((item) => typeof item === "string" && item.startsWith("urn:")) ? items.sort() : items;
    }
    if (typeof value === "string")
        return value.replace(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b(?=[0-9a-f]*\d)[0-9a-f]{8,}\b/g, "*");
    if (typeof value !== "object" || value === null) return value;
    if ("ciphertext" in value) return "*";
    const kept = Object.entries(value).filter(([key, part]) => !volatile.has(key) && part !== undefined);
    return Object.fromEntries(kept.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, part]) => [key, essence(part)]));
}
