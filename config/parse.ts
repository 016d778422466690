/** From the strings that Pulumi keeps to typed settings, or to all errors at once. */
import type { z } from "zod";
import { keyPath } from "./errors/commands.ts";
import type { ConfigError } from "./errors/index.ts";
import { message } from "./errors/messages.ts";
import { withoutInvalid } from "./unreadable.ts";
import { encryptedError, issueErrors } from "./errors/issues.ts";
import type { OtherStack } from "./otherStacks.ts";
import { checkRules } from "./rules/index.ts";
import { knownKeys, type Settings, settingsSchema } from "./schema.ts";
import { type PlainSecrets, secretKeys, secretsSchema } from "./secrets.ts";
import { stubValues } from "./services/index.ts";
import { type Path, typeName } from "./tree.ts";
import { unknownKeyErrors } from "./errors/unknown.ts";
import { fillIn, type JsonObject, valueAt, without } from "./values.ts";

/** A configuration as it was given: key without namespace, value as Pulumi keeps it (objects as JSON). */
export type RawConfig = Readonly<Record<string, string>>;

export interface ParseOptions {
    /** Whether placeholders may replace required secrets (previews only). */
    readonly placeholders: boolean;
    /** Whether this machine's kubeconfig is the one that the run uses. Default: false. */
    readonly usesCluster?: boolean;
    /** The other stacks of the project. Default: none. */
    readonly others?: readonly OtherStack[];
    /** Top-level keys whose value is encrypted, as a whole or in part. Default: none. */
    readonly encrypted?: ReadonlySet<string>;
    /** Errors that were found before; they come first. Default: none. */
    readonly earlier?: readonly ConfigError[];
}

/** Result of parsing: settings and secrets, or errors. */
export type Parsed =
    | { readonly errors: readonly []; readonly settings: Settings; readonly secrets: PlainSecrets }
    | { readonly errors: readonly ConfigError[]; readonly settings?: undefined; readonly secrets?: undefined };

/** Replaces required values that are missing, so that the rules can still check the rest. */
const stub = { environment: "local", ...stubValues };

/** Deeper than any configuration; ends the loop. */
const deepest = 16;

/** Keys that may hold encrypted values: the program keeps these encrypted wherever it uses them. */
const mayBeEncrypted: ReadonlySet<string> = new Set([...secretKeys, "chart", "kubeconfig"]);

/**
 * Parses and checks a whole configuration.
 * @param raw What the stack sets. Known keys with an empty value count as not set.
 */
export function parseConfig(
    raw: RawConfig,
    { placeholders, usesCluster = false, others = [], encrypted = new Set(), earlier = [] }: ParseOptions,
): Parsed {
    const given = Object.fromEntries(Object.entries(raw).filter(([, value]) => value !== ""));
    const exposed = Object.keys(given).filter((key) => encrypted.has(key) && !mayBeEncrypted.has(key));
    const plain = parseWith(settingsSchema, decode(given, settingsSchema), stub, encrypted);
    const secret = parseWith(secretsSchema, decode(given, secretsSchema), {}, new Set(secretKeys));
    const invalid = new Set([...plain.invalid, ...secret.invalid, ...exposed]);
    const errors = [
        ...earlier,
        ...Object.keys(raw)
            .filter((key) => !knownKeys.includes(key))
            .flatMap((key) => unknownKeyErrors([key], {})),
        ...exposed.filter((key) => knownKeys.includes(key)).map(encryptedError),
        ...plain.errors,
        ...secret.errors,
        ...checkRules({
            settings: withoutInvalid(plain.value, invalid),
            secrets: withoutInvalid(secret.value, invalid),
            placeholders,
            usesCluster,
            others,
        }),
    ];
    return errors.length > 0 ? { errors } : { errors: [], settings: plain.value, secrets: secret.value };
}

/** Decodes the text of each key of `schema`: JSON for objects, lists, numbers and booleans. */
function decode(raw: RawConfig, schema: z.ZodObject): JsonObject {
    const entries = Object.entries(raw).filter(([key]) => Object.hasOwn(schema.shape, key));
    return Object.fromEntries(
        entries.map(([key, text]) => [key, typeName(schema.shape[key]) === "string" ? text : fromJson(text)]),
    );
}

function fromJson(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        // Left as text, which the schema then refuses with the type that it wants.
        return text;
    }
}

interface Attempt<T> {
    readonly value: T;
    readonly errors: readonly ConfigError[];
    /** Paths whose value is a placeholder, because the given one is invalid or missing. */
    readonly invalid: readonly string[];
}

/** Parses with `schema`. Invalid values are reported and left out until the rest can be parsed. */
function parseWith<T extends z.ZodObject>(
    schema: T,
    input: JsonObject,
    fallback: JsonObject,
    hidden: ReadonlySet<string>,
): Attempt<z.infer<T>> {
    const first = schema.safeParse(input, { error: message });
    if (first.success) {
        return { value: first.data, errors: [], invalid: [] };
    }
    const found = first.error.issues.flatMap(withoutUnions);
    const mistyped = new Set(found.filter(isType).map(({ path }) => keyPath(path)));
    const errors = found
        // Further findings about a value of the wrong type do not help.
        .filter((issue) => isType(issue) || !mistyped.has(keyPath(issue.path)))
        .flatMap((issue) => issueErrors(issue, { schema, input, hidden }));
    const invalid: string[] = [];
    let rest = fillIn(input, fallback);
    let issues: readonly z.core.$ZodIssue[] = first.error.issues;
    for (let depth = 0; issues.length > 0 && depth < deepest; depth++) {
        for (const path of issues.flatMap(pathsOf)) {
            // A missing value cannot be removed; then its parent is.
            const wrong = depth > 0 && valueAt(rest, path) === undefined ? path.slice(0, -1) : path;
            invalid.push(keyPath(wrong));
            rest = fillIn(without(rest, wrong), fallback);
        }
        issues = schema.safeParse(rest).error?.issues ?? [];
    }
    return { value: schema.parse(rest), errors, invalid };
}

/** Of a value that may be text or an object, the issues of the form that it has; of any other, the issue as it is. */
function withoutUnions(issue: z.core.$ZodIssue): readonly z.core.$ZodIssue[] {
    if (issue.code !== "invalid_union") {
        return [issue];
    }
    const ofForm = issue.errors.find((issues) => !issues.some((one) => isType(one) && one.path.length === 0));
    return (ofForm ?? issue.errors[0] ?? []).map((one) => ({ ...one, path: [...issue.path, ...one.path] }));
}

function isType({ code }: z.core.$ZodIssue): boolean {
    return code === "invalid_type";
}

/** Paths of the values to remove. Lists are removed as a whole, so that no index changes. */
function pathsOf(issue: z.core.$ZodIssue): readonly Path[] {
    const paths = issue.code === "unrecognized_keys" ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
    return paths.map((path) => {
        const index = path.findIndex((part) => typeof part === "number");
        return index < 0 ? path : path.slice(0, index);
    });
}
