/** The keys that a stack may set, as rows of a table. They follow from the JSON Schema that zod makes of the schema. */
import { z } from "./zod.ts";
import { settingsSchema } from "./schema.ts";
import { secretsSchema } from "./secrets.ts";

/** One place in the configuration. */
export interface Row {
    /** As in `pulumi config set --path`; `[]` is any index, `<name>` is any name. */
    readonly path: string;
    /** Type and form in words. */
    readonly type: string;
    /** Whether the stack must set it. */
    readonly required: boolean;
    /** Default value; `undefined` where there is none. */
    readonly default: unknown;
    readonly description: string;
}

/** A top-level key and the keys below it. */
export interface Entry {
    readonly key: string;
    readonly secret: boolean;
    /** The type that Pulumi.yaml declares. */
    readonly projectType: ProjectType;
    readonly row: Row;
    readonly rows: readonly Row[];
}

type ProjectType = "string" | "integer" | "boolean" | "array" | "object";

/** What the reference reads of a JSON Schema; `form` describes strings in words. */
interface JsonSchema {
    readonly type?: ProjectType;
    readonly form?: string;
    readonly description?: string;
    readonly default?: unknown;
    readonly enum?: readonly string[];
    readonly minimum?: number;
    readonly maximum?: number;
    readonly properties?: Readonly<Record<string, JsonSchema>>;
    readonly required?: readonly string[];
    readonly items?: JsonSchema;
    readonly anyOf?: readonly JsonSchema[];
    readonly additionalProperties?: JsonSchema;
}

/** All top-level keys, plain ones first, in the order of the schema. */
export function reference(): readonly Entry[] {
    return [...entries(settingsSchema, false), ...entries(secretsSchema, true)];
}

function entries(schema: z.ZodObject, secret: boolean): readonly Entry[] {
    const { properties = {}, required = [] } = toJsonSchema(schema);
    return Object.entries(properties).map(([key, child]) => {
        const [row, ...rows] = rowsOf(key, child, required.includes(key)) as [Row, ...Row[]];
        return { key, secret, projectType: child.type ?? "object", row, rows };
    });
}

function toJsonSchema(schema: z.ZodObject): JsonSchema {
    return z.toJSONSchema(schema, {
        io: "input",
        override: ({ zodSchema, jsonSchema }) => {
            if (zodSchema instanceof z.ZodDefault) {
                // zod leaves out the default of a value that it converts, such as `cpu: 1`.
                jsonSchema.default = zodSchema.def.defaultValue;
            } else if (jsonSchema.type === "string" && jsonSchema.enum === undefined) {
                jsonSchema["form"] ??= formOf(zodSchema);
            }
        },
    }) as JsonSchema;
}

function rowsOf(path: string, schema: JsonSchema, required: boolean): readonly Row[] {
    const row: Row = {
        path,
        type: typeText(schema),
        required,
        default: schema.properties === undefined ? schema.default : undefined,
        description: schema.description ?? "",
    };
    return [row, ...childrenOf(path, schema)];
}

function childrenOf(path: string, { properties = {}, required = [], items }: JsonSchema): readonly Row[] {
    const children = Object.entries(properties);
    return items === undefined
        ? children.flatMap(([name, child]) => rowsOf(`${path}.${name}`, child, required.includes(name)))
        : childrenOf(`${path}[]`, items);
}

function typeText(schema: JsonSchema): string {
    if (schema.items !== undefined) {
        return `list of ${each(typeText(schema.items))}`;
    }
    if (schema.additionalProperties) {
        return `map of ${each(typeText(schema.additionalProperties))}`;
    }
    if (schema.enum !== undefined) {
        return `one of ${schema.enum.map((option) => `\`${option}\``).join(", ")}`;
    }
    if (schema.anyOf !== undefined) {
        return schema.anyOf.map(({ type }) => type).join(" or ");
    }
    return schema.form ?? `${schema.type ?? "anything"}${range(schema)}`;
}

function each(type: string): string {
    return type === "anything"
        ? type
        : type.replace(
              /^(string|object|map|host name|label value|origin|DNS name)( or object)?\b/,
              (_, first: string, second?: string) => `${first}s${second === undefined ? "" : `${second}s`}`,
          );
}

function range({ minimum = -Infinity, maximum = Infinity }: JsonSchema): string {
    if (maximum < Number.MAX_SAFE_INTEGER) {
        return `, ${minimum} to ${maximum}`;
    }
    return minimum > Number.MIN_SAFE_INTEGER ? `, ${minimum} or more` : "";
}

/** The form of a string, from the message that refuses any other. */
function formOf(schema: z.core.$ZodType): string {
    const wrong = "\0".repeat(1000);
    const [issue] = z.safeParse(schema, wrong).error?.issues ?? [];
    const form = /^must be (?:an? )?(.*)$/.exec(issue?.message ?? "")?.[1];
    return form ?? (issue === undefined ? "string" : `string; ${issue.message}`);
}
