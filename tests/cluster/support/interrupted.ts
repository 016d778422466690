/** Runs of the engine that are disturbed at a moment of their progress: killed, or left without an API server. */
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { root } from "./commands.ts";
import { pause } from "./load.ts";

/** When to step in: a number of lines of progress, or what a line says; then some milliseconds more (default: 0). */
export interface Moment {
    readonly line: number | RegExp;
    readonly delay?: number;
}

/** A run that has ended. */
export interface Run {
    readonly code: number | null;
    /** What it was ended with; `null` when it ended by itself. */
    readonly signal: NodeJS.Signals | null;
    /** When each line of progress came, in milliseconds after the start. */
    readonly lines: readonly number[];
    readonly stdout: string;
    readonly stderr: string;
}

/**
 * Runs the engine to its end. At `moment`, if it comes, `disturb` is told the process id; the run counts as ended when
 * that is over as well. No process of the run is left afterwards, or this throws.
 */
export async function disturbed(
    args: readonly string[],
    moment?: Moment,
    disturb: (pid: number) => void | Promise<void> = () => undefined,
): Promise<Run> {
    // All that the engine starts inherits this, and can be told from the rest of the machine by it.
    const mark = { TRADESTREAM_TEST_RUN: randomUUID() };
    const child = spawn(process.execPath, [path.join(root, "local/engine/main.js"), ...args], {
        cwd: root,
        env: { ...process.env, ...mark },
        stdio: ["ignore", "pipe", "pipe"],
    });
    const start = performance.now();
    const lines: number[] = [];
    const told = { stdout: "", stderr: "" };
    let disturbance: Promise<void> | undefined;
    const isReached = (): boolean =>
        moment !== undefined &&
        (typeof moment.line === "number" ? lines.length >= moment.line : moment.line.test(told.stderr));
    const look = (): void => {
        if (disturbance !== undefined || !isReached()) return;
        disturbance = (async () => {
            await pause(moment?.delay ?? 0);
            if (child.exitCode === null) await disturb(child.pid!);
        })();
    };
    child.stdout.setEncoding("utf8").on("data", (text: string) => (told.stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
        told.stderr += text;
        while (lines.length < told.stderr.split("\n").length - 1) lines.push(performance.now() - start);
        look();
    });
    const closed = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve, reject) => {
        child.once("error", reject);
        child.once("close", (code, signal) => resolve({ code, signal }));
    });
    look();
    const end = await closed;
    await disturbance;
    await expectNoneLeft(`TRADESTREAM_TEST_RUN=${mark.TRADESTREAM_TEST_RUN}`);
    return { ...end, lines, ...told };
}

/** A run that is ended by a signal at a moment. */
export function killed(args: readonly string[], moment: Moment, signal: NodeJS.Signals = "SIGKILL"): Promise<Run> {
    return disturbed(args, moment, (pid) => void process.kill(pid, signal));
}

/**
 * Moments spread over a run like this one: half-way between evenly over its lines, most of which come at once, and evenly
 * over its time, most of which is waiting.
 */
export function momentsOf({ lines }: Pick<Run, "lines">, count: number): readonly (Moment & { line: number })[] {
    const [first, last] = [lines[0] ?? 0, lines.at(-1) ?? 0];
    const place = (index: number): number => index / (lines.length - 1) + (lines[index]! - first) / (last - first);
    return Array.from({ length: count }, (_, number) => {
        const wanted = (2 * number) / count;
        let index = 0;
        while (index < lines.length - 2 && place(index + 1) <= wanted) index++;
        const [from, to] = [place(index), place(index + 1)];
        const delay = ((wanted - from) / (to - from)) * (lines[index + 1]! - lines[index]!);
        return { line: index + 1, delay: Math.round(delay) };
    });
}

/** The program and helm end with the engine: nothing goes on changing the cluster behind its back. */
async function expectNoneLeft(mark: string): Promise<void> {
    const end = Date.now() + 5000;
    for (;;) {
        const left = fs.readdirSync("/proc").filter((entry) => /^\d+$/.test(entry) && hasInEnvironment(entry, mark));
        if (left.length === 0) return;
        if (Date.now() > end) throw new Error(`processes outlive the engine: ${left.join(", ")}`);
        await pause(100);
    }
}

function hasInEnvironment(pid: string, variable: string): boolean {
    try {
        return fs.readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(variable);
    } catch {
        return false; // it has ended
    }
}
