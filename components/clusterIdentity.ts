import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

/** The uid of the namespace kube-system, which a cluster keeps for life; `undefined` in a rendering, which asks no cluster. */
export function clusterUid(provider: kubernetes.Provider): Promise<string | undefined> {
    const system = kubernetes.core.v1.Namespace.get("cluster-identity", "kube-system", { provider });
    return new Promise((resolve) => system.metadata.uid.apply(resolve));
}

/**
 * Refuses a cluster that is not the stack's. The CLI takes any cluster that the credentials lead to, and would find the
 * stack's objects missing there.
 * @throws pulumi.RunError with both uids
 */
export function expectCluster(expected: string, actual: string): void {
    if (actual === expected) return;
    throw new pulumi.RunError(
        `The stack ${pulumi.getStack()} belongs to the cluster whose namespace kube-system has the uid ${expected}, and ` +
            `these credentials lead to ${actual}; nothing was changed. Choose the right context, or, if the stack moves ` +
            `to this cluster, set its uid: pulumi config set --stack ${pulumi.getStack()} clusterUid ${actual}`,
    );
}
