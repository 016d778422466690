/** The provider of a package that the program does not name. */
import type { Goal } from "./goal.ts";
import { createUrn, urnName, urnType } from "./urn.ts";
import type { Values } from "./values.ts";

export interface DefaultProviderOptions {
    readonly stack: string;
    readonly project: string;
    /** Settings of default providers, by package. */
    readonly defaultProviders: Readonly<Record<string, Values>>;
}

/** What the default provider for a resource has to be: one for each version of its package, named as Pulumi names it. */
export function defaultProviderGoal(goal: Goal, options: DefaultProviderOptions): Goal {
    const name = goal.type.split(":")[0] ?? "";
    const key = `default${goal.version === "" ? "" : `_${goal.version.replaceAll(/[^A-Za-z0-9]/g, "_")}`}`;
    const urn = createUrn(options.stack, options.project, "", `pulumi:providers:${name}`, key);
    return {
        urn,
        type: urnType(urn),
        name: urnName(urn),
        custom: true,
        inputs: { ...options.defaultProviders[name], ...(goal.version !== "" && { version: goal.version }) },
        version: goal.version,
        ...withoutOptions,
    };
}

/** The resource that needs it first shares none of its options with it. */
const withoutOptions = {
    parent: "",
    protect: false,
    dependencies: [],
    propertyDependencies: {},
    provider: "",
    deleteBeforeReplace: undefined,
    ignoreChanges: [],
    replaceOnChanges: [],
    additionalSecretOutputs: [],
    aliases: [],
    customTimeouts: {},
    retainOnDelete: false,
};
