/** JSON values by path: read, remove, fill in defaults. */
import type { Path } from "./tree.ts";

export type JsonObject = Record<string, unknown>;

/** Whether `value` is an object, not a list. */
export function isObject(value: unknown): value is JsonObject {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value at a path; `undefined` where there is none. */
export function valueAt(root: unknown, path: Path): unknown {
    return path.reduce<unknown>(
        (current, part) => (typeof current === "object" && current !== null ? Reflect.get(current, part) : undefined),
        root,
    );
}

/** `root` without the value at a path. */
export function without(root: JsonObject, path: Path): JsonObject {
    const copy = structuredClone(root);
    const parent = valueAt(copy, path.slice(0, -1));
    const last = path.at(-1);
    if (isObject(parent) && last !== undefined) {
        Reflect.deleteProperty(parent, last);
    }
    return copy;
}

/** `value`, and from `fallback` what it lacks. */
export function fillIn(value: JsonObject, fallback: JsonObject): JsonObject {
    const filled: JsonObject = { ...fallback, ...value };
    for (const [key, below] of Object.entries(fallback)) {
        const above = value[key];
        if (isObject(above) && isObject(below)) {
            filled[key] = fillIn(above, below);
        }
    }
    return filled;
}
