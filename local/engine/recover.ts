/** Finds out what an interrupted run has left behind, before the next one begins. */
import type { Events } from "./events.ts";
import type { ProviderRegistry } from "./providers/registry.ts";
import { isProviderType } from "./providers/registry.ts";
import type { StateStore } from "./state/store.ts";
import type { ResourceState } from "./state/types.ts";
import { urnName } from "./urn.ts";

const interrupted = "the last run was interrupted while it worked on this";

/**
 * Looks at each operation that was begun and never ended. What a creation has made is taken into the state, so that
 * this run goes on with it; what was being changed is looked at again; a deletion is simply repeated. In a plan nothing
 * is written.
 */
export async function recoverPending(
    store: StateStore,
    providers: ProviderRegistry,
    events: Events,
    signal: AbortSignal,
): Promise<void> {
    for (const operation of store.pending) {
        const { resource, type } = operation;
        const name = urnName(resource.urn);
        if (type === "creating" && resource.custom && !isProviderType(resource.type)) {
            const context = {
                urn: resource.urn,
                type: resource.type,
                name,
                timeout: undefined,
                signal,
                progress: () => undefined,
                detailed: false,
            };
            const found = await providers.provider(resource.type, resource.provider).recover(resource, context);
            if (found !== undefined) adopt(store, { ...resource, ...found, initErrors: [interrupted] });
            events.message(
                "info",
                `${name}: its creation was interrupted; ${found === undefined ? "nothing was made" : "it exists and is taken up"}`,
            );
        }
        const current = store.unregistered.find((state) => state.urn === resource.urn && !state.delete);
        if (type === "updating" && current !== undefined)
            store.replace(current, { ...current, initErrors: [interrupted] });
        store.forget(operation);
    }
}

function adopt(store: StateStore, made: ResourceState): void {
    const before = store.unregistered.find((state) => state.urn === made.urn && !state.delete);
    if (before !== undefined && (before.pendingReplacement || before.id === made.id)) store.replace(before, made);
    else {
        if (before !== undefined) store.replace(before, { ...before, delete: true }); // was to be replaced by it
        store.adopt(made);
    }
}
