/** `destroy`: removes everything that the state knows, without running the program. */
import process from "node:process";
import { performDeletes, planDeletes } from "../deletes.ts";
import type { Outcome } from "../events.ts";
import { recoverPending } from "../recover.ts";
import { takeLock } from "../state/lock.ts";
import { stackType } from "../urn.ts";
import { Workbench, confirm, exitInterrupted, toJson } from "./shared.ts";
import type { RunOptions } from "./shared.ts";

export async function destroy(options: RunOptions): Promise<number> {
    const bench = new Workbench(options);
    const { session, display, signal } = bench;
    const lock = takeLock(session.stored.file, "destroy", (text) => display.message("warning", text));
    const providers = bench.providers("required");
    try {
        const store = await session.store();
        providers.configureFrom(store.resources);
        await providers.connectAll(store.resources);
        if (store.pending.length > 0) await recoverPending(store, providers, display, signal);
        const doomed = store.resources;
        const steps = planDeletes(doomed);
        const outputs = doomed.find((state) => state.type === stackType)?.outputs ?? {};
        const plan: Outcome = {
            steps,
            failures: [],
            violations: [],
            outputs: {},
            oldOutputs: outputs,
            stateChanged: false,
            interrupted: false,
        };
        if (!options.yes && doomed.length > 0) {
            display.plan({ ...plan, oldOutputs: {} });
            display.summary(plan, { planned: true, seconds: bench.seconds });
            if (!(await confirm("Do you want to destroy all of this?"))) {
                display.message("info", "nothing was changed");
                return 1;
            }
        }
        const done = await performDeletes(doomed, { store, providers, events: display, signal });
        await store.finish();
        const outcome: Outcome = { ...plan, ...done, interrupted: signal.aborted };
        if (options.json) process.stdout.write(`${toJson(outcome, bench, { planned: false })}\n`);
        else display.summary(outcome, { planned: false, seconds: bench.seconds });
        if (signal.aborted) return exitInterrupted;
        return done.failures.length > 0 ? 1 : 0;
    } finally {
        lock.release();
        await providers.close();
        display.stop();
    }
}
