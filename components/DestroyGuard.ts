import type * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

export interface DestroyGuardArgs {
    /** What the guard keeps: it depends on all of it. Resources, or components with everything below them. */
    readonly resources: readonly pulumi.Resource[];
    /** Whether `pulumi destroy` is refused. */
    readonly protect: boolean;
}

/**
 * Refuses `pulumi destroy` before anything is deleted. The CLI deletes dependents first and stops at a protected
 * resource, so this one, which depends on everything else, is the first step and ends the run. It exists unprotected
 * too: removing a protected resource from the program would be refused as well.
 */
export class DestroyGuard extends random.RandomUuid {
    public constructor(name: string, args: DestroyGuardArgs) {
        super(name, {}, { protect: args.protect, dependsOn: [...args.resources] });
    }
}

/** A transformation that adds each resource which has it among its options, and everything below, to `resources`. */
export function collectInto(resources: pulumi.Resource[]): pulumi.ResourceTransformation {
    return ({ resource }) => {
        resources.push(resource);
        return undefined;
    };
}
