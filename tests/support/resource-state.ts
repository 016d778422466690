import type { ResourceState } from "../../local/engine/state/types.ts";

type Given = Pick<ResourceState, "urn" | "type" | "id" | "inputs" | "outputs"> & Partial<ResourceState>;

/** A custom resource's state with nothing set but what is given. */
export function resourceState(given: Given): ResourceState {
    return {
        custom: true,
        parent: "",
        protect: false,
        dependencies: [],
        propertyDependencies: {},
        provider: "",
        initErrors: [],
        additionalSecretOutputs: [],
        retainOnDelete: false,
        customTimeouts: {},
        delete: false,
        pendingReplacement: false,
        created: undefined,
        modified: undefined,
        ...given,
    };
}
