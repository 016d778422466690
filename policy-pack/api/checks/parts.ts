/** What the checks of definitions share. */
import { parseQuantity } from "../../model/quantity.ts";
import { isTree } from "../../model/view.ts";

/** A part of an object; may hold `UNKNOWN` anywhere. */
export type Tree = Readonly<Record<string, unknown>>;

/** What is wrong, at a JSON pointer below the part. Names no value. */
export interface Wrong {
    readonly at: string;
    readonly message: string;
}

/** Where a part is. */
export interface Where {
    /** Minor version of Kubernetes, as in 36. */
    readonly version: number;
    /** The whole object. */
    readonly root: Tree;
}

/** What the API server's code asks of one part. */
export type Check = (part: Tree, where: Where) => Iterable<Wrong>;

/** Resources that every node has. */
export const STANDARD: ReadonlySet<string> = new Set(["cpu", "memory", "ephemeral-storage"]);

/** Something wrong at a place. */
export function wrong(at: string, message: string): Wrong {
    return { at, message };
}

/** The map that a value is; an empty one for anything else. */
export function tree(value: unknown): Tree {
    return isTree(value) ? value : {};
}

/** What is at a path below a value; what is below an unknown value is unknown too. */
export function below(value: unknown, ...keys: readonly string[]): unknown {
    return keys.reduce((here, key) => (isUnknown(here) ? here : tree(here)[key]), value);
}

/** The list that a value is; an empty one for anything else. */
export function list(value: unknown): readonly unknown[] {
    return Array.isArray(value) ? value : [];
}

/** The text that a value is. */
export function text(value: unknown): string | undefined {
    return typeof value === "string" ? value : undefined;
}

/** Whether Go finds something there: no empty text. An unknown value counts as something. */
export function isSet(value: unknown): boolean {
    return value !== undefined && value !== null && value !== "";
}

/** Whether a value is not known before the update. */
export function isUnknown(value: unknown): boolean {
    return typeof value === "symbol";
}

/** A quantity in its base unit; undefined where it is none. */
export function amountOf(value: unknown): number | undefined {
    return typeof value === "string" || typeof value === "number" ? parseQuantity(value) : undefined;
}

/** A check that exactly one of some fields is set; of all but the named ones where `except` says so. */
export function exactlyOne(what: string, fields: readonly string[], isLeast = true): Check {
    return function* (part) {
        const set = fields.filter((field) => isSet(part[field]));
        if (set.length > 1)
            yield wrong(`/${set[1] ?? ""}`, `this is one too many: ${what} has one of ${fields.join(", ")}`);
        if (set.length === 0 && isLeast) yield wrong("", `${what} needs one of ${fields.join(", ")}`);
    };
}

/** All checks, one after the other. */
export function all(...checks: readonly Check[]): Check {
    return function* (part, where) {
        for (const check of checks) yield* check(part, where);
    };
}

/** A key as part of a JSON pointer. */
export function pointer(key: string): string {
    return key.replaceAll("~", "~0").replaceAll("/", "~1");
}
