/**
 * Rules over the amounts of CPU, memory and disk among the values that a stack gives to a chart. No chart's schema has
 * them: 512m of memory is a valid quantity, and the API server alone says that a request is more than its limit.
 */
import { remove, set } from "../errors/commands.ts";
import { amounts, volumeSize } from "../formats.ts";
import { quantity } from "../quantity.ts";
import type { Path } from "../tree.ts";
import { isObject, type JsonObject, valueAt } from "../values.ts";
import { located, type Located } from "./chartOwned.ts";

const names = Object.keys(amounts) as (keyof typeof amounts)[];

/**
 * Errors among `given`, the stack's values. `all` are the chart's values as a whole: a limit may be the chart's own.
 */
export function resourceErrors(given: JsonObject, all: JsonObject): readonly Located[] {
    return placesOf(given).flatMap((path) => {
        if (path.at(-1) !== "resources") return amountErrors(given, path, volumeSize);
        const amountsOf = names.flatMap((name) =>
            ["limits", "requests"].flatMap((list) => amountErrors(given, [...path, list, name], amounts[name])),
        );
        return amountsOf.length > 0 ? amountsOf : names.flatMap((name) => beyondLimit(given, all, path, name));
    });
}

/** Every `resources` of a container, every `size` of a volume, and the sizes of memory that is one. */
function placesOf(value: unknown, path: Path = []): readonly Path[] {
    if (!isObject(value)) return [];
    return Object.entries(value).flatMap(([name, child]) => {
        const place = [...path, name];
        const isSize = name === "sharedMemorySize" || (name === "size" && path.at(-1) === "persistence");
        const isOne = name === "resources" || isSize;
        return isOne ? [place] : placesOf(child, place);
    });
}

function amountErrors(
    given: JsonObject,
    path: Path,
    format: (typeof amounts)[keyof typeof amounts],
): readonly Located[] {
    const value = valueAt(given, path);
    if (value === undefined || value === null) return [];
    const { error } = format.safeParse(value);
    const problem = error?.issues[0]?.message;
    return problem === undefined ? [] : [located(path, problem, (key) => set(key, `<${String(path.at(-1))}>`))];
}

function beyondLimit(given: JsonObject, all: JsonObject, path: Path, name: string): readonly Located[] {
    const [limitPath, requestPath] = [
        [...path, "limits", name],
        [...path, "requests", name],
    ];
    if ([limitPath, requestPath].every((each) => valueAt(given, each) === undefined)) return [];
    const [most, least] = [amountAt(all, limitPath), amountAt(all, requestPath)];
    if (!(quantity(least) > quantity(most))) return [];
    return valueAt(given, requestPath) === undefined
        ? [located(limitPath, `is ${most}, less than the chart's request of ${least}`, remove)]
        : [located(requestPath, `is ${least}, more than the limit of ${most}`, (key) => set(key, most))];
}

/** The amount at a path; empty, which is no quantity, where there is none. */
function amountAt(values: JsonObject, path: Path): string {
    const value = valueAt(values, path);
    return typeof value === "string" || typeof value === "number" ? String(value) : "";
}
