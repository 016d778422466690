/**
 * Runs all suites, or the fast ones with `--fast`, one group after the other, and ends with a line `N passed, N failed`.
 * A suite that did not run, ran no test, or skipped one counts as a failure.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { compileCacheHome } from "../local/home.ts";
import { writeEvidence } from "./evidence.ts";
import { type Suite, suites } from "./suites.ts";

interface Counts {
    readonly passed: number;
    readonly failed: number;
    readonly skipped: number;
    /** Titles and first lines of what failed, where the suite says so. */
    readonly failures?: readonly string[];
    /** How long each part took, by its title. */
    readonly seconds?: Readonly<Record<string, number>>;
}

interface Result {
    readonly suite: Suite;
    readonly counts: Counts;
    readonly seconds: number;
}

const root = path.resolve(import.meta.dirname, "..");
const scratch = mkdtempSync(path.join(os.tmpdir(), "tradestream-tests-"));
/** Where suites keep what they measure, when $EVIDENCE asks for it. */
const evidence = process.env["EVIDENCE"] === undefined ? undefined : path.join(scratch, "evidence.jsonl");
/** Compiled code is kept where the program keeps it: Node's default is the directory for temporary files. */
const environment = {
    ...process.env,
    NODE_COMPILE_CACHE: compileCacheHome(),
    ...(evidence !== undefined && { EVIDENCE_FILE: evidence }),
};
const running = new Set<ReturnType<typeof spawn>>();
let isInterrupted = false;

for (const signal of ["SIGINT", "SIGTERM"] as const) {
    // Each suite cleans up after itself; this waits for all, and begins no other.
    process.on(signal, () => {
        isInterrupted = true;
        running.forEach((child) => child.kill(signal));
    });
}

const { values, positionals } = parseArgs({ options: { fast: { type: "boolean" } }, allowPositionals: true });
process.exitCode = await main();

async function main(): Promise<number> {
    const unknown = positionals.filter((name) => !suites.some((suite) => suite.name === name));
    if (unknown.length > 0) {
        process.stderr.write(
            `unknown suite ${unknown.join(", ")}; there are ${suites.map(({ name }) => name).join(", ")}\n`,
        );
        return 2;
    }
    const named = suites.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
    const chosen = named.filter(({ slow }) => values.fast !== true || slow !== true);
    const results: Result[] = [];
    for (const group of Object.values(Object.groupBy(chosen, ({ name, group }) => group ?? name))) {
        const isLabelled = group!.length > 1;
        results.push(...(await Promise.all(group!.map((suite) => timed(suite, isLabelled)))));
    }
    if (evidence !== undefined) writeEvidence(evidence, new Date());
    rmSync(scratch, { recursive: true, force: true });
    process.stdout.write("\n");
    for (const { suite, counts, seconds } of results) {
        const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : "";
        process.stdout.write(
            `${suite.name.padEnd(12)} ${counts.passed} passed, ${counts.failed} failed${skipped} (${seconds.toFixed(0)} s)\n`,
        );
        const slow = Object.entries(counts.seconds ?? {}).filter(([, each]) => each >= 60);
        if (slow.length > 1)
            process.stdout.write(`  ${slow.map(([title, each]) => `${title} ${each} s`).join(", ")}\n`);
    }
    for (const { suite, counts } of results) {
        // Again, as the suite's own output is far above, in between that of the suite beside it.
        counts.failures?.forEach((failure) => process.stdout.write(`  ${suite.name}: ${failure}\n`));
    }
    const sum = (key: "passed" | "failed" | "skipped"): number =>
        results.reduce((total, { counts }) => total + counts[key], 0);
    process.stdout.write(`${sum("passed")} passed, ${sum("failed") + sum("skipped")} failed\n`);
    return sum("failed") + sum("skipped") > 0 ? 1 : 0;
}

/** Runs a suite. With `isLabelled`, each line of its output begins with its name. */
async function timed(suite: Suite, isLabelled: boolean): Promise<Result> {
    process.stdout.write(`\n=== ${suite.name}: ${suite.about}\n`);
    const start = performance.now();
    const interrupted = { passed: 0, failed: 1, skipped: 0, failures: ["interrupted before it began"] };
    const counts = isInterrupted ? interrupted : await run(suite, isLabelled);
    return { suite, counts, seconds: (performance.now() - start) / 1000 };
}

async function run(suite: Suite, isLabelled: boolean): Promise<Counts> {
    const file = path.join(scratch, `${suite.name}.json`);
    const output: string[] = [];
    const code = await new Promise<number>((resolve) => {
        const [command, ...args] = suite.command;
        const child = spawn(command!, args, {
            cwd: path.join(root, suite.cwd ?? "."),
            env: { ...environment, ...suite.env, MOCHA_COUNTS: file },
            stdio: [
                "ignore",
                suite.counts === "go" || isLabelled ? "pipe" : "inherit",
                isLabelled ? "pipe" : "inherit",
            ],
        });
        running.add(child);
        if (suite.counts === "go") child.stdout!.setEncoding("utf8").on("data", (text: string) => output.push(text));
        const shown = isLabelled ? [...(suite.counts === "go" ? [] : [child.stdout!]), child.stderr!] : [];
        for (const stream of shown) {
            createInterface(stream).on("line", (line) => process.stdout.write(`${suite.name}: ${line}\n`));
        }
        child.on("error", (error) => {
            process.stdout.write(`${error.message}\n`);
            resolve(127);
        });
        child.on("close", (status) => {
            running.delete(child);
            resolve(status ?? 1);
        });
    });
    const counts = count(suite, file, code, output.join(""));
    // A suite that ended badly without a failed test has failed as a whole.
    return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

function count(suite: Suite, file: string, code: number, output: string): Counts {
    if (suite.counts === "command") {
        return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 };
    }
    const counts = suite.counts === "go" ? countGo(output) : countMocha(file);
    if (counts.passed + counts.failed === 0) {
        process.stdout.write(`the suite ${suite.name} ran no test\n`);
        return { ...counts, failed: 1 };
    }
    return counts;
}

function countMocha(file: string): Counts {
    try {
        return JSON.parse(readFileSync(file, "utf8")) as Counts;
    } catch {
        return { passed: 0, failed: 0, skipped: 0 };
    }
}

/** Counts the lines of `go test -json`, and shows what failed. */
function countGo(output: string): Counts {
    interface Event {
        readonly Action: string;
        readonly Test?: string;
        readonly Output?: string;
    }
    const events = output.split("\n").flatMap((line): Event[] => {
        try {
            return [JSON.parse(line) as Event];
        } catch {
            return [];
        }
    });
    const tests = (action: string): number =>
        events.filter((event) => event.Test !== undefined && event.Action === action).length;
    const failed = new Set(events.filter((event) => event.Action === "fail").map((event) => event.Test));
    events
        .filter((event) => event.Action === "output" && (failed.has(event.Test) || event.Test === undefined))
        .forEach((event) => process.stdout.write(event.Output ?? ""));
    return {
        passed: tests("pass"),
        failed: tests("fail"),
        skipped: tests("skip"),
        failures: [...failed].filter((name) => name !== undefined),
    };
}
