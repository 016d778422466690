/** Between the inputs of a `kubernetes:*` resource and the object that the API server gets and gives. */
import { randomBytes } from "node:crypto";
import { EngineError } from "../errors.ts";
import { fieldManager } from "../kube/objects.ts";
import type { KubeObject, ObjectRef } from "../kube/objects.ts";
import type { ResourceState } from "../state/types.ts";
import type { Value, Values } from "../values.ts";
import {
    containsUnknown, copySecrets, isSecret, isValues, mapValues, plain, secret, stringAt, unknownValue, valueAt, without, withoutNulls, textOf } from "../values.ts"; // prettier-ignore

export const annotations = {
    autonamed: "pulumi.com/autonamed",
    skipAwait: "pulumi.com/skipAwait",
    timeout: "pulumi.com/timeoutSeconds",
    replaceUnready: "pulumi.com/replaceUnready",
    patchForce: "pulumi.com/patchForce",
    fieldManager: "pulumi.com/patchFieldManager",
    propagation: "pulumi.com/deletionPropagationPolicy",
    waitFor: "pulumi.com/waitFor",
};

/** Fields of metadata that only the API server writes. */
const readOnly = [
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "generation",
    "managedFields",
    "resourceVersion",
    "uid",
];

export function annotation(inputs: Value, name: string): string | undefined {
    return stringAt(inputs, "metadata", "annotations", name);
}

/**
 * Inputs as the official provider checks them: with a name (the old one, or one made of the resource's name) and, for
 * kinds that live in one, a namespace. Values of a Secret are marked as secret even where the program forgot to.
 */
export function checkObject(
    inputs: Values,
    old: ResourceState | undefined,
    resourceName: string,
    options: { readonly namespaced: boolean; readonly namespace: string; readonly autoname: (name: string) => string },
): Values {
    const cleaned = withoutNulls(inputs) as Values;
    const { apiVersion, kind } = cleaned;
    if (typeof apiVersion !== "string" || typeof kind !== "string")
        throw new EngineError("apiVersion and kind must be given as plain text");
    if (kind.endsWith("List") && "items" in cleaned)
        throw new EngineError(`${kind} cannot be made; register its items one by one`);
    const metadata = cleaned["metadata"];
    if (stringAt(cleaned, "metadata", "generateName") !== undefined) {
        throw new EngineError(
            "metadata.generateName does not work with server-side apply; give a name or leave both out",
        );
    }
    if (annotation(cleaned, annotations.waitFor) !== undefined) {
        throw new EngineError(`the annotation ${annotations.waitFor} is not supported by the embedded engine`);
    }
    if (metadata === unknownValue || isSecret(metadata)) return markSecretData(cleaned);
    const given: Values = isValues(metadata) ? without(metadata, readOnly) : {};
    const oldName =
        annotation(old?.inputs ?? {}, annotations.autonamed) === "true"
            ? stringAt(old?.inputs, "metadata", "name")
            : undefined;
    const named = given["name"] !== undefined && given["name"] !== "";
    const existing = given["annotations"];
    const completed: Values = {
        ...given,
        ...(!named && {
            name: oldName ?? options.autoname(resourceName),
            annotations: { ...(isValues(existing) ? existing : {}), [annotations.autonamed]: "true" },
        }),
        ...(options.namespaced && given["namespace"] === undefined && { namespace: options.namespace }),
    };
    return markSecretData({ ...cleaned, metadata: completed });
}

/** A name nobody else has: the resource's name with eight random digits, as the official provider makes it. */
export function autoname(resourceName: string, random: Buffer = randomBytes(4)): string {
    return `${resourceName.toLowerCase().slice(0, 240)}-${random.toString("hex")}`;
}

/** Whether the name was made by the engine, so that another can take its place while both exist. */
export function isAutonamed(inputs: Values): boolean {
    return annotation(inputs, annotations.autonamed) === "true";
}

