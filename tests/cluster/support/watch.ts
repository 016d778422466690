/** Runs a program and keeps everything that it lets others see while it runs: output, processes, temporary files. */
import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { root } from "./commands.ts";
import type { Places } from "./needles.ts";

export interface Watched {
    readonly code: number;
    /** Standard output and standard error, arguments and environments of all processes, temporary files. */
    readonly places: Places;
    /** Command lines that were seen. */
    readonly commands: readonly string[];
}

const pollMilliseconds = 15;

/**
 * Runs a program to its end.
 * @param environment all of it; `TMPDIR` must be a directory of this program's own
 */
export function watched(
    label: string,
    file: string,
    args: readonly string[],
    environment: Readonly<Record<string, string>>,
): Promise<Watched> {
    const child = spawn(file, args, { cwd: root, env: environment, stdio: ["ignore", "pipe", "pipe"] });
    const output = { stdout: "", stderr: "" };
    child.stdout.setEncoding("utf8").on("data", (text: string) => (output.stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
    const family = new Family(child.pid!);
    const files = new Map<string, string>();
    const poll = setInterval(() => {
        family.look();
        for (const [name, text] of contents(environment["TMPDIR"]!)) files.set(name, text);
    }, pollMilliseconds);
    return new Promise((resolve, reject) => {
        child.on("error", reject);
        child.on("close", (code) => {
            clearInterval(poll);
            resolve({
                code: code ?? 1,
                places: new Map([
                    [`standard output of ${label}`, output.stdout],
                    [`standard error of ${label}`, output.stderr],
                    [`arguments of processes of ${label}`, [...family.commands].join("\n")],
                    [`environment of processes of ${label}`, [...family.environments].join("\n")],
                    ...[...files].map(([name, text]) => [`temporary file ${name} of ${label}`, text] as const),
                ]),
                commands: [...family.commands],
            });
        });
    });
}

/** A process and all that come from it. */
class Family {
    readonly commands = new Set<string>();
    readonly environments = new Set<string>();
    readonly #members: Set<number>;
    readonly #strangers = new Set(processes());

    constructor(first: number) {
        this.#members = new Set([first]);
    }

    look(): void {
        for (const id of processes()) {
            if (!this.#members.has(id) && !this.#strangers.has(id)) this.#sort(id);
        }
        for (const id of this.#members) {
            this.commands.add(attempt(() => fs.readFileSync(`/proc/${id}/cmdline`, "utf8").replaceAll("\0", " ")));
            this.environments.add(attempt(() => fs.readFileSync(`/proc/${id}/environ`, "utf8")));
        }
    }

    /** Parents begin before their children and so come first. */
    #sort(id: number): void {
        const status = attempt(() => fs.readFileSync(`/proc/${id}/status`, "utf8"));
        const parent = Number(/^PPid:\s+(\d+)$/m.exec(status)?.[1]);
        (this.#members.has(parent) ? this.#members : this.#strangers).add(id);
    }
}

function processes(): number[] {
    return fs
        .readdirSync("/proc")
        .filter((name) => /^\d+$/.test(name))
        .map(Number)
        .sort((a, b) => a - b);
}

/** All files below a directory, by their paths in it. */
export function contents(directory: string): Map<string, string> {
    const names = attempt(() => fs.readdirSync(directory, { recursive: true, encoding: "utf8" }), []);
    const files = names.filter((name) => attempt(() => fs.lstatSync(path.join(directory, name)).isFile(), false));
    return new Map(files.map((name) => [name, attempt(() => fs.readFileSync(path.join(directory, name), "latin1"))]));
}

/** Processes and temporary files come and go while they are read. */
function attempt(read: () => string): string;
function attempt<T>(read: () => T, otherwise: T): T;
function attempt<T>(read: () => T, otherwise?: T): T | string {
    try {
        return read();
    } catch {
        return otherwise ?? "";
    }
}
