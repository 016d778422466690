/**
 * The policy pack under the official CLI: the three stacks pass, and a program that breaks every rule is refused with
 * the findings that the pack has by itself (which a test holds against the embedded engine). Needs `pulumi` with the
 * plugins of Pulumi.yaml on the PATH, and no cluster: `node tests/official/policy.ts`. Exit status: 0 when all agree.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { createReport } from "../../local/report.ts";
import { ensureTools } from "../../local/tools/index.ts";
import { findFaults, lines, saidOf, type Said } from "../policy/engines.ts";
import { FAULTS_CONFIG, type Part } from "../policy/faults.ts";

const root = path.resolve(import.meta.dirname, "../..");
const scratch = mkdtempSync(path.join(os.tmpdir(), "tradestream-official-"));
const project = path.join(scratch, "project");

/** A line of the CLI's event log, as far as it is read here. */
interface EngineEvent {
    readonly policyEvent?: {
        readonly resourceUrn?: string;
        readonly message: string;
        readonly policyName: string;
        readonly enforcementLevel: string;
    };
}

process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));
process.exitCode = await main();

async function main(): Promise<number> {
    const { helm } = await ensureTools(["helm"], createReport());
    copyProject();
    const results = [
        ...["local", "staging", "production"].map((stack) => ofStack(stack, helm)),
        await ofFaults("all", helm),
        await ofFaults("helm", "/nowhere/helm"),
    ];
    return results.every(Boolean) ? 0 : 1;
}

/** Whether a stack passes, with nothing to say but what waits for the update. */
function ofStack(stack: string, helm: string): boolean {
    const config = ["--config", "tradestream:placeholderSecrets=true"];
    const { status, said } = preview(project, stack, path.join(project, "policy-config.json"), helm, config);
    const other = said.filter(({ policy, level }) => !(policy === "unknown-values" && level === "advisory"));
    return tell(stack, status === 0 && other.length === 0, lines(other));
}

async function ofFaults(part: Part, helm: string): Promise<boolean> {
    const policyConfig = path.join(scratch, "faults.json");
    writeFileSync(policyConfig, JSON.stringify({ kubernetes: FAULTS_CONFIG }));
    const today = new Date().toISOString().slice(0, 10);
    const expected = lines(saidOf(await findFaults({ helm, stack: "test", today, part })));
    const program = path.join(project, "tests/fixtures/faulty-program");
    const { status, said } = preview(program, "test", policyConfig, helm, ["--config", `part=${part}`]);
    const found = lines(said);
    const missing = expected.filter((line) => !found.includes(line)).map((line) => `missing: ${line}`);
    const more = found.filter((line) => !expected.includes(line)).map((line) => `more: ${line}`);
    const isSame = missing.length + more.length === 0 && found.length === expected.length;
    return tell(`faults (${part}): ${found.length} findings, ${expected.length} expected`, status !== 0 && isSame, [
        ...missing,
        ...more,
    ]);
}

/** The tracked files in a directory of their own: the CLI writes into stack files. */
function copyProject(): void {
    const files = execFileSync("git", ["ls-files", "-z"], { cwd: root, encoding: "utf8" }).split("\0");
    for (const file of files.filter((name) => name !== "")) {
        mkdirSync(path.dirname(path.join(project, file)), { recursive: true });
        cpSync(path.join(root, file), path.join(project, file));
    }
    symlinkSync(path.join(root, "node_modules"), path.join(project, "node_modules"));
}

function preview(
    directory: string,
    stack: string,
    policyConfig: string,
    helm: string,
    config: readonly string[],
): { status: number | null; said: readonly Said[] } {
    const env = {
        ...process.env,
        PULUMI_BACKEND_URL: `file://${scratch}`,
        PULUMI_CONFIG_PASSPHRASE: "only for this preview",
        // Shows --event-log, which is for tools such as this.
        PULUMI_DEBUG_COMMANDS: "true",
        KUBECONFIG: path.join(scratch, "none"),
        HELM: helm,
        PWD: directory,
    };
    const pulumi = (...args: readonly string[]): ReturnType<typeof spawnSync> =>
        spawnSync("pulumi", [...args, "--non-interactive", "--stack", stack], {
            cwd: directory,
            env,
            encoding: "utf8",
        });
    const log = path.join(scratch, "events.json");
    rmSync(log, { force: true });
    const made = spawnSync("pulumi", ["stack", "init", stack, "--non-interactive"], {
        cwd: directory,
        env,
        encoding: "utf8",
    });
    if (made.error !== undefined) throw made.error;
    const policies = ["--policy-pack", path.join(project, "policy-pack"), "--policy-pack-config", policyConfig];
    const { status, stdout, stderr } = pulumi("preview", "--event-log", log, ...policies, ...config);
    const events = readFileSync(log, "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as EngineEvent);
    const said = events.flatMap(({ policyEvent: event }): Said[] => {
        if (event === undefined) return [];
        const { policyName: policy, enforcementLevel: level, resourceUrn: urn = "", message } = event;
        return [{ policy, level, urn, message }];
    });
    if (status !== 0 && said.length === 0) process.stderr.write(`${String(stdout)}${String(stderr)}${made.stderr}`);
    return { status, said };
}

function tell(what: string, isGood: boolean, differences: readonly string[]): boolean {
    process.stdout.write(`${isGood ? "ok    " : "FAILED"} ${what}\n`);
    for (const line of differences.slice(0, 40)) process.stdout.write(`       ${line}\n`);
    return isGood;
}
