/** What a cluster of one's own must have before the stack `local` is deployed to it. */
import { buildImages } from "../../local/images/index.ts";
import type { Report } from "../../local/report.ts";
import { type Kubectl, kubectlFor } from "../kubectl.ts";
import type { Target } from "./target.ts";

interface Nodes {
    readonly items: readonly {
        readonly status: { readonly images?: readonly { readonly names?: readonly string[] }[] };
    }[];
}

/**
 * Checks the storage class, the metrics API and the images. Missing metrics are a warning: the autoscalers wait for them.
 * @throws with the commands that load the images, or when there is no default storage class
 */
export async function checkOwnCluster(target: Target, report: Report): Promise<void> {
    const kubectl = await kubectlFor(target, report);
    const classes = await kubectl(["get", "storageclasses", "-o", "json"]);
    if (!classes.includes('"storageclass.kubernetes.io/is-default-class": "true"')) {
        throw new Error("the cluster has no default storage class, and PostgreSQL needs a volume: mark one as default");
    }
    const apis = await kubectl(["get", "apiservices", "v1beta1.metrics.k8s.io", "--ignore-not-found", "-o", "name"]);
    if (apis.trim() === "")
        report.warn("the cluster has no metrics API (metrics-server): the autoscalers do not scale");
    await checkImages(target, kubectl, report);
}

async function checkImages(target: Target, kubectl: Kubectl, report: Report): Promise<void> {
    const images = await buildImages(report);
    const { items } = JSON.parse(await kubectl(["get", "nodes", "-o", "json"])) as Nodes;
    const nodes = items.map(({ status }) => new Set((status.images ?? []).flatMap(({ names }) => names ?? [])));
    const missing = images.filter(({ reference }) => !nodes.every((names) => names.has(reference)));
    if (missing.length === 0) return;
    const kind = /^kind-(.+)$/.exec(target.context ?? "")?.[1];
    const load = (archive: string): string =>
        kind === undefined
            ? `ctr -n k8s.io images import ${archive}   # on each node; minikube: minikube image load ${archive}`
            : `kind load image-archive ${archive} --name ${kind}`;
    throw new Error(
        [
            `the cluster's nodes do not have ${missing.length} of ${images.length} images. Load them, then try again:`,
            ...missing.map(({ archive }) => `    ${load(archive)}`),
        ].join("\n"),
    );
}
