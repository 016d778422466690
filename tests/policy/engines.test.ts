import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect } from "chai";

import { createReport } from "../../local/report.ts";
import { ensureTools } from "../../local/tools/index.ts";
import type { Finding } from "../../policy-pack/check.ts";
import { RULES } from "../../policy-pack/rules/index.ts";
import { PACK } from "./analyzer.ts";
import { FAULTY_PROGRAM, findFaults, lines, saidOf, type Said } from "./engines.ts";
import { faults, FAULTS_CONFIG } from "./faults.ts";

const ROOT = path.resolve(PACK, "..");
const today = new Date().toISOString().slice(0, 10);

interface Preview {
    readonly status: number | null;
    readonly result: string;
    readonly failures: readonly unknown[];
    readonly policies: readonly Said[];
}

describe("the pack under the embedded engine", function () {
    this.timeout(300_000);
    const directory = mkdtempSync(path.join(os.tmpdir(), "policy-engines-"));
    const config = path.join(directory, "config.json");
    let helm: string;

    before(async () => {
        ({ helm } = await ensureTools(["helm"], createReport()));
        writeFileSync(config, JSON.stringify({ kubernetes: FAULTS_CONFIG }));
    });
    after(() => rmSync(directory, { recursive: true, force: true }));

    interface Run {
        readonly program: string;
        readonly stack: string;
        readonly policyConfig: string;
        /** As `key=value`. */
        readonly setting: string;
        readonly helm?: string;
    }
    function preview({ program, stack, policyConfig, setting, helm: own }: Run): Preview {
        const args = ["preview", "--cwd", program, "--stack", stack, "--json", "--config", setting];
        const policies = ["--policy-pack", PACK, "--policy-pack-config", policyConfig];
        // No cluster: everything is to be created, as far as the engine can tell.
        const places = { KUBECONFIG: path.join(directory, "none"), TRADESTREAM_STACKS: directory };
        const env = { ...process.env, ...places, ...(own !== undefined && { HELM: own }) };
        const { status, stdout, stderr } = spawnSync(
            process.execPath,
            [path.join(ROOT, "local/engine/main.js"), ...args, ...policies],
            { encoding: "utf8", env, maxBuffer: 64 * 1024 * 1024 },
        );
        if (stdout === "") throw new Error(`preview of ${stack} ended with status ${status}: ${stderr}`);
        return { status, ...(JSON.parse(stdout) as Omit<Preview, "status">) };
    }

    for (const stack of ["local", "staging", "production"])
        it(`has nothing against ${stack}, and lists what waits for the update in one line`, () => {
            const policyConfig = path.join(ROOT, "policy-config.json");
            const found = preview({ program: ROOT, stack, policyConfig, setting: "placeholderSecrets=true" });
            expect(found).to.deep.include({ status: 0, result: "succeeded", failures: [] });
            expect(found.policies.map(({ policy, level }) => `${level} ${policy}`)).to.deep.equal([
                "advisory unknown-values",
            ]);
        });

    describe("with a program that breaks every rule", () => {
        const seen = new Set<string>();

        for (const [part, what] of [
            ["all", "it"],
            ["helm", "a release where there is no helm"],
            ["chart", "a release whose chart it cannot fetch"],
        ] as const)
            it(`refuses ${what}, with what the pack itself finds`, async () => {
                const program = part === "all" ? helm : "/nowhere/helm";
                const expected = saidOf(await findFaults({ helm: program, stack: "test", today, part }));
                const setting = `part=${part}`;
                const run = { program: FAULTY_PROGRAM, stack: "test", policyConfig: config, setting, helm: program };
                const { status, result, policies } = preview(run);
                expect([status, result]).to.deep.equal([1, "failed"]);
                expectSame(lines(policies), lines(expected));
                for (const { policy, level } of policies) if (level === "mandatory") seen.add(policy);
            });

        it("refuses it for each of the rules", () => {
            // What is marked as a secret does not show over the wire; the program's own guard sees it.
            const unseen = RULES.map(({ name }) => name).filter((name) => !seen.has(name));
            expect(unseen).to.deep.equal(["secret-in-release-values"]);
        });
    });

    it("is one with what `npm run policy` says of the same objects as manifests", async () => {
        // Only Pulumi knows of these: releases, what is protected, and what is known later.
        const isPlain = ({ rule, object }: Pick<Finding, "rule" | "object">): boolean =>
            object.kind !== "Release" && object.release === undefined && rule !== "stateful-protected";
        const known = faults("all").filter(({ rule }) => rule !== "unknown-values");
        const manifests = known.filter(({ type }) => !type.endsWith(":Release")).map(({ props }) => props);
        const file = path.join(directory, "objects.json");
        writeFileSync(file, JSON.stringify({ apiVersion: "v1", kind: "List", items: manifests }));
        const args = [path.join(PACK, "cli.ts"), file, "--policy-config", config, "--format", "json"];
        const { status, stdout } = spawnSync(process.execPath, args, { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
        const { findings } = JSON.parse(stdout) as { findings: readonly Finding[] };
        const line = ({ rule, object, path: at, message }: Finding): string =>
            `${rule} ${object.kind} ${object.namespace ?? ""}/${object.name} ${at}: ${message}`;
        const direct = await findFaults({ helm, stack: "test", today, part: "all" });
        const expected = direct.findings.filter(
            (finding) => isPlain(finding) && finding.object.namespace !== "fault-unknown-values",
        );
        expectSame(findings.map(line), expected.map(line));
        expect(status).to.equal(1);
    });
});

/** Both are long: a difference shows only what differs. */
function expectSame(actual: readonly string[], expected: readonly string[]): void {
    const missing = expected.filter((line) => !actual.includes(line));
    const more = actual.filter((line) => !expected.includes(line));
    expect(
        [...missing.map((line) => `missing: ${line}`), ...more.map((line) => `more: ${line}`)].slice(0, 20),
    ).to.deep.equal([]);
    expect(actual.length).to.equal(expected.length);
}
