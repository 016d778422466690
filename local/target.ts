/** Which cluster the short commands talk to, and where they keep what they know of it. */
import path from "node:path";
import { kubeconfigPath } from "./cluster/index.ts";
import { stacksHome } from "./home.ts";

/** Environment variables and, for a cluster of one's own, the context, for the engine and for kubectl. */
export interface Target {
    readonly env: NodeJS.ProcessEnv;
    readonly context: string | undefined;
}

/** Name of the local cluster. */
export const clusterName = "tradestream";

/** The project's name in Pulumi.yaml. */
export const project = "tradestream";

/** The stack of the short commands. */
export const localStack = "local";

/**
 * The local cluster, or a context of one's own `$KUBECONFIG`. The context must be named: a kubeconfig that happens to
 * be set must not decide where a stand-in platform goes. The stack `local` may live in several clusters at once, so it
 * has a state for each context.
 */
export function target(context: string | undefined, stack = localStack): Target {
    if (context === undefined) {
        return { env: { ...process.env, KUBECONFIG: kubeconfigPath(clusterName) }, context };
    }
    const own = stack === localStack ? { TRADESTREAM_STACKS: contextStacks(context) } : {};
    return { env: { ...process.env, ...own }, context };
}

/** The directory of the states that belong to a context, as `$TRADESTREAM_STACKS` takes it. */
export function contextStacks(context: string): string {
    return path.join(path.dirname(stacksHome(project)), `context-${encodeURIComponent(context)}`);
}
