/** The rights that a deployer needs for exactly the objects of a stack, as ClusterRole and Roles. */
import { references } from "../components/objectsElsewhere.ts";
import { isTree } from "../policy-pack/model/view.ts";
import type { Tree } from "./render/configuration.ts";
import { isNamespaced, pluralOf } from "./kinds.ts";
import type { RenderedObject } from "./render/objects.ts";

/** What `pulumi up`, `preview --refresh` and `destroy` do with an object; they wait for it with a list and a watch. */
const objectVerbs = ["create", "delete", "get", "list", "patch", "watch"];
/** Helm also replaces objects. */
const releaseVerbs = [...objectVerbs, "update"];
const readVerbs = ["get", "list", "watch"];
const gatewayApi = "gateway.networking.k8s.io";

interface Rule {
    readonly group: string;
    readonly resource: string;
    readonly verbs: readonly string[];
    /** Only the objects of these names; RBAC cannot limit `create` and `list` in this way. */
    readonly names?: readonly string[];
}

/**
 * The roles for a deployer. Rights in a namespace that the program creates hold in all namespaces, because no Role can
 * exist in a namespace before it exists; rights in other namespaces come as a Role there.
 * @param name name of the roles
 */
export function deployerRoles(objects: readonly RenderedObject[], name: string): readonly RenderedObject[] {
    const created = new Set(objects.filter(({ object }) => object["kind"] === "Namespace").map(nameOf));
    // The scripts compare the cluster's identity (the uid of kube-system) with the stack's before they change it.
    const everywhere: Rule[] = [{ group: "", resource: "namespaces", verbs: ["get"], names: ["kube-system"] }];
    const byNamespace = new Map<string, Rule[]>();
    for (const document of objects) {
        const { object, source } = document;
        const kind = String(object["kind"]);
        const target = { group: groupOf(object), resource: pluralOf(kind) };
        const verbs = source.startsWith("release ") ? releaseVerbs : objectVerbs;
        if (!isNamespaced(kind)) {
            const unnamed = verbs.filter((verb) => ["create", "list", "watch"].includes(verb));
            const named = verbs.filter((verb) => !unnamed.includes(verb));
            everywhere.push({ ...target, verbs: unnamed }, { ...target, verbs: named, names: [nameOf(document)] });
            continue;
        }
        everywhere.push(...rulesForClass(object), ...rulesForOperator(object));
        for (const { namespace, ...rule } of rulesForParents(object)) {
            byNamespace.set(namespace, [...(byNamespace.get(namespace) ?? []), rule]);
        }
        const namespace = namespaceOf(document);
        const rules = created.has(namespace) ? everywhere : (byNamespace.get(namespace) ?? []);
        if (!created.has(namespace)) byNamespace.set(namespace, rules);
        rules.push({ ...target, verbs }, ...rulesForWaiting(document, kind));
        rules.push(...rulesForReferences(document, objects));
        // The program looks first whether the namespace of the agent for logs is there.
        if (kind === "DaemonSet") rules.push({ group: "", resource: "namespaces", verbs: ["get"], names: [namespace] });
    }
    return [
        role("ClusterRole", name, undefined, everywhere),
        ...[...byNamespace].sort().map(([namespace, rules]) => role("Role", name, namespace, rules)),
    ];
}

/** The program reads the class of its Gateway first, as a preview does not find that the Gateway API is missing. */
function rulesForClass({ kind, spec }: Tree): readonly Rule[] {
    if (kind !== "Gateway" || !isTree(spec)) return [];
    const target = { group: gatewayApi, resource: "gatewayclasses" };
    return [{ ...target, verbs: ["get"], names: [String(spec["gatewayClassName"])] }];
}

/** Kinds of operators. The program reads their definitions, as a preview does not find that an operator is missing. */
const ofOperators = ["PrometheusRule", "ExternalSecret", "SealedSecret", "Certificate"];

function rulesForOperator(object: Tree): readonly Rule[] {
    const kind = String(object["kind"]);
    const target = { group: "apiextensions.k8s.io", resource: "customresourcedefinitions" };
    const name = `${pluralOf(kind)}.${groupOf(object)}`;
    return ofOperators.includes(kind) ? [{ ...target, verbs: ["get"], names: [name] }] : [];
}

/** It also reads the Gateway of another namespace that its routes attach to. */
function rulesForParents({ kind, spec }: Tree): readonly (Rule & { readonly namespace: string })[] {
    const parents = kind === "HTTPRoute" && isTree(spec) ? (spec["parentRefs"] as readonly Tree[]) : [];
    return parents.flatMap(({ name, namespace }) =>
        typeof namespace === "string"
            ? [{ namespace, group: gatewayApi, resource: "gateways", verbs: ["get"], names: [String(name)] }]
            : [],
    );
}

