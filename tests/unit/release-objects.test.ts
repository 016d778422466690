/** What `render` makes of a chart's output, whatever helm prints. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect } from "chai";
import { objectsOf } from "../../scripts/render/objects.ts";

describe("the objects of a release", () => {
    const directory = mkdtempSync(path.join(os.tmpdir(), "release-objects-"));
    after(() => rmSync(directory, { recursive: true }));

    async function kindsIn(output: string): Promise<readonly unknown[]> {
        const helm = path.join(directory, "helm");
        writeFileSync(helm, `#!/bin/sh\ncat <<'EOF'\n${output}\nEOF\n`, { mode: 0o755 });
        const release = {
            type: "kubernetes:helm.sh/v3:Release",
            name: "web",
            inputs: { chart: "./chart", values: { output } },
        };
        const objects = await objectsOf(release, helm);
        return objects.map(({ object }) => object["kind"]);
    }

    it("are those that kubectl sees, the items of lists included", async () => {
        expect(
            await kindsIn("# nothing\n---\napiVersion: v1\nkind: PodList\nitems: [{metadata: {name: a}}]\n---\n"),
        ).to.deep.equal(["Pod"]);
    });

    it("are refused together where a document is none, as helm refuses it", async () => {
        const stray = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n---\nmetadata: {name: b}\n";
        const message = await kindsIn(stray).then(() => "", String);
        expect(message).to.contain("web: the chart renders a document without apiVersion or kind");
    });
});
