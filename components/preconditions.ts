import type * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { RememberedFiles } from "../config/databaseFiles.ts";
import { type ConfigError, describeErrors } from "../config/errors/index.ts";
import type { StackConfig } from "../config/index.ts";
import { kubectlAccess } from "../config/kubeconfig.ts";
import { clusterUid, expectCluster } from "./clusterIdentity.ts";
import { expectFiles } from "./databaseFiles.ts";
import { expectedObjects } from "./expectedObjects.ts";
import { findMissing, hasNamespace } from "./lookup.ts";
import { objectsElsewhere } from "./objectsElsewhere.ts";
import { expectObject } from "./presence.ts";

export interface Preconditions {
    /** The database's files, which the stack has to remember. */
    readonly databaseFiles: RememberedFiles | undefined;
    /** Ends the run where objects are missing for which the program has to create the namespace first. */
    readonly whenNamespaceExists: (namespace: pulumi.Output<string>) => Promise<void>;
}

/**
 * What has to be true before the program registers anything: the cluster is the stack's, objects that others make are there,
 * and PostgreSQL can read its files.
 * @throws pulumi.RunError with the reason and the fix; where a read fails, the run ends
 */
export async function checkPreconditions(config: StackConfig, provider: kubernetes.Provider): Promise<Preconditions> {
    const elsewhere = objectsElsewhere(config);
    const asks = config.clusterUid !== undefined || elsewhere.length > 0;
    const uid = asks ? await clusterUid(provider) : undefined;
    // First: in another cluster, objects are missing for no other reason.
    if (config.clusterUid !== undefined) expectCluster(config.clusterUid, uid);
    const [databaseFiles] = await Promise.all([
        expectFiles(config.databaseFiles),
        ...expectedObjects(config).map((object) => expectObject(object, provider)),
    ]);
    const missing = uid === undefined ? [] : await missingOf(config);
    return {
        databaseFiles,
        whenNamespaceExists: async (namespace) => {
            if (missing.length === 0 || pulumi.runtime.isDryRun()) return;
            await new Promise((resolve) => namespace.apply(resolve));
            throw new pulumi.RunError(
                describeErrors(config.stack, missing, "only the namespace was created, with its policies"),
            );
        },
    };
}

/**
 * The errors of what is missing in a namespace that does not exist yet: nobody can make anything there before the program has
 * created it.
 * @throws pulumi.RunError with all errors where the namespace exists
 */
async function missingOf(config: StackConfig): Promise<readonly ConfigError[]> {
    const { stack, namespace, createNamespace } = config;
    const elsewhere = objectsElsewhere(config);
    const kubeconfig = await new Promise<string | undefined>((resolve) =>
        pulumi.output(config.kubeconfig).apply(resolve),
    );
    const access = kubectlAccess({ kubeconfig, context: config.context });
    const missing = await findMissing(elsewhere, access);
    if (missing === undefined) {
        const names = elsewhere.map(({ kind, name }) => `${kind} ${name}`).join(", ");
        void pulumi.log.warn(`Without kubectl on the PATH, nobody has looked for what others make: ${names}.`);
        return [];
    }
    if (missing.length === 0) return [];
    const canWait = createNamespace && !(await hasNamespace(namespace, access));
    if (!canWait) throw new pulumi.RunError(describeErrors(stack, missing));
    if (pulumi.runtime.isDryRun())
        void pulumi.log.warn(
            describeErrors(
                stack,
                missing,
                `the namespace ${namespace} comes first: pulumi up creates it, and ends there`,
            ),
        );
    return missing;
}
