/**
 * Which cluster a stack lives in. Names of contexts and addresses say little: the same ones may lead elsewhere tomorrow,
 * and two stacks may use the same names of objects. The uid of the namespace kube-system is a cluster's own for its life.
 */
import { EngineError } from "../errors.ts";
import type { ResourceState } from "../state/types.ts";
import { stringAt } from "../values.ts";
import type { Values } from "../values.ts";

/** One cluster, and how it was reached when it was first met. */
export interface ClusterIdentity {
    /** The uid of its namespace kube-system. */
    readonly uid: string;
    readonly context: string;
    /** Address of its API server. */
    readonly server: string;
}

/** Where the kubernetes provider's outputs keep it. The official CLI ignores the key, and drops it at its next update. */
export const identityKey = "__cluster";

export const identityPath = "/api/v1/namespaces/kube-system";

/** Another cluster answers than the one that the stack lives in. Nothing may be done then, not even in a preview. */
export class OtherClusterError extends EngineError {
    override name = "OtherClusterError";
}

/** The cluster that a provider's state names, if it does. */
export function identityIn(provider: ResourceState | undefined): ClusterIdentity | undefined {
    const part = (key: string): string | undefined => stringAt(provider?.outputs, identityKey, key);
    const [uid, context, server] = [part("uid"), part("context"), part("server")];
    return uid === undefined ? undefined : { uid, context: context ?? "", server: server ?? "" };
}

/** A provider's outputs with the cluster it was found to lead to. */
export function withIdentity(outputs: Values, identity: ClusterIdentity | undefined): Values {
    return identity === undefined ? outputs : { ...outputs, [identityKey]: { ...identity } };
}

/** Throws an {@link OtherClusterError} unless the cluster that was reached is the one that the stack lives in. */
export function assertSame(home: ClusterIdentity, found: ClusterIdentity): void {
    if (found.uid === home.uid) return;
    throw new OtherClusterError(
        [
            `this stack lives in another cluster than the one that was reached; nothing was touched`,
            `  lives in: ${described(home)}`,
            `  reached:  ${described(found)}`,
            "Choose the stack's cluster with --context or KUBECONFIG, or remove the stack there first (destroy). " +
                "Only if its cluster was lost, and this one takes its place: --accept-cluster",
        ].join("\n"),
    );
}

/** The stack's cluster is known, and the one that was reached does not tell which it is. */
export function unnamedCluster(home: ClusterIdentity, context: string, why: string): OtherClusterError {
    return new OtherClusterError(
        [
            `context "${context}" may not say which cluster it leads to (${why}); nothing was touched`,
            `  the stack lives in: ${described(home)}`,
            "Give its user the right to get the namespace kube-system, as render --rbac does; " +
                "or, if you are certain that it is the same cluster: --accept-cluster",
        ].join("\n"),
    );
}

function described({ uid, context, server }: ClusterIdentity): string {
    return `context "${context}" at ${server}, cluster ${uid}`;
}
