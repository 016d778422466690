/**
 * The pack as others get it: packed, installed into an empty project and used there. Its dependencies are linked to this
 * repository's, so that no network is needed; one that package.json does not name would not be found.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect } from "chai";
import { stringify } from "yaml";

import { ensurePulumi, type Pulumi } from "../../local/pulumi/index.ts";
import { runPulumi, type Ended } from "../../local/pulumi/run.ts";
import { openStack, stackArguments } from "../../local/pulumi/stack.ts";
import { createReport } from "../../local/report.ts";
import own from "../../policy-pack/package.json" with { type: "json" };
import { shellBlock } from "../support/guide.ts";
import { installPacked, typeErrors } from "../support/packed.ts";
import { goodStack, pick, set } from "./stack.ts";

describe("the published package", function () {
    this.timeout(180_000);
    const directory = mkdtempSync(path.join(os.tmpdir(), "policy-package-"));
    const project = path.join(directory, "project");
    const installed = path.join(project, "node_modules", own.name);
    let pulumi: Pulumi;

    before(async () => {
        pulumi = await ensurePulumi(createReport());
        installPacked("policy-pack", directory, [...Object.keys(own.dependencies), "@pulumi/kubernetes"]);
    });
    after(() => rmSync(directory, { recursive: true, force: true }));

    function write(name: string, text: string): void {
        writeFileSync(path.join(project, name), text);
    }
    function policy(...args: readonly string[]): { status: number | null; stdout: string; stderr: string } {
        const command = path.join(project, "node_modules/.bin/tradestream-policy");
        return spawnSync(command, args, { cwd: project, encoding: "utf8" });
    }
    async function preview(program: string): Promise<Ended> {
        write("index.js", program);
        write("Pulumi.yaml", stringify({ name: "empty", runtime: "nodejs", main: "index.js" }));
        const place = { directory: path.join(directory, "state"), stack: "dev", project: "empty" };
        const stack = await openStack(pulumi, place);
        const [, ...words] = shellBlock("policy-pack/README.md", "pulumi preview").trim().split(" ");
        const args = [...words, ...stackArguments(stack)];
        const env = { ...stack.env, KUBECONFIG: path.join(directory, "none") };
        return runPulumi(pulumi, [...args, "--non-interactive"], { cwd: project, env, output: "pipe" });
    }

    it("has no source in TypeScript, and what npm shows of it", () => {
        const files = readdirSync(installed, { recursive: true, encoding: "utf8" });
        expect(files.filter((file) => /(?<!\.d)\.ts$/.test(file))).to.deep.equal([]);
        expect(files).to.include.members(["LICENSE", "README.md", "PulumiPolicy.yaml", "rules/host-path.js"]);
        expect(own).to.include.keys("version", "description", "license", "keywords");
        expect(own).to.not.have.property("private");
    });

    it("checks manifests with its command, which ends with status 0, 1 or 2", () => {
        const stack = goodStack();
        write("good.yaml", stack.map((body) => stringify(body)).join("---\n"));
        set(pick(stack, "Deployment"), ["spec", "template", "spec", "hostPID"], true);
        write("bad.yaml", stack.map((body) => stringify(body)).join("---\n"));
        const [good, bad, none] = [policy("good.yaml"), policy("bad.yaml"), policy("none.yaml")];
        expect(good.stdout).to.match(/^passed: 0 mandatory/);
        expect(bad.stdout).to.include("mandatory  host-namespaces  spec.template.spec.hostPID  bad.yaml:");
        expect(none.stderr).to.match(/^error: cannot read none\.yaml: [^\n]*\n$/);
        expect([good.status, bad.status, none.status]).to.deep.equal([0, 1, 2]);
        expect(policy("--version").stdout).to.equal(`${own.version}\n`);
    });

    it("reports what is wrong with its configuration at the configuration's own file", () => {
        write("policy.json", JSON.stringify({ exemptions: [{ rule: "host-path", reason: "It was needed once." }] }));
        const { stdout } = policy("good.yaml", "--policy-config", "policy.json", "--format", "sarif");
        expect(stdout).to.match(/"ruleId": "exemptions"[^]*"uri": "policy\.json"/);
    });

    it("is a policy pack for `pulumi preview`, which refuses a bad program", async () => {
        const bad = await preview(`
            import * as kubernetes from "@pulumi/kubernetes";
            new kubernetes.core.v1.ConfigMap("settings", {
                metadata: { name: "settings", namespace: "shop" },
                data: { DB_PASSWORD: "kT9fQ2mXz7LpWv4R" },
            });
        `);
        expect(bad.stdout).to.include(`${own.name}@v${own.version}`);
        expect(bad.stdout).to.include("secret-in-config-map").and.not.include("kT9fQ2mXz7LpWv4R");
        expect(bad.code).not.to.equal(0);
    });

    it("takes the project's own policy-config.json", async () => {
        write("policy-config.json", JSON.stringify({ kubernetes: { rules: { "secret-in-config-map": "disabled" } } }));
        const { code, stdout, stderr } = await preview(readFileSync(path.join(project, "index.js"), "utf8"));
        expect(code, stdout + stderr).to.equal(0);
    });

    it("has its guard with types for a program in TypeScript", () => {
        write(
            "guard.ts",
            `import { Guard } from "${own.name}/guard";\nexport const check: () => void = new Guard(0).check;\n`,
        );
        expect(typeErrors(project, "guard.ts")).to.match(
            /^guard\.ts\(2,\d+\): error TS2345: [^\n]*'number'[^\n]*'GuardArgs'[^\n]*\n$/,
        );
    });
});
