/** The objects for operators, by the schemas of their CustomResourceDefinitions. */
import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { expect } from "chai";
import { parseAllDocuments } from "yaml";
import { goldenFile } from "../golden/render.ts";
import { definitions } from "../support/operator.ts";

interface KubeObject {
    readonly apiVersion: string;
    readonly kind: string;
    readonly spec: Readonly<Record<string, unknown>>;
}

/** A schema that refuses what the API server would leave out silently. */
function strict(schema: unknown): unknown {
    if (Array.isArray(schema)) return schema.map(strict);
    if (typeof schema !== "object" || schema === null) return schema;
    // Go's flags in a pattern are no pattern of JavaScript's; those fields are not the program's.
    const entries = Object.entries(schema)
        .filter(([key, value]) => key !== "pattern" || !String(value).includes("(?i)"))
        .map(([key, value]) => [key, strict(value)] as const);
    const isClosed = "type" in schema && schema.type === "object" && "properties" in schema;
    return { ...Object.fromEntries(entries), ...(isClosed && { additionalProperties: false }) };
}

describe("objects for operators", function () {
    this.timeout(60_000);
    let errorsOf: (object: KubeObject) => readonly string[];
    const objects = ["production-monitoring", "production-secrets"].flatMap((name) =>
        parseAllDocuments(readFileSync(goldenFile(name), "utf8")).map((document) => document.toJS() as KubeObject),
    );

    before(async () => {
        const all = await definitions();
        const ajv = new Ajv({ strict: false, allErrors: true, logger: false });
        errorsOf = ({ apiVersion, kind, spec }) => {
            const [group, name] = apiVersion.split("/");
            const definition = all.find(({ spec }) => spec.group === group && spec.names.kind === kind)!;
            const version = definition.spec.versions.find((version) => version.name === name);
            const { properties } = version!.schema.openAPIV3Schema as {
                readonly properties: { readonly spec: object };
            };
            ajv.validate(strict(properties.spec) as object, spec);
            return (ajv.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
        };
    });

    it("have the form of their APIs", () => {
        expect(new Set(objects.map(({ kind }) => kind))).to.have.all.keys(
            ...["PrometheusRule", "ServiceMonitor", "PodMonitor", "ExternalSecret", "SealedSecret"],
        );
        for (const object of objects) expect(errorsOf(object), object.kind).to.deep.equal([]);
    });

    it("would be refused with a wrong or unknown field", () => {
        const monitor = objects.find(({ kind }) => kind === "ServiceMonitor")!;
        const wrong = { ...monitor, spec: { ...monitor.spec, endpoints: [{ port: 8000, intervall: "30s" }] } };
        expect(errorsOf(wrong)).to.deep.equal([
            "/endpoints/0 must NOT have additional properties",
            "/endpoints/0/port must be string",
        ]);
    });
});
