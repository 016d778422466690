import { expect } from "chai";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { policyConfig } from "../../config/policy.ts";
import { readEnvironment, readOwnConfig } from "../../policy-pack/own-config.ts";
import { parseSettings, policyPart } from "../../policy-pack/settings.ts";
import { TODAY } from "./stack.ts";

describe("the policy pack's files in a program's directory", () => {
    let directory: string;
    beforeEach(() => (directory = mkdtempSync(path.join(os.tmpdir(), "own-config-"))));
    afterEach(() => rmSync(directory, { recursive: true }));

    const write = (files: Readonly<Record<string, string>>): void =>
        Object.entries(files).forEach(([name, text]) => writeFileSync(path.join(directory, name), text));

    it("give the environment under the project's own key, and under no other", () => {
        write({ "Pulumi.yaml": "name: shop", "Pulumi.eu.yaml": "config:\n  aws:environment: sandbox\n" });
        expect(readEnvironment(directory, "eu")).to.equal(undefined);
        write({ "Pulumi.eu.yaml": "config:\n  aws:environment: sandbox\n  shop:environment: production\n" });
        expect(readEnvironment(directory, "eu")).to.equal("production");
        expect(readEnvironment(directory, "us")).to.equal(undefined);
    });

    it("are named when they cannot be read, without their text", () => {
        write({ "Pulumi.yaml": "name: shop", "Pulumi.eu.yaml": "config: [s3cr3t\n", "policy-config.json": "{s3cr3t" });
        expect(() => readEnvironment(directory, "eu")).to.throw(/Pulumi\.eu\.yaml is not valid YAML$/);
        expect(() => readOwnConfig(directory)).to.throw(/policy-config\.json is not valid JSON$/);
    });

    it("may begin with a byte order mark", () => {
        write({
            "Pulumi.yaml": "\uFEFFname: shop",
            "Pulumi.eu.yaml": "\uFEFFconfig:\n  shop:environment: production\n",
            "policy-config.json": '\uFEFF{ "kubernetes": { "preset": "strict" } }',
        });
        expect(readEnvironment(directory, "eu")).to.equal("production");
        expect(readOwnConfig(directory)).to.deep.equal({ preset: "strict" });
        const config = path.join(directory, "policy-config.json");
        expect(policyConfig({ enforce: true, config }).settings).to.deep.equal({ preset: "strict" });
    });

    for (const level of ["advisory", "disabled"] as const)
        for (const [form, file] of Object.entries({
            "in place of the configuration": { kubernetes: level },
            "within it": { kubernetes: { enforcementLevel: level, preset: "strict" } },
            "for all policies": { all: level },
        }))
            it(`may have CrossGuard's level ${level} ${form}`, () => {
                write({ "policy-config.json": JSON.stringify(file) });
                const { levels } = parseSettings(readOwnConfig(directory), TODAY);
                expect(new Set(levels.values()).has("mandatory")).to.equal(false);
                expect([...levels.values()].includes("advisory")).to.equal(level === "advisory");
            });

    it("have the part for this pack under its policy's name, which wins over that for all", () => {
        expect(policyPart({ kubernetes: null, all: "disabled" })).to.deep.equal({});
        expect(policyPart({ kubernetes: { preset: "strict" }, all: "disabled" })).to.deep.equal({ preset: "strict" });
    });
});
