/** Carries out one planned change, and writes down each part of it before and after. */
import { EngineError, NotReadyError } from "./errors.ts";
import { UnreachableError } from "./kube/client.ts";
import type { Events, Step } from "./events.ts";
import type { Goal } from "./goal.ts";
import type { Plan, Provider, StepContext, StepResult } from "./providers/types.ts";
import { stateOf } from "./resource-state.ts";
import type { StateStore } from "./state/store.ts";
import type { OperationType, ResourceState } from "./state/types.ts";
import type { Values } from "./values.ts";

export interface StepRequest {
    readonly goal: Goal;
    readonly step: Step;
    readonly plan: Plan;
    readonly inputs: Values;
    /** What there is to compare with. */
    readonly old: ResourceState | undefined;
    /** What the state says, which may be only that it was deleted in order to be made anew. */
    readonly found: ResourceState | undefined;
    readonly provider: Provider;
    readonly reference: string;
    readonly store: StateStore;
    readonly events: Events;
    readonly context: StepContext;
}

/** Resolves with the resource's new state. Throws when it failed; what exists then is in the state all the same. */
export async function performStep(request: StepRequest): Promise<ResourceState> {
    const { plan, step, events } = request;
    const start = performance.now();
    events.started(step);
    const state = plan.operation === "update" ? await update(request) : await make(request);
    events.done(step, (performance.now() - start) / 1000);
    return state;
}

async function update(request: StepRequest): Promise<ResourceState> {
    const { goal, old, provider, inputs, plan, store, context } = request;
    if (old === undefined) throw new EngineError("nothing to update");
    return recorded(store, "updating", old, async () => {
        const result = await attempt(request, () => provider.update(old, inputs, plan, context));
        const state = store.put(stateOf(goal, result, old), old);
        if (result.failure !== undefined) throw new EngineError(result.failure);
        return state;
    });
}

/** Creates, after or before the old one goes when it is a replacement. */
async function make(request: StepRequest): Promise<ResourceState> {
    const { goal, plan, provider, inputs, store, context, found } = request;
    let predecessor = found;
    if (
        plan.operation === "replace" &&
        plan.deleteBeforeReplace &&
        predecessor !== undefined &&
        !predecessor.pendingReplacement
    ) {
        const leaving = predecessor;
        context.progress("deletes the old one");
        predecessor = await recorded(store, "deleting", leaving, async () => {
            if (!leaving.retainOnDelete)
                await provider.delete(leaving, { ...context, timeout: goal.customTimeouts.delete });
            return store.put({ ...leaving, pendingReplacement: true }, leaving);
        });
        context.progress("creates the new one");
    }
    const draft = stateOf(goal, { id: "", inputs, outputs: {}, provider: request.reference }, undefined);
    return recorded(store, "creating", draft, async () => {
        const result = await attempt(request, () => provider.create(inputs, plan, context));
        const keepOld = plan.operation === "replace" && !plan.deleteBeforeReplace && predecessor !== undefined;
        const state = stateOf(goal, result, undefined);
        const kept =
            keepOld && predecessor !== undefined ? store.putBeside(state, predecessor) : store.put(state, predecessor);
        if (result.failure !== undefined) throw new EngineError(result.failure);
        return kept;
    });
}

/**
 * Does something between two entries in the state. The second one is left out when nobody knows whether it was done:
 * then the next run finds out.
 */
export async function recorded<T>(
    store: StateStore,
    type: OperationType,
    resource: ResourceState,
    work: () => Promise<T>,
): Promise<T> {
    const operation = await store.begin(type, resource);
    try {
        const result = await work();
        await store.end(operation);
        return result;
    } catch (error) {
        if (!(error instanceof UnreachableError)) await store.end(operation);
        throw error;
    }
}

/** The result of a step, also of one that left something behind that is not ready. */
async function attempt(
    request: StepRequest,
    work: () => Promise<StepResult>,
): Promise<
    StepResult & { inputs: Values; provider: string; initErrors: readonly string[]; failure: string | undefined }
> {
    const common = { inputs: request.inputs, provider: request.reference };
    try {
        return { ...(await work()), ...common, initErrors: [], failure: undefined };
    } catch (error) {
        if (!(error instanceof NotReadyError)) throw error;
        return {
            id: error.id,
            outputs: error.outputs as Values,
            ...common,
            initErrors: [error.message],
            failure: error.message,
        };
    }
}
