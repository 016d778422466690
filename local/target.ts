/** Which cluster the short commands talk to. */
import { kubeconfigPath } from "./cluster/index.ts";

/** Environment variables and, for a cluster of one's own, the context, for the engine and for kubectl. */
export interface Target {
    readonly env: NodeJS.ProcessEnv;
    readonly context: string | undefined;
}

/** Name of the local cluster. */
export const clusterName = "tradestream";

/**
 * The local cluster, or a context of one's own `$KUBECONFIG`. The context must be named: a kubeconfig that happens to
 * be set must not decide where a stand-in platform goes.
 */
export function target(context: string | undefined): Target {
    return context === undefined
        ? { env: { ...process.env, KUBECONFIG: kubeconfigPath(clusterName) }, context: undefined }
        : { env: process.env, context };
}
