/** `preview` and `up`. */
import process from "node:process";
import { Deployment } from "../deployment.ts";
import type { Decision } from "../deployment.ts";
import { performDeletes, planDeletes } from "../deletes.ts";
import { EngineError, messageOf } from "../errors.ts";
import { hasChanges } from "../events.ts";
import type { Events, Outcome } from "../events.ts";
import type { Registrar } from "../monitor.ts";
import type { ProviderRegistry } from "../providers/registry.ts";
import { recoverPending } from "../recover.ts";
import type { StateStore } from "../state/store.ts";
import { takeLock } from "../state/lock.ts";
import { createUrn } from "../urn.ts";
import { withPolicies } from "./policies.ts";
import type { PolicyOption } from "./policies.ts";
import { Workbench, confirm, exitInterrupted, toJson } from "./shared.ts";
import type { RunOptions } from "./shared.ts";

/** A plan is used again by the run that follows it, if that begins within this time. Milliseconds. */
const planLifetime = 30_000;

export async function preview(options: RunOptions): Promise<number> {
    const bench = new Workbench(options);
    return withPolicies(bench, options, async (policy) => {
        const store = bench.session.store();
        const { outcome } = await pass(bench, { store, mode: "plan", reach: "optional", detailed: true, ...policy });
        report(bench, outcome, options, true);
        return exitCode(outcome, options);
    });
}

export async function up(options: RunOptions): Promise<number> {
    const bench = new Workbench(options);
    const lock = takeLock(bench.session.stored.file, "up", (text) => bench.display.message("warning", text));
    try {
        return await withPolicies(bench, options, (policy) => locked(bench, options, policy));
    } finally {
        lock.release();
        bench.display.stop();
    }
}

/** Plans, asks, and carries out. Where the plan has no change, that is all. */
async function locked(bench: Workbench, options: RunOptions, policy: PolicyOption): Promise<number> {
    const store = bench.session.store();
    const isShown = options.diff || !options.yes;
    const planned = await pass(bench, { store, mode: "plan", reach: "required", detailed: isShown, ...policy });
    if (planned.outcome.failures.length > 0 || planned.outcome.interrupted) {
        report(bench, planned.outcome, options, true, isShown);
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
        ...policy,
        ...(isFresh && { prior: planned.decisions }),
    });
    report(bench, outcome, options, false);
    return exitCode(outcome, options);
}

interface PassOptions extends PolicyOption {
    /** Decrypting the state takes a moment, in which the program can start. */
    readonly store: Promise<StateStore>;
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
    const { session, display } = bench;
    const providers = bench.providers(options.reach);
    const failed = new Set<string>();
    const events: Events = {
        planned: () => display.planned(),
        started: (step) => display.started(step),
        progress: (step, text) => display.progress(step, text),
        done: (step, seconds) => display.done(step, seconds),
        failed: (step, message) => {
            failed.add(step.name);
            display.failed(step, message);
        },
        message: (severity, text, urn) => display.message(severity, text, urn),
    };
    const broken = new AbortController(); // ends the program when there is nobody to register with
    const opening = openDeployment(bench, options, providers, events);
    opening.catch(() => broken.abort());
    try {
        let errors = 0;
        const ok = await session.run(later(session, opening), {
            dryRun: options.mode === "plan",
            signal: AbortSignal.any([bench.signal, broken.signal]),
            onMessage: (severity, text, urn) => {
                if (broken.signal.aborted) return; // the program only complains that nobody listens
                if (severity === "error" && failed.size > 0 && /failed to register/.test(text)) return; // only repeats what was shown
                if (severity === "error") errors++;
                display.message(severity, text, urn);
            },
        });
        const deployment = await opening;
        await deployment.settled();
        if (!ok && deployment.failures.length === 0)
            deployment.fail(errors > 0 ? "the program failed" : "the program failed without a message");
        if (ok && deployment.failures.length === 0 && !bench.signal.aborted)
            await deleteLeft(bench, deployment, await options.store, options.mode, providers, events);
        if (options.mode === "plan" && ok && deployment.failures.length === 0) await deployment.analyzeStack();
        return { outcome: deployment.outcome(), decisions: deployment.decisions, ended: Date.now() };
    } finally {
        if (options.mode === "apply") await (await options.store).finish();
        await providers.close();
        display.stop();
    }
}

async function openDeployment(
    bench: Workbench,
    options: PassOptions,
    providers: ProviderRegistry,
    events: Events,
): Promise<Deployment> {
    const { session, signal } = bench;
    const store = await options.store;
    providers.configureFrom(store.resources);
    if (store.pending.length > 0) await recoverPending(store, providers, events, signal);
    if (options.prior === undefined) providers.readAhead(store.resources);
    return new Deployment({
        stack: session.stack,
        project: session.project.name,
        mode: options.mode,
        detailed: options.detailed,
        store,
        providers,
        events,
        signal,
        defaultProviders: await session.defaultProviders(),
        ...(options.prior !== undefined && { prior: options.prior }),
        ...(options.policy !== undefined && { policy: await options.policy }),
    });
}

/** Takes registrations before the deployment is there, and passes them on when it is. */
function later(session: Workbench["session"], opening: Promise<Deployment>): Registrar {
    return {
        urn: (parent, type, name) => createUrn(session.stack, session.project.name, parent, type, name),
        register: async (goal) => (await opening).register(goal),
        registerOutputs: async (urn, outputs) => (await opening).registerOutputs(urn, outputs),
        fail: (message) => {
            opening.then(
                (deployment) => deployment.fail(message),
                () => undefined, // what went wrong before is what the operator is told
            );
        },
    };
}

/** Deletes what the program has not registered, or says that it would. */
async function deleteLeft(
    bench: Workbench,
    deployment: Deployment,
    store: StateStore,
    mode: "plan" | "apply",
    providers: ProviderRegistry,
    events: Events,
): Promise<void> {
    const leaving = deployment.unregistered();
    try {
        if (mode === "plan") {
            deployment.addSteps(planDeletes(leaving), []);
            return;
        }
        const { steps, failures } = await performDeletes(leaving, { store, providers, events, signal: bench.signal });
        deployment.addSteps(steps, failures);
    } catch (error) {
        if (!(error instanceof EngineError)) throw error;
        deployment.fail(messageOf(error));
    }
}

function report(bench: Workbench, outcome: Outcome, options: RunOptions, planned: boolean, isShown = planned): void {
    if (options.json) {
        process.stdout.write(`${toJson(outcome, bench, { planned })}\n`);
        return;
    }
    if (isShown) bench.display.plan(outcome);
    bench.display.summary(outcome, { planned, seconds: bench.seconds });
}

function exitCode(outcome: Outcome, options: RunOptions): number {
    if (outcome.interrupted) return exitInterrupted;
    if (outcome.failures.length > 0) return 1;
    return options.expectNoChanges && hasChanges(outcome) ? 1 : 0;
}
