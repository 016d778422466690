/** run.sh with a `pulumi` that says and returns what each case needs, and writes down how it was called. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect } from "chai";
import { shellBlock } from "../../support/guide.ts";
import { actionDirectory, root } from "./workflows.ts";

describe("run.sh", () => {
    let scratch: string;

    beforeEach(() => {
        scratch = mkdtempSync(path.join(os.tmpdir(), "tradestream-delivery-"));
        const fake = [
            "#!/usr/bin/env bash",
            `echo "$* backend=\${PULUMI_BACKEND_URL-none} passphrase=\${PULUMI_CONFIG_PASSPHRASE-none} force=\${PULUMI_K8S_ENABLE_PATCH_FORCE-none}" >> ${scratch}/calls`,
            'echo "$1 <says> a & b"',
            'status="STATUS_$1"',
            'exit "${!status:-0}"',
        ];
        writeFileSync(path.join(scratch, "pulumi"), `${fake.join("\n")}\n`, { mode: 0o755 });
        // `npm run --silent deploy …` is noted as `deploy …`.
        writeFileSync(path.join(scratch, "npm"), '#!/bin/sh\nshift 2\nexec pulumi "$@"\n', { mode: 0o755 });
    });

    afterEach(() => rmSync(scratch, { recursive: true, force: true }));

    /** Exit status of each pulumi command, by its name. */
    function run(
        args: readonly string[],
        statuses: Readonly<Record<string, number>> = {},
        env: NodeJS.ProcessEnv = {},
    ) {
        const { status } = spawnSync(path.join(actionDirectory, "run.sh"), [...args], {
            env: {
                PATH: `${scratch}:${process.env["PATH"]}`,
                GITHUB_STEP_SUMMARY: path.join(scratch, "summary"),
                ...Object.fromEntries(Object.entries(statuses).map(([name, code]) => [`STATUS_${name}`, String(code)])),
                ...env,
            },
        });
        const read = (name: string): string =>
            existsSync(path.join(scratch, name)) ? readFileSync(path.join(scratch, name), "utf8") : "";
        return {
            status,
            outcome: read("report/outcome").trim(),
            output: read("report/output.txt"),
            calls: read("calls").trim().split("\n"),
            summary: read("summary"),
        };
    }

    const report = (): string => path.join(scratch, "report");
    const policies = "--policy-pack policy-pack --policy-pack-config policy-config.json";
    const always = `--stack org/staging ${policies} --non-interactive --color never`;

    it("names a policy pack and settings that are there", () => {
        for (const file of ["policy-pack/PulumiPolicy.yaml", "policy-config.json"])
            expect(existsSync(path.join(root, file)), file).to.equal(true);
    });

    it("previews with the policy pack", () => {
        const { status, outcome, calls, output } = run(["preview", "org/staging", report()]);
        expect({ status, outcome }).to.deep.equal({ status: 0, outcome: "ok" });
        expect(calls).to.have.lengthOf(1);
        expect(calls[0])
            .to.contain(`preview --diff ${always}`)
            .and.match(/ force=none$/);
        expect(output).to.equal("preview <says> a & b\n");
    });

    it("fails when the preview does", () => {
        const { status, outcome } = run(["preview", "org/staging", report()], { preview: 1 });
        expect({ status, outcome }).to.deep.equal({ status: 1, outcome: "failed" });
    });

    it("deploys with a preview before and the proof after", () => {
        const { status, outcome, calls } = run(["up", "org/staging", report()]);
        expect({ status, outcome }).to.deep.equal({ status: 0, outcome: "ok" });
        expect(calls).to.have.lengthOf(2);
        const command = shellBlock("docs/delivery.md", "npm run deploy").trim().replace("production", "org/staging");
        expect(`npm run ${calls[0]}`.startsWith(`${command} backend=`), "as by hand").to.equal(true);
        expect(calls[1]).to.contain(`preview --diff --expect-no-changes ${always}`);
    });

    for (const [code, expected] of [
        [1, "rolled-back"],
        [2, "failed"],
        [3, "failed"],
    ] as const) {
        it(`stops when the deployment ends with ${code}, and calls that ${expected}`, () => {
            const { status, outcome, calls } = run(["up", "org/staging", report()], { deploy: code });
            expect({ status, outcome }).to.deep.equal({ status: 1, outcome: expected });
            expect(calls).to.have.lengthOf(1);
        });
    }

    it("says so when a second run would change things again", () => {
        const { status, outcome } = run(["up", "org/staging", report()], { preview: 7 });
        expect({ status, outcome }).to.deep.equal({ status: 1, outcome: "unsettled" });
    });

    for (const [code, expected] of [
        [0, { status: 0, outcome: "ok" }],
        [7, { status: 0, outcome: "drift" }],
        [1, { status: 1, outcome: "failed" }],
        [255, { status: 1, outcome: "failed" }],
    ] as const) {
        it(`reports exit status ${code} of the comparison as ${expected.outcome}`, () => {
            const { status, outcome, calls } = run(["drift", "org/staging", report()], { preview: code });
            expect({ status, outcome }).to.deep.equal(expected);
            expect(calls[0]).to.contain(`preview --refresh --diff --expect-no-changes ${always}`);
            // What another tool has changed is drift as well, and no conflict.
            expect(calls[0]).to.match(/ force=true$/);
        });
    }

    it("hands over a backend and a passphrase, and leaves out empty ones", () => {
        const given = { PULUMI_BACKEND_URL: "s3://states", PULUMI_CONFIG_PASSPHRASE: "p" };
        expect(run(["preview", "s", report()], {}, given).calls[0]).to.contain("backend=s3://states passphrase=p");
        const empty = { PULUMI_BACKEND_URL: "", PULUMI_CONFIG_PASSPHRASE: "" };
        expect(run(["preview", "s", report()], {}, empty).calls.at(-1)).to.contain("backend=none passphrase=none");
    });

    it("writes a summary in which nothing becomes markup", () => {
        const { summary } = run(["preview", "org/staging", report()]);
        expect(summary).to.contain("pulumi preview of org/staging: ok");
        expect(summary).to.contain("preview &lt;says&gt; a &amp; b");
    });

    it("refuses what it does not know, and calls nothing", () => {
        for (const args of [[], ["preview", "s"], ["destroy", "s", report()]]) {
            const { status, calls } = run(args);
            expect(status, args.join(" ")).to.equal(2);
            expect(calls).to.deep.equal([""]);
        }
    });
});
