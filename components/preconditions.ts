import type * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { RememberedFiles } from "../config/databaseFiles.ts";
import { describeErrors } from "../config/errors/index.ts";
import type { StackConfig } from "../config/index.ts";
import { kubectlAccess } from "../config/kubeconfig.ts";
import { clusterUid, expectCluster } from "./clusterIdentity.ts";
import { expectFiles } from "./databaseFiles.ts";
import { expectedObjects } from "./expectedObjects.ts";
import { findMissing, hasNamespace } from "./lookup.ts";
import { type ObjectElsewhere, objectsElsewhere } from "./objectsElsewhere.ts";
import { expectObject } from "./presence.ts";

/**
 * What has to be true before the program registers anything: the cluster is the stack's, objects that others make are there,
 * and PostgreSQL can read its files.
 * @returns the database's files, which the stack has to remember
 * @throws pulumi.RunError with the reason and the fix; where a read fails, the run ends
 */
export async function checkPreconditions(
    config: StackConfig,
    provider: kubernetes.Provider,
): Promise<RememberedFiles | undefined> {
    const elsewhere = objectsElsewhere(config);
    const asks = config.clusterUid !== undefined || elsewhere.length > 0;
    const uid = asks ? await clusterUid(provider) : undefined;
    // First: in another cluster, objects are missing for no other reason.
    if (config.clusterUid !== undefined && uid !== undefined) expectCluster(config.clusterUid, uid);
    const [databaseFiles] = await Promise.all([
        expectFiles(config.databaseFiles),
        ...expectedObjects(config).map((object) => expectObject(object, provider)),
    ]);
    if (uid !== undefined) await expectElsewhere(config, elsewhere);
    return databaseFiles;
}

/**
 * Ends the run where an object that others make is missing. In a namespace that the program has to create first nobody can
 * make any: of these this warns, and pods wait for them.
 * @throws pulumi.RunError with all errors
 */
export async function expectElsewhere(
    config: Pick<StackConfig, "stack" | "namespace" | "createNamespace" | "kubeconfig" | "context">,
    elsewhere: readonly ObjectElsewhere[],
): Promise<void> {
    if (elsewhere.length === 0) return;
    const { stack, namespace, createNamespace } = config;
    const kubeconfig = await new Promise<string | undefined>((resolve) =>
        pulumi.output(config.kubeconfig).apply(resolve),
    );
    const access = kubectlAccess({ kubeconfig, context: config.context });
    const isThere = !createNamespace || (await hasNamespace(namespace, access));
    const canWait = (object: ObjectElsewhere): boolean => !isThere && object.namespace === namespace;
    const [missing, later] = await Promise.all([
        findMissing(
            elsewhere.filter((object) => !canWait(object)),
            access,
        ),
        findMissing(elsewhere.filter(canWait), access),
    ]);
    if (missing === undefined || later === undefined) {
        const names = elsewhere.map(({ kind, name }) => `${kind} ${name}`).join(", ");
        void pulumi.log.warn(`Without kubectl on the PATH, nobody has looked for what others make: ${names}.`);
        return;
    }
    if (missing.length > 0) throw new pulumi.RunError(describeErrors(stack, missing));
    if (later.length === 0) return;
    const outcome = `pulumi up creates the namespace ${namespace} first, and its pods wait for them`;
    void pulumi.log.warn(describeErrors(stack, later, outcome));
}
