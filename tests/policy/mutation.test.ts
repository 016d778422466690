import { readFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import { parseAllDocuments } from "yaml";

import { check, type Report } from "../../policy-pack/check.ts";
import { fromManifests } from "../../policy-pack/model/object.ts";
import { parseSettings } from "../../policy-pack/settings.ts";
import { OPERATORS } from "./operators.ts";
import { at, parsePath, set, TODAY, type Body } from "./stack.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");
const STACKS = ["local", "staging", "production"] as const;

/** All places of a tree, each with its path as a pattern (`spec.tls[].hosts`) and as keys. */
function* places(
    value: unknown,
    pattern = "",
    keys: readonly (string | number)[] = [],
): Iterable<{ pattern: string; keys: readonly (string | number)[]; value: unknown }> {
    if (keys.length > 0) yield { pattern, keys, value };
    if (Array.isArray(value))
        for (const [index, item] of value.entries()) yield* places(item, `${pattern}[]`, [...keys, index]);
    else if (typeof value === "object" && value !== null)
        for (const [key, below] of Object.entries(value))
            yield* places(below, pattern === "" ? key : `${pattern}.${key}`, [...keys, key]);
}

interface Mutant {
    readonly title: string;
    readonly stack: readonly Body[];
    readonly seenBy: readonly string[];
}

/** Every mutant of a stack: one operator at one place. */
function* mutants(stack: readonly Body[]): Iterable<Mutant> {
    for (const [index, body] of stack.entries()) {
        const who = `${String(body["kind"])} ${String(at(body, "metadata", "name"))}`;
        for (const { name, on, at: path, to, when, seenBy } of OPERATORS) {
            if (on !== undefined && !on.test(String(body["kind"]))) continue;
            if (path === undefined) {
                if (when?.(undefined, body, stack) ?? true)
                    yield { title: `${who}: ${name}`, stack: stack.filter((other) => other !== body), seenBy };
                continue;
            }
            for (const { pattern, keys, value } of places(body)) {
                if (!path.test(pattern) || !(when?.(value, body, stack) ?? true)) continue;
                const changed = structuredClone(body);
                set(changed, keys, to?.(structuredClone(value), body));
                if (JSON.stringify(changed) === JSON.stringify(body)) continue;
                yield { title: `${who}: ${name}, at ${pattern}`, stack: stack.with(index, changed), seenBy };
            }
        }
    }
}

function load(stack: string): Body[] {
    const text = readFileSync(path.join(ROOT, "tests", "golden", `${stack}.yaml`), "utf8");
    return parseAllDocuments(text).map((document) => document.toJS() as Body);
}

/** The stacks' own configuration. */
const CONFIG = (JSON.parse(readFileSync(path.join(ROOT, "policy-config.json"), "utf8")) as { kubernetes: unknown })
    .kubernetes;

describe("mutants of the stacks", function () {
    this.timeout(600_000);
    const used = new Set<string>();
    let total = 0;

    for (const name of STACKS) {
        const stack = load(name);
        const own = parseSettings(CONFIG, TODAY, { environment: name });
        // Every rule that a manifest can answer to.
        const strict = parseSettings(CONFIG, TODAY, { environment: name }, { preset: "strict" });
        const reportOn = (bodies: readonly Body[], settings = strict): Report => check(fromManifests(bodies), settings);

        it(`${name} itself breaks nothing mandatory, in the preset strict`, () => {
            const found = reportOn(stack).findings.filter(({ level }) => level === "mandatory");
            expect(found.map(({ rule, object, path }) => `${rule} ${object.name} ${path}`)).to.deep.equal([]);
        });

        it(`${name} has no finding at all with its own configuration`, () => {
            expect(reportOn(stack, own).findings.map(({ rule, path }) => `${rule} ${path}`)).to.deep.equal([]);
        });

        it(`${name}: each mutant is seen, by the rule that it is for`, () => {
            const before = new Set(reportOn(stack).findings.map(keyOf));
            const missed: string[] = [];
            for (const mutant of mutants(stack)) {
                total += 1;
                const fresh = reportOn(mutant.stack).findings.filter((finding) => !before.has(keyOf(finding)));
                const hit = mutant.seenBy.find((rule) => fresh.some((finding) => finding.rule === rule));
                if (hit === undefined)
                    missed.push(
                        `${mutant.title} (wanted ${mutant.seenBy.join(" or ")}, got ${[...new Set(fresh.map((f) => f.rule))].join(", ")})`,
                    );
                else used.add(hit);
            }
            expect(missed).to.deep.equal([]);
        });
    }

    it("are many, and of many kinds", () => {
        expect(total).to.be.at.least(150);
        expect(used.size).to.be.at.least(60);
    });
});

function keyOf({ rule, object, path }: { rule: string; object: { kind: string; name: string }; path: string }): string {
    return `${rule} ${object.kind} ${object.name} ${path}`;
}

// The paths of findings are those of the tests.
describe("a path", () => {
    it("is read back as its keys", () => {
        expect(parsePath('spec.ports[0].x["a.b/c"]')).to.deep.equal(["spec", "ports", 0, "x", "a.b/c"]);
    });
});
