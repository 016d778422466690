/** The components as others get them: the market of tests/fixtures, written anew on the published package, is the same. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect } from "chai";
import own from "../../../components/package.json" with { type: "json" };
import { root } from "../../support/configuration.ts";
import { runProgramFile } from "../../support/mocks.ts";
import { installPacked, run, typeErrors } from "../../support/packed.ts";

/** Runs a program against the SDK's mocks, and prints what it registers. */
const recorder = `
    import * as pulumi from "@pulumi/pulumi";
    const registered = [];
    await pulumi.runtime.setMocks({
        newResource: ({ type, name, inputs }) => {
            registered.push([type, name, inputs]);
            return { id: name + "-id", state: inputs };
        },
        call: () => ({}),
    });
    await import("./index.ts");
    await pulumi.runtime.disconnect();
    console.log(JSON.stringify(registered));
`;

type Registered = readonly (readonly [type: string, name: string, inputs: unknown])[];

describe("the published package of components", function () {
    this.timeout(120_000);
    let directory: string;
    const fixture = "tests/fixtures/market/index.ts";
    let project: string;

    before(() => {
        directory = mkdtempSync(path.join(os.tmpdir(), "components-package-"));
        project = installPacked("components", directory, Object.keys(own.peerDependencies));
        const program = readFileSync(path.join(root, fixture), "utf8");
        const published = program.replaceAll(/"(?:\.\.\/)+components\/([^"]+)\.ts"/g, `"${own.name}/$1"`);
        expect(published).to.not.contain("../");
        writeFileSync(path.join(project, "index.ts"), published);
        writeFileSync(path.join(project, "record.js"), recorder);
    });
    after(() => rmSync(directory, { recursive: true, force: true }));

    it("has no source in TypeScript, nothing of TradeStream, and what npm shows of it", () => {
        const installed = path.join(project, "node_modules", own.name);
        const files = readdirSync(installed, { recursive: true, encoding: "utf8" });
        expect(files.filter((file) => /(?<!\.d)\.ts$|tsbuildinfo/.test(file))).to.deep.equal([]);
        expect(files).to.include.members(["LICENSE", "README.md", "dist/components/Worker.js"]);
        const scripts = files.filter((file) => file.endsWith(".js"));
        for (const file of scripts)
            expect(readFileSync(path.join(installed, file), "utf8"), file).to.not.contain("tradestream");
        expect(own).to.include.keys("version", "description", "license", "keywords");
        expect(own).to.not.have.property("private");
    });

    it("renders the same objects as the components of this repository", async () => {
        const rendered = JSON.parse(run(process.execPath, ["record.js"], project)) as Registered;
        const { resources } = await runProgramFile(fixture);
        const here = resources
            .filter(({ custom }) => custom)
            .map(({ type, name, inputs }) => [type, name, inputs] as const);
        const there = rendered.filter(([type]) => type.startsWith("kubernetes:"));
        expect(there).to.have.lengthOf(here.length).and.greaterThan(8);
        const byName = (list: Registered) =>
            Object.fromEntries(list.map(([type, name, inputs]) => [name, { type, inputs }]));
        expect(byName(there)).to.deep.equal(byName(here));
    });

    it("has types for a program in TypeScript", () => {
        const wrong = `import { Worker } from "${own.name}/Worker";\nnew Worker("a:b:C", "worker", 0);\n`;
        writeFileSync(path.join(project, "wrong.ts"), wrong);
        expect(typeErrors(project, "index.ts", "wrong.ts")).to.match(
            /^wrong\.ts\(2,\d+\): error TS2345: [^\n]*'number'[^\n]*'DeployedWorkloadArgs'[^\n]*\n$/,
        );
    });
});
