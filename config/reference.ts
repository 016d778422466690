/** What a stack may say, as rows of a table: made from the schema, so that nothing in it can be out of date. */
import { z } from "./zod.ts";
import { settingsSchema } from "./schema.ts";
import { secretsSchema } from "./secrets.ts";
import { descriptionOf, innermost, isRequired, typeName } from "./tree.ts";

/** One place in the configuration. */
export interface Row {
    /** As in `pulumi config set --path`; `[]` stands for any index, `<name>` for any name. */
    readonly path: string;
    /** Type and form in words. */
    readonly type: string;
    /** Whether the stack must give it. */
    readonly required: boolean;
    /** What holds where the stack says nothing; `undefined` where nothing does. */
    readonly default: unknown;
    readonly description: string;
}

/** A top-level key and what is in it. */
export interface Entry {
    readonly key: string;
    readonly secret: boolean;
    /** The type that Pulumi.yaml declares. */
    readonly projectType: "string" | "integer" | "boolean" | "array" | "object";
    readonly row: Row;
    readonly rows: readonly Row[];
}

/** All top-level keys, plain ones first, in the order of the schema. */
export function reference(): readonly Entry[] {
    return [...entries(settingsSchema, false), ...entries(secretsSchema, true)];
}

function entries(schema: z.ZodObject, secret: boolean): readonly Entry[] {
    return Object.entries(schema.shape).map(([key, child]) => {
        const [row, ...rows] = rowsOf(key, child) as [Row, ...Row[]];
        const type = typeName(child) ?? "object";
        return { key, secret, projectType: type === "list" ? "array" : type, row, rows };
    });
}

function rowsOf(path: string, schema: unknown): readonly Row[] {
    const inner = innermost(schema);
    const isTree = inner instanceof z.ZodObject;
    const row: Row = {
        path,
        type: typeText(schema),
        required: isRequired(schema),
        default: isTree || isRequired(schema) ? undefined : (schema as z.ZodType).parse(undefined),
        description: descriptionOf(schema) ?? "",
    };
    return [row, ...childrenOf(path, inner)];
}

function childrenOf(path: string, schema: unknown): readonly Row[] {
    if (schema instanceof z.ZodObject) {
        return Object.entries(schema.shape).flatMap(([name, child]) => rowsOf(`${path}.${name}`, child));
    }
    return schema instanceof z.ZodArray ? childrenOf(`${path}[]`, innermost(schema.element)) : [];
}

function typeText(schema: unknown): string {
    const inner = innermost(schema);
    if (inner instanceof z.ZodArray) {
        return `list of ${each(typeText(inner.element))}`;
    }
    if (inner instanceof z.ZodRecord) {
        return `map of ${each(typeText(inner.valueType))}`;
    }
    if (inner instanceof z.ZodEnum) {
        return `one of ${inner.options.map((option) => `\`${option}\``).join(", ")}`;
    }
    if (inner instanceof z.ZodNumber) {
        return `integer${range(inner)}`;
    }
    const type = typeName(inner);
    return type === "string" ? formOf(schema) : (type ?? "anything");
}

function each(type: string): string {
    return type === "anything"
        ? type
        : type.replace(/^(string|object|map|host name|label value|origin|DNS name)\b/, "$&s");
}

function range({ minValue, maxValue }: z.ZodNumber): string {
    const [from, to] = [minValue ?? -Infinity, maxValue ?? Infinity];
    if (to < Number.MAX_SAFE_INTEGER) {
        return `, ${from} to ${to}`;
    }
    return from > Number.MIN_SAFE_INTEGER ? `, ${from} or more` : "";
}

/** The form of a string, from the words that refuse another. */
function formOf(schema: unknown): string {
    const wrong = "\0".repeat(1000);
    const [issue] = (schema as z.ZodType).safeParse(wrong).error?.issues ?? [];
    const form = /^must be (?:an? )?(.*)$/.exec(issue?.message ?? "")?.[1];
    return form ?? (issue === undefined ? "string" : `string; ${issue.message}`);
}
