/** Which cluster the short commands talk to, and where they keep the stack `local` of that cluster. */
import path from "node:path";
import { kubeconfigPath } from "../../local/cluster/index.ts";
import { pulumiHome } from "../../local/home.ts";
import type { KubeTarget } from "../kubectl.ts";

/** A cluster, and the directory of its stack. */
export interface Target extends KubeTarget {
    readonly directory: string;
}

export const clusterName = "tradestream";

/** The project's name in Pulumi.yaml. */
export const project = "tradestream";

/** The stack of the short commands. */
export const localStack = "local";

/** Its namespace in Pulumi.local.yaml. */
export const namespace = "tradestream";

export const root = path.resolve(import.meta.dirname, "../..");

/**
 * The local cluster, or a context of `$KUBECONFIG`. The context must be named: a kubeconfig that happens to be set must not
 * decide where the platform is deployed. The stack `local` may exist in several clusters, each with a state of its own.
 */
export function target(context: string | undefined): Target {
    const name = context === undefined ? "here" : `context-${encodeURIComponent(context)}`;
    return {
        context,
        env: context === undefined ? { KUBECONFIG: kubeconfigPath(clusterName) } : {},
        directory: path.join(pulumiHome(), "stacks", name),
    };
}
