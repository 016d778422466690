/** Property paths as in `ignoreChanges` and `replaceOnChanges`: `spec.replicas`, `data["a.b"]`, `items[0]`, `items[*].x`. */
import { equal, isSecret, isValues, without } from "./values.ts";
import type { Value, Values } from "./values.ts";

type Key = string | number;

/** Parses a path; `*` stands for any key. */
export function parsePath(path: string): readonly Key[] {
    const keys: Key[] = [];
    for (const match of path.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[(\d+|\*)\]|([^.[\]]+)/g)) {
        const [, quoted, index, plain] = match;
        if (quoted !== undefined) keys.push(quoted.replaceAll('\\"', '"'));
        else if (index !== undefined) keys.push(index === "*" ? "*" : Number(index));
        else if (plain !== undefined) keys.push(plain);
    }
    return keys;
}

/** `inputs` with what the paths name taken from `old`, so that their changes are not seen. */
export function ignoringChanges(inputs: Values, old: Values, paths: readonly string[]): Values {
    let result: Value = inputs;
    for (const path of paths) result = taken(result, old, parsePath(path)) ?? {};
    return result as Values;
}

/** Whether something that one of the paths names differs. `*` alone names everything. */
export function changedAt(before: Values, after: Values, paths: readonly string[]): boolean {
    return paths.some((path) => differs(before, after, parsePath(path)));
}

function taken(target: Value | undefined, source: Value | undefined, path: readonly Key[]): Value | undefined {
    const [key, ...rest] = path;
    if (key === undefined) return source;
    const from = isSecret(source) ? source.value : source;
    const into = isSecret(target) ? target.value : target;
    if (key === "*") {
        const keys = isValues(into)
            ? Object.keys(into)
            : Array.isArray(into)
              ? into.map((_: Value, index: number) => index)
              : [];
        return keys.reduce<Value | undefined>((result, each) => taken(result, source, [each, ...rest]), target);
    }
    if (Array.isArray(into) && typeof key === "number") {
        const items = [...(into as Value[])];
        const item = taken(items[key], Array.isArray(from) ? (from[key] as Value | undefined) : undefined, rest);
        if (item !== undefined) items[key] = item;
        return items;
    }
    if (!isValues(into ?? {})) return target;
    const value = taken((into as Values | undefined)?.[key], isValues(from) ? from[key] : undefined, rest);
    const others = without((into ?? {}) as Values, [String(key)]);
    if (value === undefined) return into === undefined ? undefined : others;
    return { ...others, [key]: value };
}

function differs(before: Value | undefined, after: Value | undefined, path: readonly Key[]): boolean {
    const [key, ...rest] = path;
    if (key === undefined) return !equal(before, after);
    const [a, b] = [isSecret(before) ? before.value : before, isSecret(after) ? after.value : after];
    if (key !== "*") return differs(child(a, key), child(b, key), rest);
    const keys = new Set([...keysOf(a), ...keysOf(b)]);
    return [...keys].some((each) => differs(child(a, each), child(b, each), rest));
}

function keysOf(value: Value | undefined): Key[] {
    if (Array.isArray(value)) return value.map((_: Value, index: number) => index);
    return isValues(value) ? Object.keys(value) : [];
}

function child(value: Value | undefined, key: Key): Value | undefined {
    if (Array.isArray(value)) return typeof key === "number" ? (value[key] as Value | undefined) : undefined;
    return isValues(value) ? value[key] : undefined;
}
