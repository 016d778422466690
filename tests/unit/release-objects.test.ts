/** What `render` makes of a chart's output, whatever helm prints. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect } from "chai";
import { objectsOf } from "../../scripts/render/objects.ts";

describe("the objects of a release", () => {
    const directory = mkdtempSync(path.join(os.tmpdir(), "release-objects-"));
    after(() => rmSync(directory, { recursive: true }));

    async function kindsIn(output: string, warn?: (text: string) => void): Promise<readonly unknown[]> {
        const helm = path.join(directory, "helm");
        writeFileSync(helm, `#!/bin/sh\ncat <<'EOF'\n${output}\nEOF\n`, { mode: 0o755 });
        const release = {
            type: "kubernetes:helm.sh/v3:Release",
            name: "web",
            inputs: { chart: "./chart", values: { output } },
        };
        const objects = await objectsOf(release, helm, warn);
        return objects.map(({ object }) => object["kind"]);
    }

    it("are those that kubectl sees, the items of lists included", async () => {
        expect(
            await kindsIn("# nothing\n---\napiVersion: v1\nkind: PodList\nitems: [{metadata: {name: a}}]\n---\n"),
        ).to.deep.equal(["Pod"]);
    });

    for (const [what, first, second] of [
        ["a label", "metadata: {name: a, labels: {app: a, app: b}}", ""],
        ["a map", "metadata: {name: z}", "metadata: {name: a}"],
        ["a key in quotes", "metadata: {name: z, 'name': a}", ""],
        ["an item's", "metadata: {name: a}", "spec: {containers: [{name: x, name: y}]}"],
    ] as const)
        it(`are as helm takes them where ${what} is there twice, with a warning that names key and template`, async () => {
            const warnings: string[] = [];
            const pod = `apiVersion: v1\nkind: Pod\n${first}\n${second}`;
            const output = `---\n# Source: web/templates/a.yaml\n${pod}\n---\n# Source: web/templates/b.yaml\n${pod}`;
            expect(await kindsIn(output, (text) => warnings.push(text))).to.deep.equal(["Pod", "Pod"]);
            const key = { "a label": "app", "a map": "metadata" }[what as string] ?? "name";
            expect(warnings).to.deep.equal(
                ["a", "b"].map(
                    (name) => `web/templates/${name}.yaml: the key "${key}" is there twice; the last one counts`,
                ),
            );
        });

    it("are without a warning where lines of a text or keys of two maps are alike", async () => {
        const warnings: string[] = [];
        const text =
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  f: |\n    x: 1\n    x: 2\n  g: |\n    x: 1\n";
        await kindsIn(`${text}---\n${text}`, (warning) => warnings.push(warning));
        expect(warnings).to.deep.equal([]);
    });

    it("are refused together where a document is none, as helm refuses it", async () => {
        const stray = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n---\nmetadata: {name: b}\n";
        const message = await kindsIn(stray).then(() => "", String);
        expect(message).to.contain("web: the chart renders a document without apiVersion or kind");
    });
});
