/** The schema of the Kubernetes API: current, right for each version, silent about values. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";

import { apiErrors } from "../../policy-pack/api/errors.ts";
import { formatFinding } from "../../policy-pack/check.ts";
import { fromManifests, type KubeObject } from "../../policy-pack/model/object.ts";
import { readManifests } from "../../policy-pack/manifests.ts";
import { UNKNOWN } from "../../policy-pack/model/unknown.ts";
import { download, merge, minorOf, reduce, RELEASES, schemaFile, type SchemaFile } from "../../scripts/api-schema.ts";
import { goodStack, reportOn, set, type Body } from "./stack.ts";

const file = JSON.parse(readFileSync(schemaFile, "utf8")) as SchemaFile;

function errors(body: Body, version = "1.36"): string[] {
    const [object] = fromManifests([body]);
    return [...apiErrors(object as KubeObject, version)].map(({ path, message }) => `${path}: ${message}`);
}

function pod(spec: object): Body {
    return {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: "a" },
        spec: { containers: [{ name: "a", image: "a:1" }], ...spec },
    };
}

describe("the schema of the Kubernetes API", function () {
    this.timeout(120_000);

    for (const { version, sum } of RELEASES)
        it(`is that of ${version}`, () => {
            const minor = minorOf(version);
            const documents = reduce(download(version, sum));
            const definitions = Object.fromEntries(
                Object.entries(file.definitions).flatMap(([name, forms]) => {
                    const schema = forms.findLast(([from]) => Number(from.slice(2)) <= Number(minor.slice(2)))?.[1];
                    return schema === undefined || schema === null ? [] : [[name, schema]];
                }),
            );
            expect(JSON.stringify(definitions)).to.equal(JSON.stringify(documents.definitions));
            expect(file.kinds).to.include(documents.kinds);
        });

    it("keeps what did not change between releases once", () => {
        const old = { kinds: { "v1 A": "a" }, definitions: { a: { type: "object" }, b: {} } };
        const merged = merge([
            ["1.1", old],
            ["1.2", old],
            ["1.3", { kinds: {}, definitions: { a: { type: "array" } } }],
        ]);
        expect(merged.definitions).to.deep.equal({
            a: [
                ["1.1", { type: "object" }],
                ["1.3", { type: "array" }],
            ],
            b: [
                ["1.1", {}],
                ["1.3", null],
            ],
        });
    });

    it("knows a field from the version on that has it", () => {
        const body = pod({ resources: { limits: { cpu: "1" } } });
        expect(errors(body, "1.31")).to.deep.equal(["spec.resources: there is no such field"]);
        expect(errors(body, "1.32")).to.deep.equal([]);
        // Versions beyond the file are taken for the last one in it.
        expect(errors(body, "1.40")).to.deep.equal([]);
    });

    it("knows a kind from the version on that has it, and leaves kinds of others alone", () => {
        const claim = { apiVersion: "resource.k8s.io/v1", kind: "DeviceClass", metadata: { name: "a" }, spec: {} };
        expect(errors(claim, "1.33")).to.deep.equal(["kind: Kubernetes 1.33 has no such kind in this API version"]);
        expect(errors(claim, "1.34")).to.deep.equal([]);
        expect(errors({ ...pod({}), kind: "Pods" })).to.deep.equal([
            "kind: Kubernetes 1.36 has no such kind in this API version",
        ]);
        expect(errors({ ...pod({ x: 1 }), apiVersion: "acme.example/v1" })).to.deep.equal([]);
        expect(
            errors({ ...pod({}), apiVersion: "acme.example/v1", metadata: { name: "a", labels: { a: 1 } } }),
        ).to.deep.equal(["metadata.labels.a: must be text, not a number"]);
    });

    it("has nothing against what a preview does not know, wherever it is", () => {
        const places = (value: unknown, keys: readonly (string | number)[] = []): (readonly (string | number)[])[] =>
            typeof value === "object" && value !== null
                ? [
                      keys,
                      ...Object.entries(value).flatMap(([key, item]) =>
                          places(item, [...keys, Array.isArray(value) ? Number(key) : key]),
                      ),
                  ]
                : [keys];
        let count = 0;
        const wide = readFileSync(path.join(import.meta.dirname, "../fixtures/wide.yaml"), "utf8");
        const bodies = [
            ...goodStack(),
            ...readManifests("wide.yaml", wide).objects.map((object) => object.body as Body),
        ];
        for (const body of bodies)
            for (const keys of places(body)) {
                if (keys.length === 0 || keys[0] === "kind" || keys[0] === "apiVersion") continue;
                const changed = structuredClone(body);
                set(changed, keys, UNKNOWN);
                expect(errors(changed), keys.join(".")).to.deep.equal([]);
                count++;
            }
        expect(count).to.be.greaterThan(500);
    });

    it("names no value", () => {
        const secret = "hunter2-9f3b";
        const bodies = [
            {
                apiVersion: "v1",
                kind: "Secret",
                metadata: { name: "a" },
                type: secret,
                data: { a: [secret] },
                stringData: { b: { c: secret } },
            },
            pod({
                hostNetwork: secret,
                restartPolicy: secret,
                containers: [{ name: "a b", image: "a:1", env: [{ name: "A", value: { a: secret } }] }],
            }),
        ];
        const said = reportOn(bodies, {}).findings.map(formatFinding);
        expect(
            said.filter((line) => line.includes("object-shape") || line.includes("must be")),
        ).to.have.length.greaterThan(4);
        expect(said.join("\n")).not.to.contain(secret);
    });
});
