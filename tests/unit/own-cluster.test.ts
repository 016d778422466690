/** What `make up CONTEXT=...` asks of a cluster of one's own, with a kubectl that answers from files. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect } from "chai";
import { listImages } from "../../local/images/index.ts";
import type { Report } from "../../local/report.ts";
import { checkOwnCluster } from "../../scripts/platform/own-cluster.ts";

const answers = `#!/bin/sh
case "$*" in
*storageclasses*) cat "$ANSWERS/classes" ;;
*apiservices*) cat "$ANSWERS/apis" ;;
*nodes*) cat "$ANSWERS/nodes" ;;
esac
`;
const isDefault = { "storageclass.kubernetes.io/is-default-class": "true" };

describe("a cluster of one's own", () => {
    let directory: string;
    let before: NodeJS.ProcessEnv;
    let images: ReturnType<typeof listImages>;
    beforeEach(() => {
        directory = mkdtempSync(path.join(os.tmpdir(), "own-cluster-test-"));
        before = { ...process.env };
        process.env["TRADESTREAM_HOME"] = directory;
        process.env["PATH"] = [directory, before["PATH"]].join(path.delimiter);
        writeFileSync(path.join(directory, "kubectl"), answers, { mode: 0o755 });
        mkdirSync(path.join(directory, "images"));
        images = listImages();
        for (const { archive } of images) writeFileSync(archive, "");
    });
    afterEach(() => {
        process.env = before;
        rmSync(directory, { recursive: true, force: true });
    });

    interface Cluster {
        readonly annotations?: object;
        readonly apis?: string;
        /** Images of each of its nodes. Default: one node that has all. */
        readonly nodes?: readonly (readonly string[])[];
    }

    /** The warnings of a check. */
    async function check(context: string, cluster: Cluster = {}): Promise<readonly string[]> {
        const { annotations = isDefault, apis = "apiservice/v1beta1.metrics.k8s.io\n" } = cluster;
        const nodes = cluster.nodes ?? [images.map(({ reference }) => reference)];
        const items = nodes.map((names) => ({ status: { images: names.map((name) => ({ names: [name] })) } }));
        const write = (name: string, text: string): void => writeFileSync(path.join(directory, name), text);
        write("classes", JSON.stringify({ items: [{ metadata: { name: "standard", annotations } }] }, undefined, 4));
        write("apis", apis);
        write("nodes", JSON.stringify({ items }));
        const warnings: string[] = [];
        const report: Report = {
            step: (_, work) => work(() => undefined),
            info: () => undefined,
            warn: (text) => void warnings.push(text),
        };
        await checkOwnCluster({ context, env: { ANSWERS: directory }, directory }, report);
        return warnings;
    }
    const refusal = (context: string, cluster: Cluster): Promise<string> =>
        check(context, cluster).then(
            () => "no refusal",
            (error: Error) => error.message,
        );

    it("passes with a default storage class, metrics and all images: the control", async () => {
        expect(await check("kind-demo")).to.deep.equal([]);
    });

    it("is refused without a default storage class", async () => {
        expect(await refusal("kind-demo", { annotations: {} })).to.equal(
            "the cluster has no default storage class, and PostgreSQL needs a volume: mark one as default",
        );
    });

    it("gets a warning without metrics", async () => {
        expect(await check("kind-demo", { apis: "" })).to.deep.equal([
            "the cluster has no metrics API (metrics-server): the autoscalers do not scale",
        ]);
    });

    it("is refused where a node lacks images, with the commands that load them", async () => {
        const all = images.map(({ reference }) => reference);
        const [first, ...others] = all;
        const [{ archive } = { archive: "" }] = images;
        const nodes = [all, others];
        expect(first).to.be.a("string");
        expect((await refusal("kind-demo", { nodes })).split("\n")).to.deep.equal([
            `the cluster's nodes do not have 1 of ${all.length} images. Load them, then try again:`,
            `    kind load image-archive ${archive} --name demo`,
        ]);
        expect(await refusal("minikube", { nodes })).to.include(
            `    ctr -n k8s.io images import ${archive}   # on each node; minikube: minikube image load ${archive}`,
        );
    });
});
