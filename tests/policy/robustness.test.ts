import { expect } from "chai";
import fc from "fast-check";

import { check, formatFinding } from "../../policy-pack/check.ts";
import { fromManifests, type KubeObject } from "../../policy-pack/model/object.ts";
import { UNKNOWN } from "../../policy-pack/model/unknown.ts";
import { objectsOf, toPlain } from "../../policy-pack/resources.ts";
import { parseSettings } from "../../policy-pack/settings.ts";
import { goodStack, set, TODAY, type Body } from "./stack.ts";

const CANARY = "cANARy-hunter2-9f3b";
const RUNS = 2000;
const strict = parseSettings({ preset: "strict", parameters: { issuers: ["x"], registries: ["y"] } }, TODAY);

const plain = parseSettings({ preset: "strict" }, TODAY);

/** Everything that a run says. */
function everything(objects: readonly KubeObject[]): string {
    const { findings, exempted } = check(objects, strict);
    return [...findings, ...exempted.map(({ finding }) => finding)].map(formatFinding).join("\n");
}

/** All paths of a tree, as keys. */
function paths(value: unknown, keys: readonly (string | number)[] = []): (readonly (string | number)[])[] {
    const below: [string | number, unknown][] = Array.isArray(value)
        ? [...value.entries()]
        : typeof value === "object" && value !== null
          ? Object.entries(value)
          : [];
    return [...(keys.length === 0 ? [] : [keys]), ...below.flatMap(([key, item]) => paths(item, [...keys, key]))];
}

const GOOD = goodStack();
const PLACES = GOOD.flatMap((body, index) => paths(body).map((keys) => ({ index, keys })));

/** Whatever can stand anywhere: of every type, also what no manifest can hold, and secrets of every shape. */
const anything: fc.Arbitrary<unknown> = fc.oneof(
    fc.constantFrom(null, undefined, true, false, 0, -1, 1e308, NaN, "", "0", "100%", UNKNOWN),
    // Made anew each time, as a test may put one of them into another.
    fc
        .constantFrom<() => unknown>(
            () => ({}),
            () => [],
            () => [null],
            () => [[]],
            () => ({ matchLabels: null }),
            () => ({ toString: null }),
            () => [CANARY],
            () => ({ password: CANARY }),
        )
        .map((make) => make()),
    fc.constantFrom(CANARY, `postgres://a:${CANARY}@db/x`, `--password=${CANARY}`),
    fc.anything({ maxDepth: 3, withNullPrototype: true, withBigInt: true }),
    fc.jsonValue({ maxDepth: 4 }),
);
const mutation = fc.record({ place: fc.constantFrom(...PLACES), value: anything });

function changed(
    mutations: readonly { place: { index: number; keys: readonly (string | number)[] }; value: unknown }[],
): Body[] {
    const stack = goodStack();
    for (const { place, value } of mutations) {
        try {
            set(stack[place.index], place.keys, value);
        } catch {
            // An earlier change has left nothing at this place that could hold anything.
        }
    }
    return stack;
}

describe("whatever it is given, the pack", function () {
    this.timeout(300_000);

    it(`does not crash on ${RUNS} good stacks with anything anywhere, and gives no value away`, () => {
        fc.assert(
            fc.property(fc.array(mutation, { minLength: 1, maxLength: 4 }), (mutations) => {
                // Names are in messages, so they must not be secrets; everything else may be.
                const inNames = mutations.some(({ place: { keys } }) =>
                    ["name", "namespace", "kind", "apiVersion", "metadata"].includes(String(keys.at(-1))),
                );
                const words = everything(fromManifests(changed(mutations)));
                if (!inNames) expect(words).to.not.include(CANARY);
            }),
            { numRuns: RUNS },
        );
    });

    it(`does not crash on ${RUNS} random objects of every kind`, () => {
        const kinds = [...new Set(GOOD.map(({ apiVersion, kind }) => [apiVersion, kind] as const))];
        const tree = fc.letrec((tie) => ({
            node: fc.oneof(
                { depthSize: "small" },
                anything,
                fc.dictionary(key, tie("node"), { maxKeys: 5 }),
                fc.array(tie("node"), { maxLength: 3 }),
            ),
        })).node;
        const object = fc.record({
            id: fc.constantFrom(...kinds),
            metadata: anything,
            spec: tree,
            data: anything,
            rules: tree,
        });
        fc.assert(
            fc.property(fc.array(object, { minLength: 1, maxLength: 4 }), (objects) => {
                everything(
                    fromManifests(
                        objects.map(({ id: [apiVersion, kind], ...rest }) => ({ apiVersion, kind, ...rest })),
                    ),
                );
            }),
            { numRuns: RUNS },
        );
    });

    it("gives no secret away that is in a place where a string is expected, at any of them", () => {
        const leaves = PLACES.filter(
            ({ index, keys }) =>
                typeof keys.reduce<unknown>((value, key) => (value as Body)[key], GOOD[index]) === "string",
        );
        for (const place of leaves) {
            const last = String(place.keys.at(-1));
            if (["name", "namespace", "kind", "apiVersion"].includes(last)) continue;
            expect(everything(fromManifests(changed([{ place, value: CANARY }]))), place.keys.join(".")).to.not.include(
                CANARY,
            );
        }
    });

    it("takes no unknown value for a breach, wherever it stands", () => {
        const wrong: string[] = [];
        for (const place of PLACES) {
            if (["apiVersion", "kind", "name", "namespace", "metadata"].includes(String(place.keys.at(-1)))) continue;
            const { findings } = check(fromManifests(changed([{ place, value: UNKNOWN }])), plain);
            const refused = findings
                .filter(({ level }) => level === "mandatory")
                .map(({ rule, path }) => `${rule} ${path}`);
            const where = `${String(GOOD[place.index]?.["kind"])} ${place.keys.join(".")}`;
            wrong.push(...refused.map((breach) => `unknown ${where}: ${breach}`));
        }
        expect(wrong).to.deep.equal([]);
    });

    it(`reads ${RUNS} random inputs of resources, also such as throw when they are read`, () => {
        const type = fc.constantFrom(
            "kubernetes:apps/v1:Deployment",
            "kubernetes:core/v1:ServiceList",
            "kubernetes:helm.sh/v3:Release",
            "kubernetes:x",
            "kubernetes:yaml:ConfigFile",
        );
        fc.assert(
            fc.property(type, anything, (token, props) => {
                const thrower = new Proxy(
                    { spec: props, items: [props] },
                    {
                        get: (target, key) => {
                            if (key === "spec") throw new Error("unknown");
                            return Reflect.get(target, key) as unknown;
                        },
                    },
                );
                for (const inputs of [props, thrower])
                    objectsOf({ type: token, name: "x", urn: "x", props: inputs, protect: false });
                expect(toPlain(thrower)).to.have.property("spec", UNKNOWN);
            }),
            { numRuns: RUNS },
        );
    });
});

const key = fc.constantFrom(...new Set(PLACES.flatMap(({ keys }) => keys.filter((part) => typeof part === "string"))));
