/** What `render` makes of a chart's output, whatever helm prints. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect } from "chai";
import { apiErrors } from "../../policy-pack/api/errors.ts";
import { fromManifests } from "../../policy-pack/model/object.ts";
import { PARAMETERS } from "../../policy-pack/schema.ts";
import { objectsOf } from "../../scripts/render/objects.ts";

const version = PARAMETERS.kubernetesVersion.default;

describe("the objects of a release", () => {
    const directory = mkdtempSync(path.join(os.tmpdir(), "release-objects-"));
    after(() => rmSync(directory, { recursive: true }));

    async function objectsIn(output: string, warn?: (text: string) => void) {
        const helm = path.join(directory, "helm");
        writeFileSync(helm, `#!/bin/sh\ncat <<'EOF'\n${output}\nEOF\n`, { mode: 0o755 });
        const release = {
            type: "kubernetes:helm.sh/v3:Release",
            name: "web",
            inputs: { chart: "./chart", values: { output } },
        };
        return (await objectsOf(release, helm, warn)).map(({ object }) => object);
    }

    async function kindsIn(output: string, warn?: (text: string) => void): Promise<readonly unknown[]> {
        return (await objectsIn(output, warn)).map(({ kind }) => kind);
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

    it("have no values of Secrets, and those of a type that is read stay right", async () => {
        const data = `data: {.dockerconfigjson: ${Buffer.from("{}").toString("base64")}, token: eA==}`;
        const type = "kubernetes.io/dockerconfigjson";
        const [object] = await objectsIn(`apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ntype: ${type}\n${data}`);
        const hidden = object!["data"] as Readonly<Record<string, string>>;
        expect(hidden["token"]).to.equal(Buffer.from("[secret]").toString("base64"));
        const errors = (body: unknown) =>
            [...fromManifests([body])].flatMap((secret) => [...apiErrors(secret, version)]);
        expect(errors(object)).to.deep.equal([]);
        expect(errors({ ...object, data: { ".dockerconfigjson": hidden["token"] } })).to.have.length(1);
    });

    it("are refused together where a document is none, as helm refuses it", async () => {
        const stray = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n---\nmetadata: {name: b}\n";
        const message = await kindsIn(stray).then(() => "", String);
        expect(message).to.contain("web: the chart renders a document without apiVersion or kind");
    });
});
