/** From the strings that Pulumi keeps to typed settings, or to all faults at once. */
import type { z } from "zod";
import { keyPath } from "./errors/commands.ts";
import type { Fault } from "./errors/index.ts";
import { withoutFaulty } from "./unreadable.ts";
import { encryptedFault, issueFaults } from "./errors/issues.ts";
import { checkRules } from "./rules/index.ts";
import { knownKeys, type Settings, settingsSchema } from "./schema.ts";
import { type PlainSecrets, secretKeys, secretsSchema } from "./secrets.ts";
import { specimens } from "./services/index.ts";
import { type Path, typeName } from "./tree.ts";
import { unknownKeyFaults } from "./errors/unknown.ts";
import { fillIn, type JsonObject, valueAt, without } from "./values.ts";

/** A configuration as it was given: key without namespace, value as Pulumi keeps it (objects as JSON). */
export type RawConfig = Readonly<Record<string, string>>;

export interface ParseOptions {
    /** Whether placeholders may stand in for required secrets (previews only). */
    readonly placeholders: boolean;
    /** Top-level keys whose value is encrypted, as a whole or in part. Default: none. */
    readonly encrypted?: ReadonlySet<string>;
}

/** What parsing gives: settings and secrets when there are no faults. */
export type Parsed =
    | { readonly faults: readonly []; readonly settings: Settings; readonly secrets: PlainSecrets }
    | { readonly faults: readonly Fault[]; readonly settings?: undefined; readonly secrets?: undefined };

/** Stands in for required values that are missing, so that the rules can still look at the rest. */
const specimen = { environment: "local", ...specimens };

/** More levels than any configuration has. */
const deepest = 16;

/** Keys that may hold something encrypted: it stays so all the way to where it is used. */
const mayBeEncrypted: ReadonlySet<string> = new Set([...secretKeys, "chart", "kubeconfig"]);

/**
 * Parses and checks a whole configuration.
 * @param raw What the stack sets. Keys with an empty value count as not set.
 */
export function parseConfig(raw: RawConfig, { placeholders, encrypted = new Set() }: ParseOptions): Parsed {
    const given = Object.fromEntries(Object.entries(raw).filter(([, value]) => value !== ""));
    const exposed = Object.keys(given).filter((key) => encrypted.has(key) && !mayBeEncrypted.has(key));
    const plain = parseWith(settingsSchema, decode(given, settingsSchema), specimen, encrypted);
    const secret = parseWith(secretsSchema, decode(given, secretsSchema), {}, new Set(secretKeys));
    const faulty = new Set([...plain.faulty, ...secret.faulty, ...exposed]);
    const faults = [
        ...Object.keys(given)
            .filter((key) => !knownKeys.includes(key))
            .flatMap((key) => unknownKeyFaults([key], {})),
        ...exposed.filter((key) => knownKeys.includes(key)).map(encryptedFault),
        ...plain.faults,
        ...secret.faults,
        ...checkRules({
            settings: withoutFaulty(plain.value, faulty),
            secrets: withoutFaulty(secret.value, faulty),
            placeholders,
        }),
    ];
    return faults.length > 0 ? { faults } : { faults: [], settings: plain.value, secrets: secret.value };
}

/** Reads the text of each key of `schema` as what it wants: JSON for objects, lists, numbers and booleans. */
function decode(raw: RawConfig, schema: z.ZodObject): JsonObject {
    const entries = Object.entries(raw).filter(([key]) => key in schema.shape);
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
    readonly faults: readonly Fault[];
    /** Paths whose value is a stand-in, because the given one is wrong or missing. */
    readonly faulty: readonly string[];
}

/** Parses with `schema`. What is at fault is noted and left out until the rest can be parsed. */
function parseWith<T extends z.ZodObject>(
    schema: T,
    input: JsonObject,
    fallback: JsonObject,
    hidden: ReadonlySet<string>,
): Attempt<z.infer<T>> {
    const first = schema.safeParse(input);
    if (first.success) {
        return { value: first.data, faults: [], faulty: [] };
    }
    const mistyped = new Set(first.error.issues.filter(isType).map(({ path }) => keyPath(path)));
    const faults = first.error.issues
        // Of a value of the wrong type nothing else is worth saying.
        .filter((issue) => isType(issue) || !mistyped.has(keyPath(issue.path)))
        .flatMap((issue) => issueFaults(issue, { schema, input, hidden }));
    const faulty: string[] = [];
    let rest = fillIn(input, fallback);
    let issues: readonly z.core.$ZodIssue[] = first.error.issues;
    for (let depth = 0; issues.length > 0 && depth < deepest; depth++) {
        for (const path of issues.flatMap(pathsAtFault)) {
            // What is missing cannot be taken away; then what lacks it goes.
            const wrong = depth > 0 && valueAt(rest, path) === undefined ? path.slice(0, -1) : path;
            faulty.push(keyPath(wrong));
            rest = fillIn(without(rest, wrong), fallback);
        }
        issues = schema.safeParse(rest).error?.issues ?? [];
    }
    return { value: schema.parse(rest), faults, faulty };
}

function isType({ code }: z.core.$ZodIssue): boolean {
    return code === "invalid_type";
}

/** Lists are taken away as a whole, so that no index moves. */
function pathsAtFault(issue: z.core.$ZodIssue): readonly Path[] {
    const paths = issue.code === "unrecognized_keys" ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
    return paths.map((path) => {
        const index = path.findIndex((part) => typeof part === "number");
        return index < 0 ? path : path.slice(0, index);
    });
}
