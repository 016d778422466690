/** What `render` makes of a chart's output, whatever helm prints. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect } from "chai";
import { objectsOfRelease } from "../../scripts/render/objects.ts";

describe("the objects of a release", () => {
    const directory = mkdtempSync(path.join(os.tmpdir(), "release-objects-"));
    after(() => rmSync(directory, { recursive: true }));

    function kindsIn(output: string): readonly unknown[] {
        const helm = path.join(directory, "helm");
        writeFileSync(helm, `#!/bin/sh\ncat <<'EOF'\n${output}\nEOF\n`, { mode: 0o755 });
        const release = { type: "kubernetes:helm.sh/v3:Release", name: "web", inputs: { chart: "./chart" } };
        return objectsOfRelease(release, helm, directory).map(({ object }) => object["kind"]);
    }

    it("are those that kubectl sees, the items of lists included", () => {
        expect(
            kindsIn("# nothing\n---\napiVersion: v1\nkind: PodList\nitems: [{metadata: {name: a}}]\n---\n"),
        ).to.deep.equal(["Pod"]);
    });

    it("are refused together where a document is none, as helm and the policy pack refuse it", () => {
        const stray = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n---\nmetadata: {name: b}\n";
        expect(() => kindsIn(stray)).to.throw("the chart of web renders a document without apiVersion or kind");
    });
});