/** The program looks for Secrets and ConfigMaps that pods refer to and others make, each by its name. */
function rulesForReferences(document: RenderedObject, objects: readonly RenderedObject[]): readonly Rule[] {
    const namespace = namespaceOf(document);
    const rendered = new Set(
        objects
            .filter((other) => namespaceOf(other) === namespace)
            .map((other) => `${String(other.object["kind"])} ${nameOf(other)}`),
    );
    return references(document.object, [])
        .filter(({ kind, name }) => !rendered.has(`${kind} ${name}`))
        .map(({ kind, name }) => ({ group: "", resource: pluralOf(kind), verbs: ["get"], names: [name] }));
}

/** What is read to wait for an object and to explain why it is not ready. */
function rulesForWaiting({ source }: RenderedObject, kind: string): readonly Rule[] {
    const rules: Rule[] = [{ group: "", resource: "events", verbs: readVerbs }];
    if (source.startsWith("release ")) rules.push({ group: "", resource: "secrets", verbs: releaseVerbs }); // its records
    if (kind === "Service")
        rules.push(
            { group: "", resource: "endpoints", verbs: readVerbs },
            { group: "", resource: "pods", verbs: readVerbs },
            { group: "discovery.k8s.io", resource: "endpointslices", verbs: readVerbs },
        );
    if (kind === "Ingress") rules.push({ group: "", resource: "services", verbs: readVerbs });
    if (["DaemonSet", "Deployment", "Job", "Pod", "StatefulSet"].includes(kind))
        rules.push(
            { group: "", resource: "persistentvolumeclaims", verbs: readVerbs },
            { group: "", resource: "pods", verbs: readVerbs },
            { group: "", resource: "pods/log", verbs: ["get"] },
            { group: "apps", resource: "replicasets", verbs: readVerbs },
            ...statusReads,
        );
    return rules;
}

/** What `npm run status` lists, whether or not the stack has any. */
const statusReads: readonly Rule[] = [
    { group: "apps", resource: "deployments", verbs: ["list"] },
    { group: "apps", resource: "statefulsets", verbs: ["list"] },
    { group: "batch", resource: "cronjobs", verbs: ["list"] },
    { group: "batch", resource: "jobs", verbs: ["list"] },
    { group: "", resource: "services", verbs: ["list"] },
    { group: "networking.k8s.io", resource: "ingresses", verbs: ["list"] },
    { group: gatewayApi, resource: "gateways", verbs: ["list"] },
    { group: gatewayApi, resource: "httproutes", verbs: ["list"] },
];

function role(kind: string, name: string, namespace: string | undefined, rules: readonly Rule[]): RenderedObject {
    return {
        source: namespace === undefined ? "rights in the whole cluster" : `rights in namespace ${namespace}`,
        object: {
            apiVersion: "rbac.authorization.k8s.io/v1",
            kind,
            metadata: { name, ...(namespace !== undefined && { namespace }) },
            rules: withoutSpare(merged(rules)).map(({ group, resource, verbs, names }) => ({
                apiGroups: [group],
                resources: [resource],
                ...(names !== undefined && { resourceNames: names }),
                verbs,
            })),
        },
    };
}

/** One rule for each resource, and one for each resource with names. */
function merged(rules: readonly Rule[]): readonly Rule[] {
    const found = new Map<string, Rule>();
    for (const rule of rules) {
        const key = `${rule.group}/${rule.resource}/${rule.names === undefined ? "" : "named"}`;
        const before = found.get(key);
        const unique = (a: readonly string[] = [], b: readonly string[] = []) => [...new Set([...a, ...b])].sort();
        const names = rule.names === undefined ? {} : { names: unique(before?.names, rule.names) };
        found.set(key, { ...rule, verbs: unique(before?.verbs, rule.verbs), ...names });
    }
    return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, rule]) => rule);
}

/** Without the rules for names whose verbs are allowed for all names. */
function withoutSpare(rules: readonly Rule[]): readonly Rule[] {
    return rules.filter(
        ({ group, resource, verbs, names }) =>
            names === undefined ||
            !rules.some(
                (other) =>
                    other.names === undefined &&
                    other.group === group &&
                    other.resource === resource &&
                    verbs.every((verb) => other.verbs.includes(verb)),
            ),
    );
}

function metadataOf(object: Tree): Tree {
    return isTree(object["metadata"]) ? object["metadata"] : {};
}

function nameOf({ object }: RenderedObject): string {
    return String(metadataOf(object)["name"]);
}

function namespaceOf({ object }: RenderedObject): string {
    return String(metadataOf(object)["namespace"]);
}

function groupOf(object: Tree): string {
    const [group = "", version] = String(object["apiVersion"]).split("/");
    return version === undefined ? "" : group;
}
