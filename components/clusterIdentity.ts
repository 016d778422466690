import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

/**
 * Refuses a cluster that is not the stack's. The CLI takes any cluster that the credentials lead to, and would find the
 * stack's objects missing there.
 * @param expected uid of the namespace kube-system of the stack's cluster
 * @throws pulumi.RunError with both uids
 */
export async function expectCluster(expected: string, provider: kubernetes.Provider): Promise<void> {
    const system = kubernetes.core.v1.Namespace.get("cluster-identity", "kube-system", { provider });
    const actual = await new Promise<string>((resolve) => system.metadata.uid.apply(resolve));
    if (actual === expected) return;
    throw new pulumi.RunError(
        `The stack ${pulumi.getStack()} belongs to the cluster whose namespace kube-system has the uid ${expected}, and ` +
            `these credentials lead to ${actual}; nothing was changed. Choose the right context, or, if the stack moves ` +
            `to this cluster, set its uid: pulumi config set --stack ${pulumi.getStack()} clusterUid ${actual}`,
    );
}
