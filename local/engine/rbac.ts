/** The rights that a deployer needs for exactly what a program registers, as Role and ClusterRole. */
import type { Document } from "./render.ts";
import { namespacedByDefault } from "./kube/objects.ts";
import { stringAt, textOf } from "./values.ts";
import type { Values } from "./values.ts";

/** What is done to each object: looked at, made, changed, removed, and waited for. */
const objectVerbs = ["create", "delete", "get", "patch", "watch"];
/** What helm does besides. */
const chartVerbs = [...objectVerbs, "list", "update"];

interface Rule {
    readonly group: string;
    readonly resource: string;
    readonly verbs: readonly string[];
    /** Only objects of these names; creation cannot be limited in this way. */
    readonly names?: readonly string[];
}

/**
 * The roles for `up`, `preview` and `destroy`. Rights in a namespace that the program makes itself have to be given for
 * all namespaces, since nobody can be given rights in one that does not exist; in others they come as a Role.
 */
export function deployerRoles(documents: readonly Document[], name: string): readonly Document[] {
    const made = new Set(
        documents
            .filter(({ object }) => object["kind"] === "Namespace")
            .map(({ object }) => stringAt(object, "metadata", "name")),
    );
    // The engine asks first which cluster it has reached.
    const everywhere: Rule[] = [{ group: "", resource: "namespaces", verbs: ["get"], names: ["kube-system"] }];
    const inNamespace = new Map<string, Rule[]>();
    for (const document of documents) {
        const { object } = document;
        const kind = textOf(object["kind"]);
        const [group, resource] = [groupOf(object), pluralOf(kind)];
        const verbs = document.source.startsWith("release ") ? chartVerbs : objectVerbs;
        if (!namespacedByDefault(kind)) {
            everywhere.push({ group, resource, verbs: ["create"] });
            everywhere.push({
                group,
                resource,
                verbs: verbs.filter((verb) => verb !== "create"),
                names: [stringAt(object, "metadata", "name") ?? ""],
            });
            continue;
        }
        const namespace = stringAt(object, "metadata", "namespace") ?? "default";
        const rules = made.has(namespace) ? everywhere : (inNamespace.get(namespace) ?? []);
        if (!made.has(namespace)) inNamespace.set(namespace, rules);
        rules.push({ group, resource, verbs }, ...explaining(document, kind));
    }
    const needsClass = documents.some(({ object }) => object["kind"] === "PersistentVolumeClaim");
    if (needsClass) everywhere.push({ group: "storage.k8s.io", resource: "storageclasses", verbs: ["get"] });
    const roles: Document[] = [role("ClusterRole", name, undefined, everywhere)];
    for (const [namespace, rules] of [...inNamespace].sort()) roles.push(role("Role", name, namespace, rules));
    return roles;
}

/** What is read in order to wait, and to say why something is not ready. */
function explaining({ source }: Document, kind: string): readonly Rule[] {
    const rules: Rule[] = [];
    const isChart = source.startsWith("release ");
    if (isChart) rules.push({ group: "", resource: "secrets", verbs: chartVerbs }); // helm's own records
    if (kind === "Service" && !isChart)
        rules.push({ group: "discovery.k8s.io", resource: "endpointslices", verbs: ["watch"] });
    if (["DaemonSet", "Deployment", "Job", "Pod", "StatefulSet"].includes(kind)) {
        const more = isChart ? ["get", "list", "watch"] : ["list"];
        rules.push(
            { group: "", resource: "pods", verbs: more },
            { group: "", resource: "pods/log", verbs: ["get"] },
            { group: "", resource: "events", verbs: ["list"] },
        );
        if (isChart) rules.push({ group: "apps", resource: "replicasets", verbs: ["get", "list", "watch"] });
    }
    return rules;
}

function role(kind: string, name: string, namespace: string | undefined, rules: readonly Rule[]): Document {
    const object: Values = {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind,
        metadata: { name, ...(namespace !== undefined && { namespace }) },
        rules: merged(rules).map(({ group, resource, verbs, names }) => ({
            apiGroups: [group],
            resources: [resource],
            ...(names !== undefined && { resourceNames: names }),
            verbs,
        })),
    };
    return {
        source: namespace === undefined ? "rights in the whole cluster" : `rights in namespace ${namespace}`,
        object,
    };
}

/** One rule for each resource, and one for each resource limited to names. */
function merged(rules: readonly Rule[]): readonly Rule[] {
    const found = new Map<string, Rule>();
    for (const rule of rules) {
        const key = `${rule.group}/${rule.resource}/${rule.names === undefined ? "" : "named"}`;
        const before = found.get(key);
        const names = [...new Set([...(before?.names ?? []), ...(rule.names ?? [])])].sort();
        found.set(key, {
            ...rule,
            verbs: [...new Set([...(before?.verbs ?? []), ...rule.verbs])].sort(),
            ...(rule.names !== undefined && { names }),
        });
    }
    return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, rule]) => rule);
}

function groupOf(object: Values): string {
    const apiVersion = textOf(object["apiVersion"]);
    return apiVersion.includes("/") ? (apiVersion.split("/")[0] ?? "") : "";
}

/** The name of a kind in the API, by the rules that Kubernetes' own kinds follow. */
function pluralOf(kind: string): string {
    const name = kind.toLowerCase();
    if (name === "endpoints") return name;
    if (/(s|x|ch)$/.test(name)) return `${name}es`;
    return /[^aeiou]y$/.test(name) ? `${name.slice(0, -1)}ies` : `${name}s`;
}
