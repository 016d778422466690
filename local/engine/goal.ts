/** What the program wants one resource to be. */
import type { CustomTimeouts } from "./state/types.ts";
import type { Values } from "./values.ts";

export interface Goal {
    readonly urn: string;
    readonly type: string;
    readonly name: string;
    /** Managed by a provider; components are not. */
    readonly custom: boolean;
    readonly inputs: Values;
    readonly parent: string;
    readonly protect: boolean;
    readonly dependencies: readonly string[];
    readonly propertyDependencies: Readonly<Record<string, readonly string[]>>;
    /** Reference `<urn>::<id>`; empty for components, and where the default provider is meant. */
    readonly provider: string;
    /** The version of the SDK's package, for default providers. */
    readonly version: string;
    /** `undefined` leaves it to the provider. */
    readonly deleteBeforeReplace: boolean | undefined;
    readonly ignoreChanges: readonly string[];
    readonly replaceOnChanges: readonly string[];
    readonly additionalSecretOutputs: readonly string[];
    /** URNs that it had before. */
    readonly aliases: readonly string[];
    readonly customTimeouts: CustomTimeouts;
    readonly retainOnDelete: boolean;
}

/** What became of a registration, for the program. */
export interface Registered {
    readonly urn: string;
    readonly id: string;
    readonly outputs: Values;
    /** A failed one makes those that depend on it fail; others go on. */
    readonly ok: boolean;
}
