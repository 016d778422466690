/** Removes resources, those first that depend on others. */
import { EngineError, InterruptedError, messageOf } from "./errors.ts";
import type { Events, Failure, Step } from "./events.ts";
import { isProviderType } from "./providers/registry.ts";
import type { ProviderRegistry } from "./providers/registry.ts";
import { recorded } from "./step.ts";
import type { StateStore } from "./state/store.ts";
import type { ResourceState } from "./state/types.ts";
import { providerUrn, urnName } from "./urn.ts";

export interface DeleteOptions {
    readonly store: StateStore;
    readonly providers: ProviderRegistry;
    readonly events: Events;
    readonly signal: AbortSignal;
}

/** The steps that deleting these takes, in order. Throws when one of them is protected. */
export function planDeletes(states: readonly ResourceState[]): readonly Step[] {
    const guarded = states.filter((state) => state.protect && !state.delete && !state.pendingReplacement);
    if (guarded.length > 0) {
        const names = guarded.map((state) => `  - ${urnName(state.urn)} (${state.type})`).join("\n");
        throw new EngineError(
            `protected resources cannot be deleted; set protect to false and run "up" first:\n${names}`,
        );
    }
    return [...states].reverse().map((state) => stepOf(state));
}

/** Deletes; independent ones side by side. One that fails keeps what it depends on. */
export async function performDeletes(
    states: readonly ResourceState[],
    options: DeleteOptions,
): Promise<{ steps: Step[]; failures: Failure[] }> {
    planDeletes(states);
    const steps: Step[] = [];
    const failures: Failure[] = [];
    const blockers = dependents(states);
    const running = new Map<ResourceState, Promise<boolean>>();
    const run = (state: ResourceState): Promise<boolean> => {
        let promise = running.get(state);
        if (promise === undefined) {
            promise = (async () => {
                const gone = await Promise.all(
                    (blockers.get(state.urn) ?? []).filter((other) => other !== state).map(run),
                );
                const step = stepOf(state);
                if (gone.includes(false)) return false;
                try {
                    await deleteOne(state, step, options);
                    steps.push(step);
                    return true;
                } catch (error) {
                    const message = error instanceof InterruptedError ? "interrupted" : messageOf(error);
                    failures.push({ urn: state.urn, name: step.name, message });
                    options.events.failed(step, message);
                    return false;
                }
            })();
            running.set(state, promise);
        }
        return promise;
    };
    await Promise.all([...states].reverse().map(run));
    return { steps, failures };
}

async function deleteOne(state: ResourceState, step: Step, options: DeleteOptions): Promise<void> {
    const { store, providers, events, signal } = options;
    if (signal.aborted) throw new InterruptedError();
    if (step.operation === "forget") {
        store.remove(state);
        events.planned(step);
        return;
    }
    const start = performance.now();
    events.started(step);
    await recorded(store, "deleting", state, async () => {
        const provider = providers.provider(state.type, state.provider);
        const twin = store.resources.some(
            (other) =>
                other !== state &&
                !other.delete &&
                other.type === state.type &&
                other.id === state.id &&
                isManaged(other),
        );
        if (!twin || !state.type.startsWith("kubernetes:")) {
            await provider.delete(state, {
                urn: state.urn,
                type: state.type,
                name: step.name,
                timeout: state.customTimeouts.delete,
                signal,
                progress: (text) => events.progress(step, text),
                detailed: false,
            });
        }
        store.remove(state);
    });
    events.done(step, (performance.now() - start) / 1000);
}

function stepOf(state: ResourceState): Step {
    const forgotten = !isManaged(state) || state.retainOnDelete || state.pendingReplacement;
    return {
        urn: state.urn,
        type: state.type,
        name: urnName(state.urn),
        operation: forgotten ? "forget" : state.delete ? "delete-replaced" : "delete",
        before: state.inputs,
    };
}

/** Whether there is something outside the state to delete. */
function isManaged(state: ResourceState): boolean {
    return state.custom && !isProviderType(state.type);
}

/** By URN, those that depend on it. */
function dependents(states: readonly ResourceState[]): ReadonlyMap<string, readonly ResourceState[]> {
    const found = new Map<string, ResourceState[]>();
    for (const state of states) {
        const { parent, provider, dependencies, propertyDependencies } = state;
        const needed = [parent, providerUrn(provider), ...dependencies, ...Object.values(propertyDependencies).flat()];
        for (const urn of new Set(needed)) {
            const others = found.get(urn);
            if (others === undefined) found.set(urn, [state]);
            else others.push(state);
        }
    }
    return found;
}
