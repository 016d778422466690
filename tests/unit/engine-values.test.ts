/** The engine's pure parts: values, paths, differences, names, random texts, YAML. */
import { expect } from "chai";
import fc from "fast-check";
import { changedPaths, difference } from "../../local/engine/difference.ts";
import { changedAt, ignoringChanges, parsePath } from "../../local/engine/paths.ts";
import { immutableChanges } from "../../local/engine/providers/immutable.ts";
import { toObject, toOutputs } from "../../local/engine/providers/objects.ts";
import { randomText, standInSource, strongSource } from "../../local/engine/providers/random-values.ts";
import { createUrn, urnName, urnType } from "../../local/engine/urn.ts";
import {
    containsUnknown,
    copySecrets,
    equal,
    plain,
    redacted,
    secret,
    unknownValue,
    withoutNulls,
} from "../../local/engine/values.ts";
import type { Value, Values } from "../../local/engine/values.ts";
import { parseManifests, toYamlText } from "../../local/engine/yaml.ts";

describe("engine: values", () => {
    it("marks, unmarks, copies and hides secrets at any depth", () => {
        const value = { a: secret({ b: "x" }), c: [secret("y"), 1] };
        expect(plain(value)).to.deep.equal({ a: { b: "x" }, c: ["y", 1] });
        expect(redacted(value)).to.deep.equal({ a: "[secret]", c: ["[secret]", 1] });
        expect(plain(secret(secret("x")))).to.equal("x");
        expect(redacted(copySecrets({ a: { b: 1, d: 2 }, c: ["q"] }, { a: { b: secret(0) } }))).to.deep.equal({
            a: { b: "[secret]", d: 2 },
            c: ["q"],
        });
    });

    it("compares without regard to the order of keys", () => {
        expect(equal({ a: 1, b: [2] }, { b: [2], a: 1 })).to.equal(true);
        expect(equal({ a: 1 }, { a: 1, b: null })).to.equal(false);
        expect(equal([1, 2], [2, 1])).to.equal(false);
        fc.assert(
            fc.property(fc.jsonValue(), (value) => equal(value as Value, JSON.parse(JSON.stringify(value)) as Value)),
        );
    });

    it("finds unknown parts, and drops nulls", () => {
        expect(containsUnknown({ a: [secret({ b: unknownValue })] })).to.equal(true);
        expect(withoutNulls({ a: null, b: [{ c: null, d: 1 }] })).to.deep.equal({ b: [{ d: 1 }] });
    });

    it("makes URNs as Pulumi does", () => {
        const stack = createUrn("s", "p", "", "pulumi:pulumi:Stack", "p-s");
        const parent = createUrn("s", "p", stack, "pkg:index:Thing", "thing");
        expect(parent).to.equal("urn:pulumi:s::p::pkg:index:Thing::thing");
        const child = createUrn("s", "p", parent, "kubernetes:core/v1:Secret", "a::b");
        expect(child).to.equal("urn:pulumi:s::p::pkg:index:Thing$kubernetes:core/v1:Secret::a::b");
        expect([urnName(child), urnType(child)]).to.deep.equal(["a::b", "kubernetes:core/v1:Secret"]);
    });

    it("reads property paths, and ignores or notices changes at them", () => {
        expect(parsePath('spec.containers[0].env["A.B"]')).to.deep.equal(["spec", "containers", 0, "env", "A.B"]);
        const old = { spec: { replicas: 1, list: [{ a: 1 }, { a: 2 }] } };
        const wanted = { spec: { replicas: 5, list: [{ a: 7 }, { a: 8 }] } };
        expect(ignoringChanges(wanted, old, ["spec.replicas", "spec.list[*].a"])).to.deep.equal(old);
        expect(ignoringChanges({ spec: { replicas: 5 } }, { spec: {} }, ["spec.replicas"])).to.deep.equal({ spec: {} });
        expect(changedAt(old, wanted, ["spec.replicas"])).to.equal(true);
        expect(changedAt(old, wanted, ["spec.list[1].b"])).to.equal(false);
        expect(changedAt(old, wanted, ["*"])).to.equal(true);
    });

    it("shows a difference as YAML, never a secret", () => {
        const before: Value = { data: { a: "1", token: secret("old-token") }, same: { deep: [1, 2, 3] } };
        const after: Value = { data: { a: "2", token: secret("new-token") }, same: { deep: [1, 2, 3] } };
        const text = difference(before, after)
            .map(({ kind, text: line }) => `${kind} ${line}`)
            .join("\n");
        expect(text)
            .to.include('removed   a: "1"')
            .and.include('added   a: "2"')
            .and.include('added   token: "[secret] (changed)"');
        expect(text).not.to.match(/old-token|new-token/);
        expect(changedPaths(before, after)).to.deep.equal(["data.a", "data.token"]);
        expect(difference(before, before).every((line) => line.kind === "same")).to.equal(true);
    });

    it("names immutable fields that change", () => {
        const job = (image: string): Values => ({ apiVersion: "batch/v1", kind: "Job", spec: { template: { image } } });
        expect(immutableChanges(job("a"), job("b"))).to.deep.equal(["spec.template"]);
        expect(immutableChanges(job("a"), job("a"))).to.deep.equal([]);
        const map = { apiVersion: "v1", kind: "ConfigMap", immutable: true, data: { a: "1" } };
        expect(immutableChanges(map, { ...map, data: { a: "2" } })).to.deep.equal(["data"]);
    });

    it("sends the text of a Secret encoded, and keeps what it became as secret", () => {
        const inputs: Values = {
            apiVersion: "v1",
            kind: "Secret",
            metadata: { name: "s", namespace: "n" },
            stringData: { a: secret("x") },
        };
        const object = toObject(inputs);
        expect(object)
            .to.deep.include({ data: { a: "eA==" } })
            .and.not.to.have.property("stringData");
        expect(JSON.stringify(redacted(toOutputs(inputs, object, "m")))).not.to.include("eA==");
    });

    it("makes random texts by their rules", () => {
        const inputs: Values = { length: 20, special: false, minNumeric: 3, minUpper: 2 };
        for (let round = 0; round < 50; round++) {
            const text = randomText(inputs, strongSource);
            expect(text)
                .to.match(/^[A-Za-z0-9]{20}$/)
                .and.match(/(?:.*\d){3}/)
                .and.match(/(?:.*[A-Z]){2}/);
        }
        expect(randomText(inputs, strongSource)).not.to.equal(randomText(inputs, strongSource));
        expect(randomText(inputs, standInSource("a")))
            .to.equal(randomText(inputs, standInSource("a")))
            .and.not.equal(randomText(inputs, standInSource("b")));
        expect(
            randomText({ length: 4, overrideSpecial: "_", upper: false, lower: false, numeric: false }, strongSource),
        ).to.equal("____");
        expect(() => randomText({ length: 2, minUpper: 3 }, strongSource)).to.throw(/length 2 is less than the 3/);
        expect(() =>
            randomText({ length: 2, upper: false, lower: false, numeric: false, special: false }, strongSource),
        ).to.throw(/no kind of character/);
    });

    it("writes and reads YAML as Kubernetes does", () => {
        expect(toYamlText({ a: "off", b: "12:30", c: "0644" })).to.equal('a: "off"\nb: "12:30"\nc: "0644"\n');
        expect(parseManifests("a: off\nb: 0644\n---\n---\nc: 2024-01-01\n")).to.deep.equal([
            { a: false, b: 420 },
            { c: "2024-01-01" },
        ]);
    });
});
