/** `preview` and `up`. */
import process from "node:process";
import { Deployment } from "../deployment.ts";
import type { Decision } from "../deployment.ts";
import { performDeletes, planDeletes } from "../deletes.ts";
import { EngineError, messageOf } from "../errors.ts";
import { hasChanges } from "../events.ts";
import type { Events, Outcome } from "../events.ts";
import { recoverPending } from "../recover.ts";
import type { StateStore } from "../state/store.ts";
import { takeLock } from "../state/lock.ts";
import { Workbench, confirm, exitInterrupted, toJson } from "./shared.ts";
import type { RunOptions } from "./shared.ts";

/** A plan is used again by the run that follows it, if that begins within this time. Milliseconds. */
const planLifetime = 30_000;

export async function preview(options: RunOptions): Promise<number> {
    const bench = new Workbench(options);
    const store = await bench.session.store();
    const { outcome } = await pass(bench, { store, mode: "plan", reach: "optional", detailed: true });
    report(bench, outcome, options, true);
    return exitCode(outcome, options);
}

export async function up(options: RunOptions): Promise<number> {
    const bench = new Workbench(options);
    const lock = takeLock(bench.session.stored.file, "up", (text) => bench.display.message("warning", text));
    try {
        return await locked(bench, options);
    } finally {
        lock.release();
        bench.display.stop();
    }
}

async function locked(bench: Workbench, options: RunOptions): Promise<number> {
    const store = await bench.session.store();
    const isShown = options.diff || !options.yes;
    const planned = await pass(bench, { store, mode: "plan", reach: "required", detailed: isShown });
    if (planned.outcome.failures.length > 0 || planned.outcome.interrupted) {
        report(bench, planned.outcome, options, true);
        if (!planned.outcome.interrupted) bench.display.message("error", "nothing was changed");
        return exitCode(planned.outcome, options);
    }
    if (!hasChanges(planned.outcome) && !planned.outcome.stateChanged) {
        report(bench, planned.outcome, options, false);
        return 0;
    }
    if (isShown) {
        report(bench, planned.outcome, { ...options, json: false }, true);
        if (!options.yes && hasChanges(planned.outcome) && !(await confirm("Do you want to perform this update?"))) {
            bench.display.message("info", "nothing was changed");
            return 1;
        }
    }
    const isFresh = Date.now() - planned.ended < planLifetime;
    const { outcome } = await pass(bench, {
        store,
        mode: "apply",
        reach: "required",
        detailed: false,
        ...(isFresh && { prior: planned.decisions }),
    });
    report(bench, outcome, options, false);
    return exitCode(outcome, options);
}

interface PassOptions {
    readonly store: StateStore;
    readonly mode: "plan" | "apply";
    readonly reach: "required" | "optional";
    readonly detailed: boolean;
    readonly prior?: ReadonlyMap<string, Decision>;
}

/** Runs the program once against the state, with the deletions that follow from what it does not register any more. */
async function pass(
    bench: Workbench,
    options: PassOptions,
): Promise<{ outcome: Outcome; decisions: ReadonlyMap<string, Decision>; ended: number }> {
    const { session, display, signal } = bench;
    const { store, mode } = options;
    const providers = bench.providers(options.reach);
    const failedNames = new Set<string>();
    const events: Events = {
        planned: () => display.planned(),
        started: (step) => display.started(step),
        progress: (step, text) => display.progress(step, text),
        done: (step, seconds) => display.done(step, seconds),
        failed: (step, message) => {
            failedNames.add(step.name);
            display.failed(step, message);
        },
        message: (severity, text, urn) => display.message(severity, text, urn),
    };
    try {
        providers.configureFrom(store.resources);
        if (store.pending.length > 0) await recoverPending(store, providers, events, signal);
        const deployment = new Deployment({
            stack: session.stack,
            project: session.project.name,
            mode,
            detailed: options.detailed,
            store,
            providers,
            events,
            signal,
            defaultProviders: await session.defaultProviders(),
            ...(options.prior !== undefined && { prior: options.prior }),
        });
        const errors: string[] = [];
        const ok = await session.run(deployment, {
            dryRun: mode === "plan",
            signal,
            onMessage: (severity, text, urn) => {
                if (severity === "error" && failedNames.size > 0 && /failed to register/.test(text)) return; // only repeats what was shown
                if (severity === "error") errors.push(text);
                display.message(severity, text, urn);
            },
        });
        if (!ok && deployment.failures.length === 0)
            deployment.fail(errors.length > 0 ? "the program failed" : "the program failed without a message");
        if (ok && deployment.failures.length === 0 && !signal.aborted) {
            const leaving = deployment.unregistered();
            try {
                if (mode === "plan") deployment.addSteps(planDeletes(leaving), []);
                else {
                    const { steps, failures } = await performDeletes(leaving, { store, providers, events, signal });
                    deployment.addSteps(steps, failures);
                }
            } catch (error) {
                if (!(error instanceof EngineError)) throw error;
                deployment.fail(messageOf(error));
            }
        }
        return { outcome: deployment.outcome(), decisions: deployment.decisions, ended: Date.now() };
    } finally {
        if (mode === "apply") await store.finish();
        await providers.close();
        display.stop();
    }
}

function report(bench: Workbench, outcome: Outcome, options: RunOptions, planned: boolean): void {
    if (options.json) {
        process.stdout.write(`${toJson(outcome, bench, { planned })}\n`);
        return;
    }
    if (planned) bench.display.plan(outcome);
    bench.display.summary(outcome, { planned, seconds: bench.seconds });
}

function exitCode(outcome: Outcome, options: RunOptions): number {
    if (outcome.interrupted) return exitInterrupted;
    if (outcome.failures.length > 0) return 1;
    return options.expectNoChanges && hasChanges(outcome) ? 1 : 0;
}
