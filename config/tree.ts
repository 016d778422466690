/** Reads a schema as a tree: the schema at a path, the type that it expects, the known names. */
import { z } from "./zod.ts";

/** From the root to a value: names, and indices of lists. */
export type Path = readonly PropertyKey[];

/** Types of values, in the words that messages and the reference use. */
export type TypeName = "object" | "list" | "boolean" | "integer" | "string";

/** The schema inside defaults, optionals and conversions. */
export function innermost(schema: unknown): unknown {
    if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional) {
        return innermost(schema.unwrap());
    }
    return schema instanceof z.ZodPipe ? innermost(schema.out) : schema;
}

/** Of a schema that accepts text or an object, the part for such a value; any other schema as it is. */
export function optionFor(schema: unknown, value: unknown): unknown {
    const inner = innermost(schema);
    if (!(inner instanceof z.ZodUnion)) {
        return schema;
    }
    const isObject = typeof value === "object" && value !== null;
    return inner.options.find((option) => (typeName(option) === "object") === isObject);
}

/** The schema of the value at a path, its defaults included; `undefined` where the schema knows no such place. */
export function schemaAt(schema: unknown, path: Path): unknown {
    return path.reduce<unknown>((current, part) => {
        const inner = innermost(optionFor(current, {}));
        if (inner instanceof z.ZodObject) {
            return inner.shape[String(part)];
        }
        if (inner instanceof z.ZodArray) {
            return inner.element;
        }
        return inner instanceof z.ZodRecord ? inner.valueType : undefined;
    }, schema);
}

export function descriptionOf(schema: unknown): string | undefined {
    return schema instanceof z.ZodType ? schema.description : undefined;
}

/** Whether a value must be given: the schema has no default for it. */
export function isRequired(schema: unknown): boolean {
    return !(schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional);
}

/** The type that a schema expects; `undefined` where it accepts any. */
export function typeName(schema: unknown): TypeName | undefined {
    const inner = innermost(schema);
    switch (inner instanceof z.ZodType ? inner.type : undefined) {
        case "object":
        case "record":
            return "object";
        case "array":
            return "list";
        case "boolean":
            return "boolean";
        case "number":
            return "integer";
        case "string":
        case "enum":
            return "string";
        default:
            return undefined;
    }
}

/** Paths of all named keys below a schema; those in lists are left out. */
export function namedPaths(schema: unknown, path: Path = []): readonly Path[] {
    const inner = innermost(schema);
    return inner instanceof z.ZodObject
        ? Object.entries(inner.shape).flatMap(([name, child]) => [
              [...path, name],
              ...namedPaths(child, [...path, name]),
          ])
        : [];
}
