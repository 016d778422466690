/** Turns the issues that zod reports into errors with a key, a reason and the command that fixes it. */
import type { z } from "zod";
import { keyPath, remove, set, setSecret } from "./commands.ts";
import { firstLeaf, placeholder, setting } from "./examples.ts";
import type { ConfigError } from "./index.ts";
import { settingsSchema } from "../schema.ts";
import { secretKeys } from "../secrets.ts";
import { descriptionOf, optionFor, schemaAt, typeName } from "../tree.ts";
import { unknownKeyErrors } from "./unknown.ts";
import { type JsonObject, valueAt } from "../values.ts";

/** Where an issue was found. */
export interface Context {
    readonly schema: z.ZodObject;
    readonly input: JsonObject;
    /** Top-level keys whose values are never shown. */
    readonly hidden: ReadonlySet<string>;
}

const longestShown = 60;

/** The errors that one issue stands for. */
export function issueErrors(issue: z.core.$ZodIssue, { schema, input, hidden }: Context): readonly ConfigError[] {
    if (issue.code === "unrecognized_keys") {
        const seen = hidden.has(String(issue.path[0])) ? {} : input;
        return issue.keys.flatMap((key) => unknownKeyErrors([...issue.path, key], seen));
    }
    const key = keyPath(issue.path);
    const value = valueAt(input, issue.path);
    const wanted = optionFor(schemaAt(schema, issue.path), value);
    const secret = (secretKeys as readonly PropertyKey[]).includes(issue.path[0]!);
    if (issue.code === "invalid_key") {
        return [{ key, problem: `is a wrong name: it ${issue.issues[0]?.message ?? issue.message}`, fix: remove(key) }];
    }
    if (value === null) {
        const problem = `is null (the key has no value): it ${issue.message}`;
        return [{ key, problem, fix: remove(key) }];
    }
    // A number that may be one, as in `cpu: 0.0001`, is not to be put in quotes.
    const isOfType = issue.code === "custom" && typeof value === "number";
    const fixed = secret ? setSecret(firstLeaf(key, wanted).key) : setting(key, wanted, isOfType ? undefined : value);
    if (value === undefined) {
        const purpose = descriptionOf(wanted) ?? `it ${issue.message}`;
        return [{ key, problem: `is missing: ${purpose[0]!.toLowerCase()}${purpose.slice(1)}`, fix: fixed }];
    }
    // Where a ciphertext belongs, the secret itself may stand.
    const isHidden = secret || hidden.has(String(issue.path[0])) || issue.path.includes("sealedSecret");
    const hint = isOfType ? "" : advice(wanted, value, issue.path.length);
    const problem = `${issue.message}${shown(wanted, value, isHidden)}${hint}`;
    return [{ key, problem, fix: isHidden && !secret ? set(key, placeholder(key, wanted)) : fixed }];
}

/** An encrypted value under a key that the program would store in plain text. */
export function encryptedError(key: string): ConfigError {
    const isTree = typeName(settingsSchema.shape[key as keyof typeof settingsSchema.shape]) === "object";
    const path = isTree ? `${key}.<path>` : key;
    return {
        key,
        problem:
            "is encrypted, in whole or in part, but is not a secret: its value would be in plain text in the state and in the cluster",
        fix: `${set(path, "<value>")} --plaintext`,
    };
}

function withArticle(noun: string): string {
    return `${/^[aeiou]/.test(noun) ? "an" : "a"} ${noun}`;
}

function shown(wanted: unknown, value: unknown, hidden: boolean): string {
    if (typeof value === "object") {
        const shape = Array.isArray(value) ? "list" : "object";
        return shape === typeName(wanted) ? "" : `, is ${withArticle(shape)}`;
    }
    // A URL may have a password or a token in it, and a text in PEM may be a key.
    if (hidden || (typeof value === "string" && /:\/\/.*[@?#]|-----BEGIN/s.test(value))) {
        return "";
    }
    const text = JSON.stringify(value);
    return `, is ${text.length > longestShown ? `${text.slice(0, longestShown)}…"` : text}`;
}

/** Why a value that looks right to its author has the wrong type. */
function advice(wanted: unknown, value: unknown, depth: number): string {
    const name = typeName(wanted);
    if (name === "string" && typeof value !== "string" && typeof value !== "object") {
        return " (in the file, put it in quotes)";
    }
    if ((name === "object" || name === "list") && typeof value === "string") {
        return depth === 1 ? " (text that is not JSON)" : " (a single string; set its members one by one)";
    }
    return "";
}