function markSecretData(inputs: Values): Values {
    if (inputs["apiVersion"] !== "v1" || inputs["kind"] !== "Secret") return inputs;
    return mapValues(inputs, (value, key) => (key === "data" || key === "stringData" ? secretEach(value) : value));
}

/** Each value of a map as a secret of its own, so that the keys can be shown. */
function secretEach(value: Value): Value {
    const inner = isSecret(value) ? value.value : value;
    return isValues(inner) ? mapValues(inner, (item) => secret(item)) : secret(inner);
}

/** The object to send. Plain text of a Secret is encoded here, since the API server would not own it field by field. */
export function toObject(inputs: Values): KubeObject {
    const object = dashed(plain(inputs)) as Values;
    const text = object["stringData"];
    if (object["apiVersion"] !== "v1" || object["kind"] !== "Secret" || !isValues(text))
        return object as unknown as KubeObject;
    const encoded = mapValues(text, (value) =>
        value === unknownValue ? value : Buffer.from(textOf(value)).toString("base64"),
    );
    const data = isValues(object["data"]) ? object["data"] : {};
    return { ...without(object, ["stringData"]), data: { ...data, ...encoded } } as unknown as KubeObject;
}

/** Where the object is that these inputs describe. */
export function refIn(inputs: Values): ObjectRef {
    const [apiVersion = "", kind = ""] = [stringAt(inputs, "apiVersion"), stringAt(inputs, "kind")];
    const [namespace, name = ""] = [stringAt(inputs, "metadata", "namespace"), stringAt(inputs, "metadata", "name")];
    return { apiVersion, kind, namespace, name };
}

/** What the state keeps of an object: as it is in the cluster, and what the official provider keeps beside. */
export function toOutputs(inputs: Values, live: KubeObject, manager: string): Values {
    const values = underscored(live as unknown as Value) as Values;
    const marked = copySecrets(values, inputs) as Values;
    const data =
        live.kind === "Secret" && live.apiVersion === "v1" && marked["data"] !== undefined
            ? { data: secretEach(plain(marked["data"])) }
            : {};
    return {
        ...marked,
        ...data,
        __inputs: inputs,
        __initialApiVersion: live.apiVersion,
        __fieldManager: manager,
    };
}

/** What the program gets to see of the outputs. */
export function publicOutputs(outputs: Values): Values {
    return without(outputs, ["__inputs", "__initialApiVersion", "__fieldManager"]);
}

/** The manager that owns the object's fields: named by annotation, else by the state, else the engine's own. */
export function managerOf(inputs: Values, old: ResourceState | undefined): string {
    const kept = old?.outputs["__fieldManager"];
    return annotation(inputs, annotations.fieldManager) ?? (typeof kept === "string" ? kept : fieldManager);
}

/** `namespace/name`, or the name alone for kinds without namespace. */
export function idOf(object: Value): string {
    const namespace = stringAt(object, "metadata", "namespace");
    const name = stringAt(object, "metadata", "name") ?? "";
    return namespace === undefined ? name : `${namespace}/${name}`;
}

/** Whether the object's name and namespace are known already. */
export function isIdentityKnown(inputs: Values): boolean {
    const metadata = valueAt(inputs, "metadata");
    if (!isValues(metadata)) return false;
    return (
        typeof metadata["name"] === "string" &&
        !containsUnknown(metadata["name"]) &&
        !containsUnknown(metadata["namespace"])
    );
}

/** Schema extensions are called x_kubernetes_… in programs and x-kubernetes-… in Kubernetes. */
function dashed(value: Value): Value {
    return renamed(value, (key) => (key.startsWith("x_kubernetes_") ? key.replaceAll("_", "-") : key));
}

function underscored(value: Value): Value {
    return renamed(value, (key) => (key.startsWith("x-kubernetes-") ? key.replaceAll("-", "_") : key));
}

function renamed(value: Value, rename: (key: string) => string): Value {
    if (Array.isArray(value)) return value.map((item: Value) => renamed(item, rename));
    if (!isValues(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [rename(key), renamed(item, rename)]));
}
