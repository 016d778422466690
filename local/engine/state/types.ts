/** A stack's state in memory. The file is Pulumi's deployment format, version 3 (sdk/go/common/apitype/core.go). */
import type { Values } from "../values.ts";

/** What is known of one resource. Never changed in place: a step puts a new object in its place. */
export interface ResourceState {
    readonly urn: string;
    readonly type: string;
    /** Managed by a provider; components and the stack itself are not. */
    readonly custom: boolean;
    /** The provider's name for it; empty for components. */
    readonly id: string;
    /** What the program asked for, as the provider understood it. */
    readonly inputs: Values;
    /** What came of it. */
    readonly outputs: Values;
    readonly parent: string;
    readonly protect: boolean;
    readonly dependencies: readonly string[];
    readonly propertyDependencies: Readonly<Record<string, readonly string[]>>;
    /** Reference `<urn>::<id>` of the provider; empty for components. */
    readonly provider: string;
    /** Why it is not ready although it exists: the next run updates it. */
    readonly initErrors: readonly string[];
    readonly additionalSecretOutputs: readonly string[];
    readonly retainOnDelete: boolean;
    /** Durations in seconds. */
    readonly customTimeouts: CustomTimeouts;
    /** Was replaced; only its deletion is left to do. */
    readonly delete: boolean;
    /** Was deleted in order to be made anew, which has not happened yet. */
    readonly pendingReplacement: boolean;
    readonly created: string | undefined;
    readonly modified: string | undefined;
}

export interface CustomTimeouts {
    readonly create?: number;
    readonly update?: number;
    readonly delete?: number;
}

export type OperationType = "creating" | "updating" | "deleting" | "reading";

/** Something that was begun, and of which nobody knows yet whether it was done. */
export interface PendingOperation {
    readonly type: OperationType;
    readonly resource: ResourceState;
}

/** Everything that a state file says. */
export interface Snapshot {
    readonly resources: readonly ResourceState[];
    readonly pendingOperations: readonly PendingOperation[];
}
