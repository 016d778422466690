/** Keeps the components running: starts them, starts them again when they end, and stops them. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { closeSync, existsSync, openSync, renameSync, statSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { insideNode } from "./namespace.ts";
import { childrenOf, isAlive, processStat } from "./state.ts";
import type { ComponentState, ProcessIdentity } from "./state.ts";

export interface Component {
    readonly name: string;
    /** Program and arguments. */
    readonly command: readonly string[];
}

const firstDelay = 300;
const longestDelay = 10_000;
/** After so many milliseconds of running, a component's earlier troubles are forgotten. */
const settled = 30_000;
const largestLog = 20 * 1024 * 1024;

interface Running {
    readonly component: Component;
    child: ChildProcess | undefined;
    restarts: number;
    delay: number;
}

export class Processes {
    readonly #running = new Map<string, Running>();
    readonly #node: ProcessIdentity | undefined;
    readonly #logs: string;
    readonly #changed: () => void;
    readonly #watch: NodeJS.Timeout;
    #stopping = false;

    /** Components run inside `node`, or on the machine itself without one. `changed` hears of each start and end. */
    constructor(node: ProcessIdentity | undefined, logs: string, changed: () => void) {
        this.#node = node;
        this.#logs = logs;
        this.#changed = changed;
        this.#watch = setInterval(() => this.#wakeWrappers(), 500);
    }

    start(component: Component): void {
        const entry: Running = { component, child: undefined, restarts: 0, delay: firstDelay };
        this.#running.set(component.name, entry);
        this.#spawn(entry);
    }

    states(): ComponentState[] {
        return [...this.#running.values()].map((entry) => {
            const pid = this.#pidOf(entry);
            return { name: entry.component.name, ...(pid === undefined ? {} : { pid }), restarts: entry.restarts };
        });
    }

    /** Asks the named components, or all, to end; kills what is left after `patience` milliseconds. */
    async stop(patience: number, names: readonly string[] = [...this.#running.keys()]): Promise<void> {
        const entries = names.flatMap((name) => this.#running.get(name) ?? []);
        for (const entry of entries) this.#running.delete(entry.component.name);
        const pids = entries.flatMap((entry) => this.#pidOf(entry) ?? []);
        signal(pids, "SIGCONT");
        signal(pids, "SIGTERM");
        const deadline = performance.now() + patience;
        const busy = (): boolean => entries.some(({ child }) => child?.exitCode === null && child.signalCode === null);
        while (busy() && performance.now() < deadline) await sleep(50);
        signal(pids, "SIGKILL");
    }

    /** Nothing is started again from here on. */
    end(): void {
        this.#stopping = true;
        clearInterval(this.#watch);
    }

    #spawn(entry: Running): void {
        const { component } = entry;
        const prefix = this.#node ? insideNode(this.#node) : ["setpriv", "--pdeathsig", "SIGKILL", "--"];
        const [program = "", ...options] = [...prefix, ...component.command];
        const log = openLog(path.join(this.#logs, `${component.name}.log`));
        const startedAt = performance.now();
        const child = spawn(program, options, { stdio: ["ignore", log, log], cwd: "/" });
        closeSync(log);
        entry.child = child;
        child.once("error", (error) => process.stdout.write(`${component.name} cannot be started: ${error.message}\n`));
        child.once("close", (code, signalName) => {
            entry.child = undefined;
            if (this.#stopping || this.#running.get(component.name) !== entry) return;
            if (performance.now() - startedAt > settled) entry.delay = firstDelay;
            const time = new Date().toISOString();
            process.stdout.write(
                `${time} ${component.name} ended (${signalName ?? code}); next start in ${entry.delay} ms\n`,
            );
            this.#changed();
            setTimeout(() => this.#restart(entry), entry.delay);
            entry.delay = Math.min(entry.delay * 2, longestDelay);
        });
        // The wrapper needs a moment to start the program; then the program's own id is known.
        setTimeout(this.#changed, 100);
    }

    #restart(entry: Running): void {
        if (this.#stopping || this.#running.get(entry.component.name) !== entry) return;
        entry.restarts++;
        this.#spawn(entry);
    }

    #pidOf(entry: Running): number | undefined {
        const wrapper = entry.child?.pid;
        if (wrapper === undefined) return undefined;
        return this.#node ? childrenOf(wrapper)[0] : wrapper;
    }

    /** nsenter stops itself when its program is stopped, but does not go on with it: so it would miss its end. */
    #wakeWrappers(): void {
        if (!this.#node || !isAlive(this.#node)) return;
        for (const { child } of this.#running.values()) {
            const program = child?.pid === undefined ? undefined : childrenOf(child.pid)[0];
            if (child?.pid === undefined || program === undefined) continue;
            if (processStat(child.pid)?.status === "T" && processStat(program)?.status !== "T") child.kill("SIGCONT");
        }
    }
}

function openLog(file: string): number {
    if (existsSync(file) && statSync(file).size > largestLog) renameSync(file, `${file}.1`);
    return openSync(file, "a");
}

export function signal(pids: readonly number[], name: NodeJS.Signals): void {
    for (const pid of pids) {
        try {
            process.kill(pid, name);
        } catch {
            // It has ended already.
        }
    }
}
