import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect } from "chai";

import { ensurePulumi, type Pulumi } from "../../local/pulumi/index.ts";
import { runPulumi } from "../../local/pulumi/run.ts";
import { openStack, stackArguments } from "../../local/pulumi/stack.ts";
import { createReport } from "../../local/report.ts";
import { configuration, stacks } from "../support/configuration.ts";
import { ensureTools } from "../../local/tools/index.ts";
import type { Finding } from "../../policy-pack/check.ts";
import { RULES } from "../../policy-pack/rules/index.ts";
import { PACK } from "./analyzer.ts";
import { VIOLATING_PROGRAM, findViolations, lines, saidOf, type Said } from "./violating.ts";
import { violations, VIOLATIONS_CONFIG } from "./violations.ts";

const ROOT = path.resolve(PACK, "..");
const today = new Date().toISOString().slice(0, 10);

interface Preview {
    readonly code: number | undefined;
    readonly policies: readonly Said[];
}

/** A line of the CLI's event log, as far as it is read here. */
interface EngineEvent {
    readonly policyEvent?: {
        readonly resourceUrn?: string;
        readonly message: string;
        readonly policyName: string;
        readonly enforcementLevel: string;
    };
}

describe("`pulumi preview` with the pack", function () {
    this.timeout(300_000);
    const directory = mkdtempSync(path.join(os.tmpdir(), "policy-engines-"));
    const config = path.join(directory, "config.json");
    let helm: string;
    let pulumi: Pulumi;

    before(async () => {
        pulumi = await ensurePulumi(createReport());
        ({ helm } = await ensureTools(["helm"], createReport()));
        writeFileSync(config, JSON.stringify({ kubernetes: VIOLATIONS_CONFIG }));
    });
    after(() => rmSync(directory, { recursive: true, force: true }));

    interface Run {
        readonly program: string;
        readonly project: string;
        readonly stack: string;
        readonly file?: string;
        /** Configuration by key with project. */
        readonly setting: Readonly<Record<string, unknown>>;
        readonly flags?: readonly string[];
        readonly helm?: string;
    }
    async function preview({
        program,
        project,
        stack,
        file,
        setting,
        flags = [],
        helm: own = helm,
    }: Run): Promise<Preview> {
        const place = { directory: path.join(directory, `${project}-${stack}`), stack, project };
        const opened = await openStack(pulumi, { ...place, ...(file !== undefined && { file }), config: setting });
        const log = path.join(directory, "events.json");
        rmSync(log, { force: true });
        const args = ["preview", ...stackArguments(opened), "--policy-pack", PACK, ...flags, "--event-log", log];
        const { code, stdout, stderr } = await runPulumi(pulumi, [...args, "--non-interactive"], {
            cwd: program,
            // No cluster: everything is to be created. The variable shows --event-log, which is for tools such as this.
            env: { ...opened.env, HELM: own, KUBECONFIG: path.join(directory, "none"), PULUMI_DEBUG_COMMANDS: "true" },
            output: "pipe",
        });
        if (!existsSync(log)) throw new Error(`preview of ${stack} ended with ${code}: ${stdout}${stderr}`);
        const events = readFileSync(log, "utf8").trim().split("\n");
        const policies = events.flatMap((line): Said[] => {
            const event = (JSON.parse(line) as EngineEvent).policyEvent;
            if (event === undefined) return [];
            const { policyName: policy, enforcementLevel: level, resourceUrn: urn = "", message } = event;
            return [{ policy, level, urn, message }];
        });
        return { code, policies };
    }

    for (const stack of stacks)
        it(`passes ${stack} without further flags, and lists in one line what waits for the update`, async () => {
            const file = path.join(ROOT, `Pulumi.${stack}.yaml`);
            // There is no cluster that could say whether it has cert-manager.
            const { database } = configuration(stack);
            const tls = { tls: { secretName: "database-certificate", clientCertificates: "required" } };
            const setting = {
                "tradestream:placeholderSecrets": "true",
                ...(stack !== "local" && { "tradestream:database": { ...(database as object), ...tls } }),
            };
            const found = await preview({ program: ROOT, project: "tradestream", stack, file, setting });
            // The pack knows no object that makes those Secrets.
            const elsewhere = Array.from({ length: stack === "local" ? 0 : 5 }, () => "advisory reference-exists");
            expect(found.policies.map(({ policy, level }) => `${level} ${policy}`)).to.have.members([
                "advisory unknown-values",
                ...elsewhere,
            ]);
            expect(found.code).to.equal(0);
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
                const expected = saidOf(await findViolations({ helm: program, stack: "test", today, part }));
                const { code, policies } = await preview({
                    program: VIOLATING_PROGRAM,
                    project: "violating",
                    stack: "test",
                    setting: { "violating:part": part },
                    flags: ["--policy-pack-config", config],
                    helm: program,
                });
                expect(code).not.to.equal(0);
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
        const known = violations("all").filter(({ rule }) => rule !== "unknown-values");
        const manifests = known.filter(({ type }) => !type.endsWith(":Release")).map(({ props }) => props);
        const file = path.join(directory, "objects.json");
        writeFileSync(file, JSON.stringify({ apiVersion: "v1", kind: "List", items: manifests }));
        const args = [path.join(PACK, "cli.ts"), file, "--policy-config", config, "--format", "json"];
        const { status, stdout } = spawnSync(process.execPath, args, { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
        const { findings } = JSON.parse(stdout) as { findings: readonly Finding[] };
        const line = ({ rule, object, path: at, message }: Finding): string =>
            `${rule} ${object.kind} ${object.namespace ?? ""}/${object.name} ${at}: ${message}`;
        const direct = await findViolations({ helm, stack: "test", today, part: "all" });
        const expected = direct.findings.filter(
            (finding) =>
                isPlain(finding) &&
                finding.object.namespace !== "violation-unknown-values" &&
                // Server-side apply alone refuses it, as Pulumi does it.
                !/^the list has two entries/.test(finding.message),
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
