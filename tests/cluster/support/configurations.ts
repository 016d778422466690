/** Configurations that may be right or wrong: a stack's own with one value changed, and the objects that each leads to. */
import fc from "fast-check";
import { objectsOf } from "../../../scripts/render/objects.ts";
import { type Change, configuration, type Stack } from "../../support/configuration.ts";
import { runProgram } from "../../support/mocks.ts";
import type { Body } from "./verdicts.ts";

/** Of all types, at and beyond the bounds that the API has, and of forms that only some fields take. */
const values: readonly unknown[] = [
    ...[-1, 0, 1, 1.5, 7, 101, 30_000, 65_536, 2 ** 31, 1e15, true, false],
    ...["", " ", "x", "X", "a b", "a/b", "a.b", "-a", "ä", "a".repeat(64), "a".repeat(254), "{{ 1 }}"],
    ...["1", "0", "-1", "50%", "150%", "01", "1e3", "yes", "null"],
    ...["1m", "100m", "1.5", "0.5m", "1Gi", "1gi", "64MiB", "1000000Ti"],
    ...["* * * * *", "*/90 * * * *", "@daily", "Europe/Berlin", "Local", "10.0.0.0/8", "10.0.0.1", "::/0"],
    ...["https://a.example.com", "a.example.com", "*.example.com", "/", "/x", "x:y", "Always", "always"],
    ...[[], {}, ["x"], [1], { a: "b" }, { "a b": "c" }, { a: 1 }, [{ name: "x" }]],
];

/** Stack `staging` with one value changed, `count` times. */
export function changes(count: number, seed: number): readonly Change[] {
    const places = placesOf(configuration("staging"));
    const change = fc.tuple(fc.constantFrom(...places), fc.constantFrom(...values));
    return fc.sample(change, { numRuns: count, seed }).map(([place, value]) => ({ [place]: value }));
}

/**
 * What the program asks the API server for, the chart's objects included.
 * @throws what the program throws: the configuration is refused
 */
export async function objectsOfProgram(stack: Stack, change: Change, helm: string): Promise<readonly Body[]> {
    const { resources } = await runProgram(stack, change);
    const lists = resources
        .filter(({ type }) => type.startsWith("kubernetes:") && !type.endsWith("Patch"))
        .map((resource) => objectsOf(resource, helm));
    return (await Promise.all(lists)).flat().map(({ object }) => object);
}

function placesOf(value: unknown, place = ""): string[] {
    if (typeof value !== "object" || value === null) return [place];
    const below = Object.entries(value).flatMap(([key, child]) => {
        const part = Array.isArray(value) ? `[${key}]` : /^[A-Za-z]+$/.test(key) ? `.${key}` : `["${key}"]`;
        return placesOf(child, place === "" ? key : `${place}${part}`);
    });
    return place === "" ? below : [place, ...below];
}
