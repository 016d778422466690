import type * as kubernetes from "@pulumi/kubernetes";
import type { RememberedFiles } from "../config/databaseFiles.ts";
import type { StackConfig } from "../config/index.ts";
import { expectCluster } from "./clusterIdentity.ts";
import { expectFiles } from "./databaseFiles.ts";
import { expectedObjects } from "./expectedObjects.ts";
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
    // First: in another cluster, objects are missing for no other reason.
    if (config.clusterUid !== undefined) await expectCluster(config.clusterUid, provider);
    const [files] = await Promise.all([
        expectFiles(config.databaseFiles),
        ...expectedObjects(config).map((object) => expectObject(object, provider)),
    ]);
    return files;
}
