/** Commands that set a value when only its path and type are known. */
import { z } from "../zod.ts";
import { inTurn, remove, set } from "./commands.ts";
import { innermost, isRequired, type TypeName, typeName } from "../tree.ts";

/** The command that sets `key`, or what comes first in it; in its own type where the given value has a wrong one. */
export function setting(key: string, schema: unknown, given: unknown): string {
    const leaf = firstLeaf(key, schema);
    if (leaf.key !== key) {
        const command = set(leaf.key, placeholder(leaf.key, leaf.schema));
        return given === undefined ? command : inTurn(remove(key), command);
    }
    return set(key, converted(typeName(schema), given) ?? placeholder(key, schema));
}

/** The first value in an object or a list that a command can set, a required one if there is any. */
export function firstLeaf(key: string, schema: unknown): { readonly key: string; readonly schema: unknown } {
    const inner = innermost(schema);
    if (inner instanceof z.ZodArray) {
        return firstLeaf(`${key}[0]`, inner.element);
    }
    if (inner instanceof z.ZodObject) {
        const children: [string, unknown][] = Object.entries(inner.shape);
        const [name, child] = children.find(([, schema]) => isRequired(schema)) ?? children[0]!;
        return firstLeaf(`${key}.${name}`, child);
    }
    return inner instanceof z.ZodRecord ? firstLeaf(`${key}.<name>`, inner.valueType) : { key, schema };
}

/** Placeholder in a command for a value that the operator must choose. */
export function placeholder(key: string, schema: unknown): string {
    const inner = innermost(schema);
    if (inner instanceof z.ZodEnum) {
        return `<${inner.options.join("|")}>`;
    }
    switch (typeName(inner)) {
        case "boolean":
            return "<true|false>";
        case "integer":
            return "<integer>";
        default:
            return `<${/([\w-]+)$/.exec(key)?.[1] ?? "value"}>`;
    }
}

/** The value in the expected type, where the conversion is obvious. */
function converted(type: TypeName | undefined, value: unknown): string | number | boolean | undefined {
    if (type === "string" && (Number.isInteger(value) || typeof value === "boolean")) {
        return String(value);
    }
    if (type === "integer" && typeof value === "string" && /^\d{1,9}$/.test(value)) {
        return Number(value);
    }
    if (type === "boolean" && /^(yes|true|on|no|false|off)$/i.test(String(value))) {
        return /^(yes|true|on)$/i.test(String(value));
    }
    return undefined;
}
