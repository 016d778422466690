/** Manifests that may be right or wrong: valid ones, each changed in one place, and those that the other tests have. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";

import { readManifests } from "../../../policy-pack/manifests.ts";
import { decode } from "../../../policy-pack/yaml.ts";
import { goldenFile, stacks } from "../../golden/render.ts";
import { stackOf, TABLES } from "../../policy/rules/tables.ts";
import { goodStack, set } from "../../policy/stack.ts";
import type { Body } from "./verdicts.ts";

/** A manifest, and where it comes from. */
export interface Candidate {
    readonly from: string;
    readonly body: Body;
}

type Keys = readonly (string | number)[];

const root = path.resolve(import.meta.dirname, "../../..");

/** Valid objects of all kinds. */
export function valid(): readonly Candidate[] {
    const files = [path.join(root, "tests/fixtures/wide.yaml"), ...stacks.map(goldenFile)];
    return [
        ...files.flatMap((file) => fromFile(file)),
        ...goodStack().map((body) => ({ from: "the good stack", body })),
    ];
}

/** What the tests of the rules and the public reports beside the repository have. */
export function collected(): readonly Candidate[] {
    const reports = path.resolve(root, "../shared/reports");
    const files = existsSync(reports) ? readdirSync(reports).filter((file) => file.endsWith(".yaml")) : [];
    const seen = new Set<string>();
    return [
        ...TABLES.flatMap(({ rule, on, breaks, keeps }) =>
            on.flatMap((kind) =>
                [...breaks, ...keeps].map((changes) => ({
                    from: `${rule}: ${JSON.stringify(changes.set ?? changes)}`,
                    body: stackOf(kind, changes).target,
                })),
            ),
        ),
        ...files.flatMap((file) => {
            try {
                return fromFile(path.join(reports, file));
            } catch {
                return []; // No manifest: a stack's configuration, or one that cannot be read.
            }
        }),
    ].filter(({ body }) => {
        // As JSON, which is how a manifest reaches the API server; what it cannot hold is not in a manifest either.
        const text = JSON.stringify(body);
        if (seen.has(text)) return false;
        seen.add(text);
        return true;
    });
}

/** Valid objects with one field changed each: of another type, beyond a bound, misspelt, absent or twice. */
export function mutated(count: number, seed: number): readonly Candidate[] {
    const bases = valid();
    const places = bases.flatMap(({ from, body }) =>
        pathsIn(body)
            // The API server is asked in a namespace of the test's own.
            .filter((keys) => keys.join(".") !== "metadata.namespace")
            .map((keys) => ({ from, body, keys })),
    );
    const change = fc.record({ place: fc.constantFrom(...places), pick: fc.nat(1_000_000) });
    return fc.sample(change, { numRuns: count, seed }).map(({ place: { from, body, keys }, pick }) => {
        const changed = structuredClone(body) as Record<string, unknown>;
        const value = valueAt(changed, keys);
        const ways = waysOf(value, keys);
        const [name, apply] = ways[pick % ways.length]!;
        apply(changed);
        return { from: `${path.basename(from)} ${String(body["kind"])}: ${keys.join("/")} ${name}`, body: changed };
    });
}

type Way = readonly [name: string, apply: (body: Record<string, unknown>) => void];

function waysOf(value: unknown, keys: Keys): readonly Way[] {
    const last = keys.at(-1)!;
    const to = (other: unknown): Way => [`is ${JSON.stringify(other)?.slice(0, 40)}`, (body) => set(body, keys, other)];
    const remove: Way = ["is absent", (body) => set(body, keys, undefined)];
    const rename: Way[] =
        typeof last === "string"
            ? [
                  [
                      "is misspelt",
                      (body) => {
                          set(body, keys, undefined);
                          set(body, [...keys.slice(0, -1), `${last}s`], value);
                      },
                  ],
              ]
            : [];
    if (Array.isArray(value))
        return [
            remove,
            ...rename,
            to([]),
            to("text"),
            to({}),
            ["has an entry twice", (body) => set(body, [...keys, value.length], structuredClone(value[0]))],
        ];
    if (typeof value === "object" && value !== null)
        return [
            remove,
            ...rename,
            to({}),
            to([]),
            to("text"),
            to(1),
            ["has one more field", (body) => set(body, [...keys, "unheardOf"], "x")],
        ];
    if (typeof value === "number")
        return [remove, ...rename, ...[-1, 0, 3.5, 65536, 2 ** 31, String(value), true, [], {}].map(to)];
    if (typeof value === "boolean") return [remove, ...rename, ...[!value, "true", 1, {}].map(to)];
    return [
        remove,
        ...rename,
        ...[
            "",
            "UPPER",
            "a b",
            "-x",
            "x".repeat(64),
            "x".repeat(254),
            "150%",
            "../a",
            "/a",
            "a/b",
            "Ä",
            "1",
            1,
            -1,
            true,
            [],
            {},
        ].map(to),
    ];
}

function pathsIn(value: unknown, keys: Keys = []): Keys[] {
    const below: [string | number, unknown][] = Array.isArray(value)
        ? [...value.entries()]
        : typeof value === "object" && value !== null
          ? Object.entries(value)
          : [];
    return [...(keys.length === 0 ? [] : [keys]), ...below.flatMap(([key, item]) => pathsIn(item, [...keys, key]))];
}

function valueAt(body: unknown, keys: Keys): unknown {
    return keys.reduce<unknown>((here, key) => (here as Record<string | number, unknown>)[key], body);
}

function fromFile(file: string): readonly Candidate[] {
    const { objects } = readManifests(file, decode(readFileSync(file)));
    return objects.map(({ body }) => ({ from: path.basename(file), body: body as Body }));
}
