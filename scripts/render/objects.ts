/** From what a program registers to the Kubernetes objects that it leads to, those of its charts included. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import os from "node:os";
import * as pulumi from "@pulumi/pulumi";
import { isObject, itemsOf } from "../../policy-pack/model/object.ts";
import { parseYaml, valueOf } from "../../policy-pack/yaml.ts";
import { isTree, type Tree } from "./configuration.ts";
import type { Registration } from "./program.ts";

export interface RenderedObject {
    /** Where it comes from: `name (type)` of the resource, or `release name`. */
    readonly source: string;
    readonly object: Tree;
}

/** Values that only `up` can know; the text is valid wherever a text is. */
const unknownText = "(known-after-up)";
const hiddenText = "[secret]";

/** The mark of a secret value (sdk/go/common/resource/properties.go in pulumi/pulumi). */
const secretMark = "4dabf18193072939515e22adb298388d";

const clusterScoped =
    /^(Namespace|Node|PersistentVolume|ClusterRole|ClusterRoleBinding|CustomResourceDefinition|StorageClass|IngressClass|PriorityClass|RuntimeClass|APIService|(Mutating|Validating)(WebhookConfiguration|AdmissionPolicy|AdmissionPolicyBinding)|CSIDriver|Cluster(Issuer|SecretStore|ExternalSecret)|GatewayClass)$/;

/** Whether objects of a kind live in a namespace. Custom resources that are not widely used are taken for namespaced. */
export function isNamespaced(kind: unknown): boolean {
    return !clusterScoped.test(String(kind));
}

/** Whether a resource is a Helm release. */
export function isRelease({ type }: Registration): boolean {
    return type === "kubernetes:helm.sh/v3:Release";
}

/** The object of a resource; values of Secrets are hidden. */
export function objectOf({ type, name, inputs }: Registration): RenderedObject {
    const body = plain(inputs) as Tree;
    const given = isTree(body["metadata"]) ? body["metadata"] : {};
    const generatedName = `${name}-${createHash("sha256").update(`${type} ${name}`).digest("hex").slice(0, 8)}`;
    const metadata = { name: generatedName, ...given };
    return { source: `${name} (${type})`, object: placed(hidden({ ...body, metadata }), "default") };
}

/**
 * The objects of a Helm release, by `helm template`. Values go through standard input: no process list shows them.
 * @param directory where relative chart paths start
 * @throws Error with what helm prints
 */
export function objectsOfRelease(
    { name, inputs }: Registration,
    helm: string,
    directory: string,
): readonly RenderedObject[] {
    const release = plain(inputs) as Tree;
    const namespace = text(release["namespace"]) || "default";
    const releaseName = text(release["name"]) || name;
    const options = isTree(release["repositoryOpts"]) ? release["repositoryOpts"] : {};
    const args = ["template", releaseName, text(release["chart"]), "--namespace", namespace, "--values", "-"];
    for (const [flag, value] of [
        ["--version", release["version"]],
        ["--repo", options["repo"]],
    ] as const)
        if (text(value) !== "") args.push(flag, text(value));
    if (release["skipCrds"] !== true) args.push("--include-crds");
    if (release["dependencyUpdate"] === true) args.push("--dependency-update");
    if (release["disableWebhooks"] === true) args.push("--no-hooks");
    const { status, stdout, stderr, error } = spawnSync(helm, args, {
        cwd: directory,
        env: { ...process.env, KUBECONFIG: os.devNull },
        input: JSON.stringify(release["values"] ?? {}),
        encoding: "utf8",
        maxBuffer: 64 * 1024 * 1024,
    });
    if (status !== 0) throw new Error(`helm cannot render ${name}: ${error?.message ?? stderr.trim()}`);
    return parseManifests(name, stdout).map((object) => ({
        source: `release ${releaseName}`,
        object: placed(hidden(object), namespace),
    }));
}

function parseManifests(chart: string, manifests: string): readonly Tree[] {
    const { documents, duplicates } = parseYaml(manifests);
    for (const { key } of duplicates)
        process.stderr.write(`warning: the chart of ${chart} has the key "${key}" twice; the last one counts\n`);
    const bodies = documents.flatMap((document) => [...itemsOf(valueOf(document))].map(({ body }) => body));
    if (!bodies.every(isObject)) throw new Error(`the chart of ${chart} renders a document without apiVersion or kind`);
    return bodies;
}

/** Plain data: without marks, without absent values, `x-kubernetes-…` fields under their names in the API. */
function plain(value: unknown): unknown {
    if (pulumi.isUnknown(value)) return unknownText;
    if (Array.isArray(value)) return value.map(plain);
    if (!isTree(value)) return value;
    if (secretMark in value) return plain(value["value"]);
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
    const value = Buffer.from(hiddenText).toString("base64");
    return keys.length === 0 ? rest : { ...rest, data: Object.fromEntries(keys.map((key) => [key, value])) };
}

/** The object with the namespace that it lands in. */
function placed(object: Tree, namespace: string): Tree {
    const metadata = isTree(object["metadata"]) ? object["metadata"] : {};
    if (metadata["namespace"] !== undefined || !isNamespaced(object["kind"])) return object;
    return { ...object, metadata: { ...metadata, namespace } };
}

function text(value: unknown): string {
    return typeof value === "string" ? value : "";
}
