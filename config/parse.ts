/** From the strings that Pulumi keeps to typed settings, or to all faults at once. */
import { z } from "zod";
import { type Fault, keyPath, nearest, remove, set, setSecret } from "./faults.ts";
import { checkRules } from "./rules.ts";
import { knownKeys, type Settings, settingsSchema } from "./schema.ts";
import { type PlainSecrets, secretKeys, secretsSchema } from "./secrets.ts";

/** A configuration as it was given: key without namespace, value as Pulumi keeps it (objects as JSON). */
export type RawConfig = Readonly<Record<string, string>>;

/** What parsing gives: settings and secrets when there are no faults. */
export type Parsed =
    | { readonly faults: readonly []; readonly settings: Settings; readonly secrets: PlainSecrets }
    | { readonly faults: readonly Fault[]; readonly settings?: undefined; readonly secrets?: undefined };

type Path = readonly PropertyKey[];
type JsonObject = Record<string, unknown>;

/** Stands in for required values that are missing, so that the rules can still look at the rest. */
const specimen = {
    environment: "local",
    gatewayApi: { urls: { api: "https://api.example", frontend: "https://example" } },
};

/**
 * Parses and checks a whole configuration.
 * @param raw What the stack sets. Keys with an empty value count as not set.
 * @param options.placeholders Whether placeholders may stand in for required secrets (previews only).
 */
export function parseConfig(raw: RawConfig, options: { readonly placeholders: boolean }): Parsed {
    const faults: Fault[] = [];
    const given = Object.fromEntries(Object.entries(raw).filter(([, value]) => value !== ""));
    for (const key of Object.keys(given).filter((key) => !knownKeys.includes(key))) {
        faults.push(unknownKey([key], knownKeys));
    }
    const plainInput = decode(given, settingsSchema);
    const secretInput = decode(given, secretsSchema);
    const settings = parseWith(settingsSchema, plainInput, specimen, faults, false);
    const secrets = parseWith(secretsSchema, secretInput, {}, faults, true);
    const known = new Set(faults.map((fault) => fault.key));
    faults.push(...checkRules(settings, secrets, options).filter((fault) => !known.has(fault.key)));
    return faults.length > 0 ? { faults } : { faults: [], settings, secrets };
}

/** Reads the text of each key of `schema` as what it wants: JSON for objects, lists, numbers and booleans. */
function decode(raw: RawConfig, schema: z.ZodObject): JsonObject {
    const entries = Object.entries(raw).filter(([key]) => key in schema.shape);
    return Object.fromEntries(
        entries.map(([key, text]) => [key, wantsText(schema.shape[key]) ? text : fromJson(text)]),
    );
}

function wantsText(schema: unknown): boolean {
    const inner = innermost(schema);
    return inner instanceof z.ZodString || inner instanceof z.ZodEnum;
}

function fromJson(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        // Left as text, which the schema then refuses with the type that it wants.
        return text;
    }
}

/** Parses with `schema`; each fault is noted, and what is at fault is left out so that the rest can be parsed. */
function parseWith<T extends z.ZodObject>(
    schema: T,
    input: JsonObject,
    fallback: JsonObject,
    faults: Fault[],
    secret: boolean,
): z.infer<T> {
    const first = schema.safeParse(input);
    if (first.success) {
        return first.data;
    }
    const mended = structuredClone(input);
    for (const issue of first.error.issues) {
        faults.push(...faultsOf(issue, input, schema, secret));
        const paths = issue.code === "unrecognized_keys" ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
        paths.forEach((path) => removeAt(mended, path));
    }
    const second = schema.safeParse(mergeBelow(mended, fallback));
    return second.success ? second.data : schema.parse(fallback);
}

function faultsOf(issue: z.core.$ZodIssue, input: JsonObject, schema: z.ZodObject, secret: boolean): readonly Fault[] {
    if (issue.code === "unrecognized_keys") {
        const parent = schemaAt(schema, issue.path);
        const known = parent instanceof z.ZodObject ? Object.keys(parent.shape) : [];
        return issue.keys.map((key) => unknownKey([...issue.path, key], known));
    }
    const key = keyPath(issue.path);
    const value = valueAt(input, issue.path);
    const shown = secret || value === undefined || typeof value === "object" ? "" : `, is ${JSON.stringify(value)}`;
    const problem =
        value === undefined ? `is missing: it ${sentence(issue, schema)}` : `${sentence(issue, schema)}${shown}`;
    return [{ key, problem, remedy: secret ? setSecret(key) : set(key, example(schemaAt(schema, issue.path))) }];
}

