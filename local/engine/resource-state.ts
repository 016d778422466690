/** Makes the state of a resource from what was asked and what came of it. */
import { randomUUID } from "node:crypto";
import type { Goal } from "./goal.ts";
import type { ResourceState } from "./state/types.ts";
import { copySecrets, secret } from "./values.ts";
import type { Value, Values } from "./values.ts";

export interface Result {
    readonly id: string;
    readonly inputs: Values;
    readonly outputs: Values;
    /** The provider reference. */
    readonly provider: string;
    readonly initErrors?: readonly string[];
}

/** `old` gives the time of creation. */
export function stateOf(goal: Goal, result: Result, old: ResourceState | undefined): ResourceState {
    const now = new Date().toISOString();
    const additional = goal.additionalSecretOutputs.filter((key) => result.outputs[key] !== undefined);
    const marked = Object.fromEntries(additional.map((key) => [key, secret(result.outputs[key] as Value)]));
    return {
        urn: goal.urn,
        type: goal.type,
        custom: goal.custom,
        id: result.id,
        inputs: result.inputs,
        outputs: { ...result.outputs, ...marked },
        parent: goal.parent,
        protect: goal.protect,
        dependencies: [...goal.dependencies].sort(),
        propertyDependencies: sorted(goal.propertyDependencies),
        provider: result.provider,
        initErrors: result.initErrors ?? [],
        additionalSecretOutputs: goal.additionalSecretOutputs,
        retainOnDelete: goal.retainOnDelete,
        customTimeouts: goal.customTimeouts,
        delete: false,
        pendingReplacement: false,
        created: old?.created ?? now,
        modified: now,
    };
}

/** Outputs in which is secret what the inputs mark as secret now, although nothing else has changed. */
export function remarked(outputs: Values, inputs: Values): Values {
    const marked = copySecrets(outputs, inputs) as Values;
    const kept = outputs["__inputs"];
    return kept === undefined ? marked : { ...marked, __inputs: copySecrets(kept, inputs) };
}

/** An id for what has none of its own. */
export function newId(): string {
    return randomUUID();
}

function sorted(dependencies: Readonly<Record<string, readonly string[]>>): Record<string, readonly string[]> {
    const filled = Object.entries(dependencies).filter(([, urns]) => urns.length > 0);
    return Object.fromEntries(
        filled.sort(([a], [b]) => a.localeCompare(b)).map(([key, urns]) => [key, [...urns].sort()]),
    );
}
