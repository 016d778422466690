/** Runs a program and keeps everything that it lets others see while it runs: output, processes, temporary files. */
import fs from "node:fs";
import path from "node:path";
import type { Places } from "./needles.ts";
import type { Ended } from "./pulumi.ts";

export interface Watched {
    readonly code: number;
    /** Standard output and standard error, arguments and environments of all processes, temporary files. */
    readonly places: Places;
    /** Command lines that were seen. */
    readonly commands: readonly string[];
}

const pollMilliseconds = 15;

/** Watches a run from its start to its end. `temporary` is where its temporary files are. */
export async function watched(
    label: string,
    temporary: string,
    run: (onStart: (pid: number) => void) => Promise<Ended>,
): Promise<Watched> {
    let family: Family | undefined;
    const files = new Map<string, string>();
    const poll = setInterval(() => {
        family?.look();
        for (const [name, text] of contents(temporary)) files.set(name, text);
    }, pollMilliseconds);
    try {
        const { code, stdout, stderr } = await run((pid) => (family = new Family(pid)));
        return {
            code: code ?? 1,
            places: new Map([
                [`standard output of ${label}`, stdout],
                [`standard error of ${label}`, stderr],
                [`arguments of processes of ${label}`, [...family!.commands].join("\n")],
                [`environment of processes of ${label}`, [...family!.environments].join("\n")],
                ...[...files].map(([name, text]) => [`temporary file ${name} of ${label}`, text] as const),
            ]),
            commands: [...family!.commands],
        };
    } finally {
        clearInterval(poll);
    }
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
            const environment = attempt(() => fs.readFileSync(`/proc/${id}/environ`, "utf8"));
            // The SDK reads the decrypted configuration from this variable: that is how the CLI hands it over.
            for (const variable of environment.split("\0")) {
                if (!variable.startsWith("PULUMI_CONFIG=")) this.environments.add(variable);
            }
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
