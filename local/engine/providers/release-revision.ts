/** What helm has written down about a release in the cluster. */
import type { KubeObject, Objects } from "../kube/objects.ts";
import type { ResourceState } from "../state/types.ts";
import { containsUnknown, isObject, plainValues, textOf, valueAt } from "../values.ts";
import type { Values } from "../values.ts";

/** The newest revision of a release, as helm's own Secret in the cluster says. */
export interface Revision {
    readonly version: number;
    readonly status: string;
    /** The newest revision that works. */
    readonly lastDeployed: number | undefined;
}

/** The newest revision of the release that `inputs` name; `undefined` when there is none. */
export async function newestRevision(objects: Objects, inputs: Values): Promise<Revision | undefined> {
    const { name, namespace } = plainValues(inputs);
    if (containsUnknown(name) || containsUnknown(namespace)) return undefined;
    const answer = await objects.client.request("GET", `/api/v1/namespaces/${textOf(namespace)}/secrets`, {
        query: { labelSelector: `owner=helm,name=${textOf(name)}` },
        accept: "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1",
    });
    const items = isObject(answer) && Array.isArray(answer["items"]) ? (answer["items"] as KubeObject[]) : [];
    const revisions = items
        .map((item) => ({
            version: Number(item.metadata.labels?.["version"]),
            status: item.metadata.labels?.["status"] ?? "unknown",
        }))
        .sort((a, b) => b.version - a.version);
    const [newest] = revisions;
    if (newest === undefined || newest.status === "uninstalled") return undefined;
    return {
        ...newest,
        lastDeployed: revisions.find((revision) => ["deployed", "superseded"].includes(revision.status))?.version,
    };
}

/** Why a release needs an upgrade although its inputs have not changed. */
export function trouble(revision: Revision, old: ResourceState): string | undefined {
    if (revision.status !== "deployed") return `its revision ${revision.version} is ${revision.status}`;
    const recorded = valueAt(old.outputs, "status", "revision");
    return recorded === revision.version ? undefined : `revision ${revision.version} was made by somebody else`;
}
