import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect } from "chai";
import { parseStack } from "../support/configuration.ts";

describe("the values of a chart in a directory", () => {
    let directory: string;

    beforeEach(() => {
        directory = mkdtempSync(path.join(os.tmpdir(), "tradestream-chart-"));
        writeFileSync(path.join(directory, "Chart.yaml"), "apiVersion: v2\nname: other\nversion: 1.0.0\n");
    });
    afterEach(() => rmSync(directory, { recursive: true }));

    const write = (schema: object, values = ""): void => {
        writeFileSync(path.join(directory, "values.schema.json"), JSON.stringify(schema));
        writeFileSync(path.join(directory, "values.yaml"), values);
    };
    const errorsOf = (values: object) =>
        parseStack("production", { chart: { path: directory, values } }).errors.map(({ key, problem }) => [
            key,
            problem,
        ]);

    for (const draft of [
        undefined,
        "http://json-schema.org/draft-06/schema#",
        "http://json-schema.org/draft-07/schema#",
        "https://json-schema.org/draft/2019-09/schema",
        "https://json-schema.org/draft/2020-12/schema",
    ])
        it(`are checked against a schema of ${draft ?? "no draft by name"}`, () => {
            const kafka = { type: "object", properties: { brokers: { type: "integer", minimum: 1 } } };
            write({ ...(draft !== undefined && { $schema: draft }), properties: { kafka } });
            expect(errorsOf({ kafka: { brokers: 3 } })).to.deep.equal([]);
            expect(errorsOf({ kafka: { brokers: 0 } })).to.deep.equal([
                ["chart.values.kafka.brokers", "must be >= 1 (values.schema.json)"],
            ]);
        });

    it("are checked with the chart's defaults, which are read as Helm reads them", () => {
        const schema = {
            properties: { live: { type: "boolean" }, size: { type: "string" } },
            required: ["live", "size"],
        };
        write(schema, "live: yes\n");
        expect(errorsOf({})).to.deep.equal([["chart.values.size", "is missing (values.schema.json)"]]);
        expect(errorsOf({ size: "1Gi" })).to.deep.equal([]);
    });

    it("may be the program's: then the error is the chart's", () => {
        write({ properties: { redis: { type: "object", properties: { architecture: { const: "cluster" } } } } });
        expect(errorsOf({})).to.deep.equal([
            [
                "chart.path",
                `is ${directory}, whose values.schema.json refuses redis.architecture, which this stack does not set: ` +
                    'it must be "cluster"',
            ],
        ]);
        expect(errorsOf({ redis: { architecture: "cluster" } })).to.deep.equal([]);
    });

    it("are Helm's to check where the schema is none for this library", () => {
        write({ $schema: "http://json-schema.org/draft-04/schema#", minimum: 0, exclusiveMinimum: true });
        expect(errorsOf({ anything: 1 })).to.deep.equal([]);
        rmSync(path.join(directory, "values.schema.json"));
        expect(errorsOf({ anything: 1 })).to.deep.equal([]);
    });

    it("are not checked against files that cannot be read: that is an error itself", () => {
        writeFileSync(path.join(directory, "values.schema.json"), "{");
        expect(errorsOf({}).map(([key]) => key)).to.deep.equal(["chart.path"]);
        write({}, "a: [");
        expect(errorsOf({}).map(([key]) => key)).to.deep.equal(["chart.path"]);
    });

    it("never appear in a message", () => {
        write({
            properties: { a: { enum: ["x"] }, b: { type: "string", pattern: "^x$" }, c: { type: "integer" } },
            additionalProperties: { type: "object" },
        });
        const secret = "s3cr3t-4711";
        const { errors } = parseStack("production", {
            chart: { path: directory, values: { a: secret, b: secret, c: secret } },
        });
        expect(errors).to.have.length(3);
        expect(JSON.stringify(errors)).to.not.include(secret);
    });
});
