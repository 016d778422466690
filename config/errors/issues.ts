/** What zod finds, in the words of an operator: what is wrong, and the command that mends it. */
import type { z } from "zod";
import { keyPath, remove, set, setSecret } from "./commands.ts";
import { firstLeaf, placeholder, setting } from "./examples.ts";
import type { Fault } from "./index.ts";
import { settingsSchema } from "../schema.ts";
import { secretKeys } from "../secrets.ts";
import { descriptionOf, schemaAt, typeName } from "../tree.ts";
import { unknownKeyFaults } from "./unknown.ts";
import { type JsonObject, valueAt } from "../values.ts";

/** Where an issue was found. */
export interface Context {
    readonly schema: z.ZodObject;
    readonly input: JsonObject;
    /** Top-level keys whose values are never shown. */
    readonly hidden: ReadonlySet<string>;
}

const longestShown = 60;

/** The faults that one issue stands for. */
export function issueFaults(issue: z.core.$ZodIssue, { schema, input, hidden }: Context): readonly Fault[] {
    if (issue.code === "unrecognized_keys") {
        const seen = hidden.has(String(issue.path[0])) ? {} : input;
        return issue.keys.flatMap((key) => unknownKeyFaults([...issue.path, key], seen));
    }
    const key = keyPath(issue.path);
    const wanted = schemaAt(schema, issue.path);
    const value = valueAt(input, issue.path);
    const secret = (secretKeys as readonly PropertyKey[]).includes(issue.path[0]!);
    if (issue.code === "invalid_key") {
        return [
            { key, problem: `is a wrong name: it ${issue.issues[0]?.message ?? issue.message}`, remedy: remove(key) },
        ];
    }
    if (value === null) {
        const problem = `is null (nothing stands behind the key): it ${requirement(issue, wanted)}`;
        return [{ key, problem, remedy: remove(key) }];
    }
    const mended = secret ? setSecret(firstLeaf(key, wanted).key) : setting(key, wanted, value);
    if (value === undefined) {
        const purpose = descriptionOf(wanted) ?? `it ${requirement(issue, wanted)}`;
        return [{ key, problem: `is missing: ${purpose[0]!.toLowerCase()}${purpose.slice(1)}`, remedy: mended }];
    }
    const isHidden = secret || hidden.has(String(issue.path[0]));
    const text = requirement(issue, wanted);
    const problem = `${text}${shown(wanted, value, isHidden)}${advice(wanted, value, issue.path.length)}`;
    return [{ key, problem, remedy: isHidden && !secret ? set(key, placeholder(key, wanted)) : mended }];
}

/** A value that is encrypted, where nothing keeps it so. */
export function encryptedFault(key: string): Fault {
    const isTree = typeName(settingsSchema.shape[key as keyof typeof settingsSchema.shape]) === "object";
    const path = isTree ? `${key}.<path>` : key;
    return {
        key,
        problem:
            "is encrypted, in whole or in part, but is no secret: what it holds would stand in plain text in state and cluster",
        remedy: `${set(path, "<value>")} --plaintext`,
    };
}

function requirement(issue: z.core.$ZodIssue, wanted: unknown): string {
    switch (issue.code) {
        case "invalid_type":
            return `must be ${described(wanted) ?? issue.expected}`;
        case "invalid_value":
            return `must be one of ${issue.values.map(String).join(", ")}`;
        case "too_small":
            return issue.origin === "array"
                ? "must not be empty"
                : issue.origin === "string"
                  ? issue.message
                  : `must be ${issue.minimum} or more`;
        case "too_big":
            return issue.origin === "string" ? issue.message : `must be ${issue.maximum} or less`;
        default:
            return issue.message;
    }
}

function described(wanted: unknown): string | undefined {
    const name = typeName(wanted);
    if (name === undefined || name === "boolean") {
        return name && "true or false";
    }
    return withArticle(name);
}

function withArticle(noun: string): string {
    return `${/^[aeiou]/.test(noun) ? "an" : "a"} ${noun}`;
}

function shown(wanted: unknown, value: unknown, hidden: boolean): string {
    if (typeof value === "object") {
        const shape = Array.isArray(value) ? "list" : "object";
        return shape === typeName(wanted) ? "" : `, is ${withArticle(shape)}`;
    }
    if (hidden) {
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
        return depth === 1 ? " (text that is no JSON)" : " (one text; set what is in it one by one)";
    }
    return "";
}
