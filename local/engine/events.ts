/** What a run tells the display, and what it hands back. */
import type { Plan } from "./providers/types.ts";
import type { Value, Values } from "./values.ts";

export type Operation = "same" | "create" | "update" | "replace" | "delete" | "delete-replaced" | "forget";

/** One resource's part in a run. */
export interface Step {
    readonly urn: string;
    readonly type: string;
    readonly name: string;
    readonly operation: Operation;
    /** Empty for what has no provider. */
    readonly plan?: Plan;
    /** What is there, for deletions. */
    readonly before?: Value;
}

export interface Events {
    /** A step is known; in a preview that is all. */
    planned(step: Step): void;
    started(step: Step): void;
    progress(step: Step, text: string): void;
    done(step: Step, seconds: number): void;
    failed(step: Step, message: string): void;
    /** Something the program or the engine has to say. */
    message(severity: "info" | "warning" | "error", text: string, urn?: string): void;
}

/** A failure, for the summary. */
export interface Failure {
    readonly urn: string;
    readonly name: string;
    readonly message: string;
}

/** What a policy has against a resource, or against the stack. */
export interface Violation {
    readonly policy: string;
    readonly pack: string;
    readonly level: "advisory" | "mandatory";
    /** Of the resource; empty for the stack as a whole. */
    readonly urn: string;
    readonly message: string;
}

/** What came of a run. */
export interface Outcome {
    readonly steps: readonly Step[];
    readonly failures: readonly Failure[];
    readonly violations: readonly Violation[];
    /** The stack's outputs, and those of the last run. */
    readonly outputs: Values;
    readonly oldOutputs: Values;
    /** Whether the state would differ afterwards although no resource does. */
    readonly stateChanged: boolean;
    readonly interrupted: boolean;
}

/** Whether anything has to be done. */
export function hasChanges(outcome: Outcome): boolean {
    return outcome.steps.some((step) => step.operation !== "same");
}
