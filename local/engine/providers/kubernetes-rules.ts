/** How the kubernetes provider judges: what needs a new object, what is drift, and what a refusal means. */
import { EngineError } from "../errors.ts";
import { KubeError } from "../kube/client.ts";
import { describeRef, ownedFields, refOf } from "../kube/objects.ts";
import type { KubeObject } from "../kube/objects.ts";
import type { ResourceState } from "../state/types.ts";
import { equal, isObject, plainValues, stringAt, textOf, unknownValue } from "../values.ts";
import type { Value, Values } from "../values.ts";
import { immutableChanges } from "./immutable.ts";
import { annotations, idOf } from "./objects.ts";

/** How far two machines' clocks may differ. Milliseconds. */
const clockTolerance = 60_000;

/** Somebody else has made an object with this name. */
export class ForeignObjectError extends EngineError {
    constructor(live: KubeObject) {
        const by = others(live, "");
        super(
            `${describeRef(refOf(live))} already exists and is not in this stack's state (fields set by ${by}). ` +
                "Delete it or choose another name; to take it over, set upsertExistingObjects on the provider",
        );
    }
}

/** The paths whose change needs a new object: identity and immutable fields. */
export function replacement(before: Values, after: Values): readonly string[] {
    const identity = ["name", "namespace"].filter((key) => {
        const [a, b] = [stringAt(before, "metadata", key), stringAt(after, "metadata", key)];
        return a !== b && b !== unknownValue;
    });
    const kind = before["kind"] === after["kind"] ? [] : ["kind"];
    return [
        ...kind,
        ...identity.map((key) => `metadata.${key}`),
        ...immutableChanges(plainValues(before), plainValues(after)),
    ];
}

/** Whether a field that the engine set has been taken over, changed or removed by somebody else. */
export function hasDrifted(old: ResourceState, live: KubeObject, manager: string): boolean {
    const recorded = ownedFields(plainValues(old.outputs), manager) ?? {};
    return !equal(recorded as Value, (ownedFields(live, manager) ?? {}) as Value);
}

/**
 * Whether an object is what a creation that was interrupted has made: it has fields of ours, or, since an object with
 * nothing but a name has none, it came after the creation began (which was after a look that found nothing).
 */
export function isMadeBy(begun: ResourceState, live: KubeObject, manager: string): boolean {
    if (ownedFields(live, manager) !== undefined) return true;
    const made = Date.parse(textOf(live.metadata["creationTimestamp"]));
    return made >= Date.parse(begun.created ?? "") - clockTolerance;
}

/** Whether every field in conflict was one of ours before somebody took it: one that the last run owned. */
export function wereOurs(old: ResourceState, error: KubeError, manager: string): boolean {
    const ours = new Set(fieldPaths(ownedFields(plainValues(old.outputs), manager) ?? {}));
    return error.causes.length > 0 && error.causes.every(({ field }) => ours.has(field));
}

/** Owned fields, each as the API server writes it in a conflict: `.spec.containers[name="main"].image`. */
function fieldPaths(fields: Readonly<Record<string, unknown>>, prefix = ""): string[] {
    return Object.entries(fields).flatMap(([key, below]) => {
        const path = prefix + pathElement(key);
        return isObject(below) && Object.keys(below).length > 0 ? fieldPaths(below, path) : [path];
    });
}

/** `f:` is a field, `k:` an item of a list by its keys, `v:` by its value, `i:` by its place; `.` the thing itself. */
function pathElement(key: string): string {
    const name = key.slice(2);
    if (key.startsWith("f:")) return `.${name}`;
    if (key.startsWith("v:")) return `[=${name}]`;
    if (key.startsWith("i:")) return `[${name}]`;
    if (!key.startsWith("k:")) return "";
    const keys = Object.entries(JSON.parse(name) as Record<string, unknown>).sort(([a], [b]) => (a < b ? -1 : 1));
    return `[${keys.map(([field, value]) => `${field}=${JSON.stringify(value)}`).join(",")}]`;
}

export function others(live: KubeObject, manager: string): string {
    const names =
        live.metadata.managedFields
            ?.filter((entry) => entry.subresource !== "status") // `scale` changes what is wanted, too
            .map((entry) => entry.manager ?? "unknown") ?? [];
    const unique = [...new Set(names)].filter((name) => name !== manager);
    return unique.length > 0 ? unique.map((name) => `"${name}"`).join(", ") : "somebody";
}

/** The API server's refusal, with a way out where there is one. */
export function explained(error: unknown, inputs: Values): unknown {
    if (!(error instanceof KubeError)) return error;
    const what = `${textOf(inputs["kind"])} ${idOf(inputs)}`;
    if (error.status === 409 && error.causes.some((cause) => cause.reason === "FieldManagerConflict")) {
        const fields = error.causes.map((cause) => `${cause.field} (${cause.message})`).join(", ");
        return new EngineError(
            `${what}: others manage these fields: ${fields}. Leave them out, or overwrite them with the annotation ${annotations.patchForce}: "true"`,
        );
    }
    if (error.status === 422 && error.message.includes("immutable")) {
        return new EngineError(
            `${what}: ${error.message}. To have it deleted and made anew, name the field in the resource option replaceOnChanges`,
        );
    }
    if (error.status === 403) return new EngineError(`${what}: not allowed: ${error.message}`);
    return new EngineError(`${what}: ${error.message}`);
}
