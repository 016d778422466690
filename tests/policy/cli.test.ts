import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect } from "chai";
import { stringify } from "yaml";

import { RULES } from "../../policy-pack/rules/index.ts";
import { PACK } from "./analyzer.ts";
import { goodStack, pick, set } from "./stack.ts";

interface Result {
    readonly status: number | null;
    readonly stdout: string;
    readonly stderr: string;
}

describe("npm run policy", function () {
    this.timeout(60_000);
    const directory = mkdtempSync(path.join(os.tmpdir(), "policy-cli-"));
    after(() => rmSync(directory, { recursive: true, force: true }));

    function policy(args: readonly string[], input = ""): Result {
        const env = { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined };
        return spawnSync(process.execPath, [path.join(PACK, "../scripts/policy.ts"), ...args], {
            cwd: directory,
            encoding: "utf8",
            input,
            env,
        });
    }
    function file(name: string, content: unknown): string {
        const text = typeof content === "string" ? content : JSON.stringify(content);
        writeFileSync(path.join(directory, name), text);
        return name;
    }
    /** The good stack as a file of YAML, with the processes of its node. */
    function broken(): string {
        const stack = goodStack();
        set(pick(stack, "Deployment"), ["spec", "template", "spec", "hostPID"], true);
        return stack.map((body) => stringify(body)).join("---\n");
    }
    const good = goodStack()
        .map((body) => stringify(body))
        .join("---\n");

    it("passes good manifests, from a file and from standard input", () => {
        for (const { status, stdout, stderr } of [policy([file("good.yaml", good)]), policy(["-"], good)]) {
            expect(stderr).to.equal("");
            expect(stdout).to.match(/^passed: 0 mandatory, 0 advisory \(\d+ objects, \d+ rules\)\n$/);
            expect(status).to.equal(0);
        }
    });

    it("puts objects without a namespace where --namespace says", () => {
        const account = { apiVersion: "v1", kind: "ServiceAccount", automountServiceAccountToken: false };
        const manifest = JSON.stringify({ ...account, metadata: { name: "shop" } });
        const levels = ["--level", "namespace-default=mandatory"];
        const { status, stdout } = policy(["-", ...levels], manifest);
        expect(stdout).to.contain("namespace-default");
        expect(status).to.equal(1);
        const unset = policy(["-", "--namespace", ""], manifest);
        expect(unset.stderr).to.contain("Write a DNS label");
        expect(unset.status).to.equal(2);
        for (const flag of ["-n", "--namespace"]) {
            const named = policy(["-", flag, "shop", ...levels], manifest);
            expect(named.stdout).not.to.contain("namespace-default");
            expect(named.status).to.equal(0);
        }
    });

    it("warns of a version of Kubernetes whose schema it does not have, and goes on", () => {
        const config = file("config.json", { parameters: { kubernetesVersion: "1.99" } });
        const { status, stderr } = policy([file("good.yaml", good), "--policy-config", config]);
        expect(stderr).to.match(
            /^warning: the schema of Kubernetes 1\.99 is not known \(1\.30 to 1\.\d+ are\); the nearest is used\n$/,
        );
        expect(status).to.equal(0);
    });

    it("refuses a file that is no text, with status 2", () => {
        writeFileSync(path.join(directory, "latin1.yaml"), Buffer.from("a: ä\n", "latin1"));
        const { status, stderr } = policy(["latin1.yaml"]);
        expect(stderr).to.contain("cannot read latin1.yaml: it is text neither in UTF-8 nor in UTF-16");
        expect(status).to.equal(2);
    });

    it("refuses bad ones with status 1, and says where in which file", () => {
        const { status, stdout } = policy([file("bad.yaml", broken())]);
        const line =
            broken()
                .split("\n")
                .findIndex((text) => text.includes("hostPID")) + 1;
        expect(stdout).to.include("Deployment shop/api\n");
        expect(stdout).to.include(`mandatory  host-namespaces  spec.template.spec.hostPID  bad.yaml:${line}\n`);
        expect(stdout).to.include("the pod sets hostPID.\n");
        expect(stdout).to.include("refused: 1 mandatory, 0 advisory");
        expect(status).to.equal(1);
    });

    it("takes levels and presets from the call, over those of the file", () => {
        const config = file("policy.json", {
            kubernetes: { preset: "strict", rules: { "host-namespaces": "disabled" } },
        });
        expect(policy(["-", "--policy-config", config, "--preset", "recommended"], broken()).status).to.equal(0);
        const raised = policy(["-", "--policy-config", config, "--level", "host-namespaces=mandatory"], broken());
        expect(raised.status).to.equal(1);
        const lowered = policy(["-", "--level", "host-namespaces=advisory"], broken());
        expect(lowered.stdout).to.include("passed: 0 mandatory, 1 advisory");
        expect(lowered.status).to.equal(0);
    });

    it("counts what is exempted, by a file that may begin with a byte order mark", () => {
        const exemptions = [{ rule: "host-namespaces", reason: "It measures the node's processes." }];
        const config = file("exempt.json", `\uFEFF${JSON.stringify({ exemptions })}`);
        const { status, stdout } = policy(["-", "--policy-config", config], broken());
        expect(stdout).to.include("passed: 0 mandatory, 0 advisory, 1 exempted");
        expect(status).to.equal(0);
    });

    it("reports as JSON", () => {
        const { status, stdout } = policy(["-", "--format", "json"], broken());
        const report = JSON.parse(stdout) as { summary: unknown; findings: readonly Record<string, unknown>[] };
        expect(report.summary).to.include({ mandatory: 1, advisory: 0, exempted: 0 });
        expect(report.findings[0]).to.deep.include({
            rule: "host-namespaces",
            level: "mandatory",
            severity: "critical",
            path: "spec.template.spec.hostPID",
            object: { apiVersion: "apps/v1", kind: "Deployment", namespace: "shop", name: "api" },
        });
        expect(status).to.equal(1);
    });

    it("reports as JUnit, one case per rule, into a file", () => {
        const { stdout, status } = policy(["-", "--format", "junit", "--output", "report.xml"], broken());
        expect([stdout, status]).to.deep.equal(["", 1]);
        const report = readFileSync(path.join(directory, "report.xml"), "utf8");
        expect(report).to.include(`tests="${RULES.length}" failures="1"`);
        expect(report.match(/<testcase /g)).to.have.length(RULES.length);
        expect(report).to.include('<failure message="1 findings">Deployment shop/api: spec.template.spec.hostPID');
    });

    it("writes to standard output where the file is -", () => {
        const { status, stdout } = policy(["-", "--format", "json", "--output", "-"], good);
        expect(JSON.parse(stdout)).to.have.property("summary");
        expect(status).to.equal(0);
    });

    it("shows colours on a terminal only", () => {
        expect(policy(["-"], broken()).stdout).to.not.include("\u001b[");
    });

    it("checks what a stack of the program renders to", () => {
        const { status, stdout } = policy(["--stack", "local", "--format", "json"]);
        const { summary } = JSON.parse(stdout) as { summary: { mandatory: number; objects: number } };
        expect(summary.mandatory).to.equal(0);
        expect(summary.objects).to.be.greaterThan(20);
        expect(status).to.equal(0);
    });

    for (const [what, args, input, message] of [
        ["nothing to check", [], "", "name files, or - for standard input"],
        ["a file that is not there", ["no.yaml"], "", "cannot read no.yaml"],
        ["what is not YAML", ["-"], "a: 1\nb: [", "stdin:2: this is not YAML"],
        ["no object at all", ["-"], "# nothing\n", "there is no Kubernetes object to check"],
        [
            "a document that is no object",
            ["-"],
            `${good}---\n\nkind: Pod\n`,
            `stdin:${good.split("\n").length + 2}: this is not a Kubernetes object: it needs apiVersion and kind`,
        ],
        ["a report that cannot be written", ["-", "--output", "no/report.txt"], good, "cannot write the report"],
        ["an unknown option", ["-", "--hard"], good, "unknown option '--hard'"],
        ["an unknown format", ["-", "--format", "html"], good, "Allowed choices are text, json, sarif, junit"],
        [
            "an unknown level",
            ["-", "--level", "image-tag=hard"],
            good,
            "Write rule=disabled, rule=advisory or rule=mandatory",
        ],
        ["an unknown rule", ["-", "--level", "image-tags=disabled"], good, 'did you mean "image-tag"?'],
        [
            "a configuration that is not there",
            ["-", "--policy-config", "no.json"],
            good,
            "cannot read the configuration no.json",
        ],
        ["an unknown stack", ["--stack", "nowhere"], "", "there is no stack nowhere"],
    ] as const)
        it(`ends with status 2 at ${what}`, () => {
            const { status, stdout, stderr } = policy(args, input);
            expect(stderr).to.include(message);
            expect(stdout).to.equal("");
            expect(status).to.equal(2);
        });
});
