/** Runs commands and measures them; medians. */
import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";

export const root = path.resolve(import.meta.dirname, "../..");

export interface Measured {
    readonly seconds: number;
    /** Processor time of the program and of all that it started and waited for, in seconds: no other load counts. */
    readonly cpu: number;
    /** Most memory of the process itself, without its children. Mebibytes. */
    readonly peakMemory: number;
    readonly stdout: string;
}

export interface MeasureOptions {
    readonly env?: Readonly<Record<string, string>>;
    readonly cwd?: string;
    /** Exit codes that are fine. Default: 0. */
    readonly codes?: readonly number[];
}

const pollMilliseconds = 50;
const ticksPerSecond = 100;
/** How much of what a failing program printed is worth showing. */
const reportedLength = 3000;

/** Runs a program to its end. Throws with all that it printed for an exit code that is not expected. */
export function measure(file: string, args: readonly string[], options: MeasureOptions = {}): Promise<Measured> {
    const { env, cwd = root, codes = [0] } = options;
    const start = performance.now();
    const cpuBefore = childrenCpu();
    const child = spawn(file, args, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    const stdout: string[] = [];
    const stderr: string[] = [];
    child.stdout.setEncoding("utf8").on("data", (text: string) => stdout.push(text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => stderr.push(text));
    let peakMemory = 0;
    const poll = setInterval(() => (peakMemory = Math.max(peakMemory, residentPeak(child.pid!))), pollMilliseconds);
    return new Promise((resolve, reject) => {
        child.on("error", reject);
        child.on("close", (code) => {
            clearInterval(poll);
            const seconds = (performance.now() - start) / 1000;
            const [output, errors] = [stdout.join(""), stderr.join("")];
            if (codes.includes(code ?? 1))
                resolve({ seconds, cpu: childrenCpu() - cpuBefore, peakMemory, stdout: output });
            else {
                const end = [output, errors].map((text) => text.slice(-reportedLength)).join("\n");
                reject(new Error(`${file} ${args.join(" ")} ended with ${code}\n${end}`));
            }
        });
    });
}

/** Processor time of all children of this process that have ended, and of theirs, in seconds. Linux; source: proc(5). */
export function childrenCpu(): number {
    const fields = fs.readFileSync("/proc/self/stat", "utf8").split(") ")[1]!.split(" ");
    const [user, system] = [Number(fields[13]), Number(fields[14])];
    return (user + system) / ticksPerSecond;
}

function residentPeak(id: number): number {
    try {
        return Number(/^VmHWM:\s+(\d+) kB$/m.exec(fs.readFileSync(`/proc/${id}/status`, "utf8"))?.[1] ?? 0) / 1024;
    } catch {
        return 0; // it has just ended
    }
}

export function median(values: readonly number[]): number {
    const sorted = [...values].sort((a, b) => a - b);
    const middle = Math.floor(sorted.length / 2);
    return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Wall-clock and processor time, in seconds. */
export interface Cost {
    readonly seconds: number;
    readonly cpu: number;
}

/** Repeats what is to be compared in turns, so that the load of the machine meets all alike; medians by name. */
export async function inTurns<Name extends string>(
    runs: number,
    subjects: Readonly<Record<Name, (run: number) => Promise<Cost>>>,
): Promise<Readonly<Record<Name, Cost>>> {
    const names = Object.keys(subjects) as Name[];
    const costs = new Map<Name, Cost[]>(names.map((name) => [name, []]));
    for (let run = 0; run < runs; run++) {
        for (const name of names) costs.get(name)!.push(await subjects[name](run));
    }
    const both = (name: Name): Cost => ({
        seconds: median(costs.get(name)!.map(({ seconds }) => seconds)),
        cpu: median(costs.get(name)!.map(({ cpu }) => cpu)),
    });
    return Object.fromEntries(names.map((name) => [name, both(name)])) as Record<Name, Cost>;
}
