/** What a provider does for the engine: the life of one family of resource types. */
import type { ResourceState } from "../state/types.ts";
import type { Value, Values } from "../values.ts";

/** What a step may use. */
export interface StepContext {
    readonly urn: string;
    readonly type: string;
    /** The resource's name in the program. */
    readonly name: string;
    /** Set by the program for this step, seconds. */
    readonly timeout: number | undefined;
    /** Aborted when the run is interrupted: waiting ends, requests under way are finished. */
    readonly signal: AbortSignal;
    /** Says what the step is doing, for the display. */
    readonly progress: (text: string) => void;
    /** Whether differences are wanted for display: then the cluster is asked what would come of the change. */
    readonly detailed: boolean;
}

export type PlannedOperation = "same" | "create" | "update" | "replace";

/** What has to be done for one resource, found without changing anything. */
export interface Plan {
    readonly operation: PlannedOperation;
    /** Whether the old one has to go before the new one can come. */
    readonly deleteBeforeReplace: boolean;
    /** Why, where the difference alone does not say it; one line. */
    readonly reason?: string;
    /** The two sides of the difference, secrets marked. */
    readonly before?: Value;
    readonly after?: Value;
    /** What the program may already know about the result; unknown parts are absent or marked. */
    readonly outputs: Values;
    /** The id, if it is known before the resource is made. */
    readonly id?: string;
    /** What the provider has learnt and needs again for the step itself. */
    readonly memory?: unknown;
}

export interface StepResult {
    readonly id: string;
    readonly outputs: Values;
}

export interface Provider {
    /** Completes and validates inputs. Throws with all faults. `old` is what the last run left. */
    check(inputs: Values, old: ResourceState | undefined, context: StepContext): Promise<Values>;
    /** Compares inputs with what there is. Changes nothing. */
    plan(old: ResourceState | undefined, inputs: Values, context: StepContext): Promise<Plan>;
    /** Makes it. Throws NotReadyError when it exists but is not ready. */
    create(inputs: Values, plan: Plan, context: StepContext): Promise<StepResult>;
    /** Changes it in place. Throws NotReadyError when it is changed but not ready. */
    update(old: ResourceState, inputs: Values, plan: Plan, context: StepContext): Promise<StepResult>;
    /** Removes it and waits until it is gone. Something that is not there counts as removed. */
    delete(old: ResourceState, context: StepContext): Promise<void>;
    /** Finds out whether a creation that was interrupted has made something after all. */
    recover(begun: ResourceState, context: StepContext): Promise<StepResult | undefined>;
}
