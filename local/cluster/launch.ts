/** Starts the supervisor in the background, waits for its word, and ends it. */
import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, rmSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Layout } from "./layout.ts";
import { isAlive, readState } from "./state.ts";

/** How long `halt` waits for the supervisor before it kills it; milliseconds. */
const patience = 30_000;

/** Returns when the cluster is ready; joins a start that is under way. Throws with what the supervisor says. */
export async function launch(layout: Layout, name: string, note: (text: string) => void): Promise<void> {
    const hasEnded = isAlive(readState(layout.state)?.supervisor) ? watchOther(layout) : begin(layout, name);
    for (;;) {
        const end = hasEnded();
        const state = readState(layout.state);
        if (state?.phase === "ready") return;
        if (end !== undefined || state?.phase === "failed") {
            const reason = state?.message || end;
            throw new Error(`the cluster ${name} did not start: ${reason} (logs: ${layout.logs})`);
        }
        note(state?.message ?? "");
        await sleep(100);
    }
}

/** Says why the supervisor has ended, once it has. */
type HasEnded = () => string | undefined;

function begin(layout: Layout, name: string): HasEnded {
    rmSync(layout.state, { force: true });
    mkdirSync(layout.logs, { recursive: true, mode: 0o700 });
    const log = openSync(path.join(layout.logs, "supervisor.log"), "a");
    const program = path.join(import.meta.dirname, "supervisor.ts");
    // In a session of its own: it outlives the command that started it.
    const child = spawn(process.execPath, [program, name], { detached: true, stdio: ["ignore", log, log], cwd: "/" });
    closeSync(log);
    child.unref();
    let end: string | undefined;
    child.once("error", (error) => (end = `its supervisor could not be started: ${error.message}`));
    child.once("exit", (code, signal) => (end = `its supervisor ended (${signal ?? code}); see supervisor.log`));
    return () => end;
}

function watchOther(layout: Layout): HasEnded {
    return () =>
        isAlive(readState(layout.state)?.supervisor) ? undefined : "its supervisor ended; see supervisor.log";
}

/** Asks the supervisor to take the cluster down, and waits for its end. */
export async function halt(layout: Layout): Promise<void> {
    const supervisor = readState(layout.state)?.supervisor;
    if (!supervisor || !isAlive(supervisor)) return;
    process.kill(supervisor.pid, "SIGTERM");
    const deadline = performance.now() + patience;
    while (isAlive(supervisor) && performance.now() < deadline) await sleep(50);
    if (isAlive(supervisor)) process.kill(supervisor.pid, "SIGKILL");
}
