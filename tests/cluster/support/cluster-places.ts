/** What a cluster shows to others than the owners of its Secrets. */
import { expect } from "chai";
import { status } from "../../../local/cluster/index.ts";
import { cluster } from "./cluster-name.ts";
import { get, kubectl } from "./commands.ts";
import type { Places } from "./needles.ts";
import { contents } from "./watch.ts";

/** All objects but Secrets, and what the pods and the cluster's components have logged. */
export async function clusterPlaces(label: string): Promise<Places> {
    const kinds = (await kubectl("api-resources", "--verbs=list", "-o", "name")).trim().split("\n");
    const searched = kinds.filter((kind) => kind !== "secrets");
    expect(searched).to.include.members(["configmaps", "events", "pods", "deployments.apps"]);
    const objects = await kubectl("get", searched.join(","), "-A", "-o", "json", "--show-managed-fields");
    const logs = await Promise.all(
        (await get("pods", "-A")).map(async ({ metadata: { name, ...rest } }) => {
            const { namespace } = rest as { namespace?: string };
            const text = await kubectl("logs", name, "-n", namespace!, "--all-containers").catch(() => "");
            return [`log of pod ${namespace}/${name}, ${label}`, text] as const;
        }),
    );
    const components = [...contents(status(cluster).logs ?? "")].map(
        ([name, text]) => [`log ${name} of the cluster, ${label}`, text] as const,
    );
    return new Map([[`objects of the cluster, ${label}`, objects], ...logs, ...components]);
}