function sentence(issue: z.core.$ZodIssue, schema: z.ZodObject): string {
    switch (issue.code) {
        case "invalid_type":
            return `must be ${article(typeName(schemaAt(schema, issue.path)) ?? issue.expected)}`;
        case "invalid_value":
            return `must be one of ${issue.values.map(String).join(", ")}`;
        case "too_small":
            return issue.origin === "array"
                ? `must have ${issue.minimum} entries or more`
                : issue.origin === "string"
                  ? issue.message
                  : `must be ${issue.minimum} or more`;
        case "too_big":
            return issue.origin === "string" ? issue.message : `must be ${issue.maximum} or less`;
        case "invalid_key":
            return issue.issues[0]?.message ?? issue.message;
        default:
            return issue.message;
    }
}

function unknownKey(path: Path, known: readonly string[]): Fault {
    const key = keyPath(path);
    const name = String(path.at(-1));
    const moved = movedKeys[key] ?? (path.length === 1 ? undefined : secretHome(name));
    const near = nearest(name, known);
    const hint =
        moved !== undefined
            ? `; it is the top-level secret ${moved}`
            : near !== undefined
              ? `; did you mean ${keyPath([...path.slice(0, -1), near])}?`
              : "";
    return { key, problem: `is not a known key${hint}`, remedy: moved !== undefined ? setSecret(moved) : remove(key) };
}

/** Where the spec's values.yaml keeps secrets, and the secret key that takes their place. */
const movedKeys: Readonly<Record<string, string>> = {
    "oauthSecrets.google": "googleClientId, googleClientSecret",
    "oauthSecrets.github": "githubClientId, githubClientSecret",
};

function secretHome(name: string): string | undefined {
    return (secretKeys as readonly string[]).includes(name) ? name : undefined;
}

function innermost(schema: unknown): unknown {
    let current = schema;
    while (
        current instanceof z.ZodDefault ||
        current instanceof z.ZodPrefault ||
        current instanceof z.ZodOptional ||
        current instanceof z.ZodNullable
    ) {
        current = current.unwrap();
    }
    return current;
}

function schemaAt(schema: unknown, path: Path): unknown {
    return path.reduce<unknown>((current, part) => {
        if (current instanceof z.ZodObject) {
            return innermost(current.shape[String(part)]);
        }
        if (current instanceof z.ZodArray) {
            return innermost(current.element);
        }
        return current instanceof z.ZodRecord ? innermost(current.valueType) : undefined;
    }, innermost(schema));
}

function typeName(schema: unknown): string | undefined {
    const names: readonly [abstract new (...args: never[]) => unknown, string][] = [
        [z.ZodObject, "object"],
        [z.ZodRecord, "object"],
        [z.ZodArray, "list"],
        [z.ZodBoolean, "boolean"],
        [z.ZodNumber, "integer"],
        [z.ZodString, "string"],
        [z.ZodEnum, "string"],
    ];
    return names.find(([type]) => schema instanceof type)?.[1];
}

function article(noun: string): string {
    return `${/^[aeiou]/.test(noun) ? "an" : "a"} ${noun}`;
}

function example(schema: unknown): string {
    if (schema instanceof z.ZodEnum) {
        return `<${schema.options.join("|")}>`;
    }
    return `<${typeName(schema) ?? "value"}>`;
}

function valueAt(value: unknown, path: Path): unknown {
    return path.reduce<unknown>((current, part) => (current as JsonObject | undefined)?.[part as string], value);
}

function removeAt(root: JsonObject, path: Path): void {
    const parent = valueAt(root, path.slice(0, -1)) as JsonObject | unknown[] | undefined;
    const last = path.at(-1);
    if (Array.isArray(parent)) {
        parent.splice(Number(last), 1);
    } else if (parent !== undefined && parent !== null && last !== undefined) {
        delete parent[last as string];
    }
}

function mergeBelow(value: JsonObject, fallback: JsonObject): JsonObject {
    const merged: JsonObject = { ...fallback, ...value };
    for (const [key, below] of Object.entries(fallback)) {
        const above = value[key];
        if (isObject(above) && isObject(below)) {
            merged[key] = mergeBelow(above, below);
        }
    }
    return merged;
}

function isObject(value: unknown): value is JsonObject {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
