/** Links within the documentation lead somewhere, and the README names a test for each capability. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import { root } from "../support/configuration.ts";

const pages = [
    "README.md",
    "components/README.md",
    "policy-pack/README.md",
    ...readdirSync(path.join(root, "docs")).map((file) => `docs/${file}`),
];
const read = (page: string) => readFileSync(path.join(root, page), "utf8");

/** Anchors that GitHub gives to the headings of a page. */
function anchors(text: string): readonly string[] {
    const headings = text.replaceAll(/^```[^]*?^```$/gm, "").matchAll(/^#+ (.*)$/gm);
    return [...headings].map(([, title = ""]) =>
        title
            .toLowerCase()
            .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
            .replaceAll(" ", "-"),
    );
}

/** Links of a page that lead nowhere. */
function broken(page: string, text: string): readonly string[] {
    const links = [...text.matchAll(/\]\((?!\w+:)([^)#\s]*)(?:#([^)\s]*))?\)/g)];
    return links
        .filter(([, file = "", anchor]) => {
            const target = file === "" ? page : path.join(path.dirname(page), file);
            if (!existsSync(path.join(root, target))) return true;
            return anchor !== undefined && !anchors(file === "" ? text : read(target)).includes(anchor);
        })
        .map(([link]) => link);
}

describe("the documentation", () => {
    for (const page of pages)
        it(`has no broken link in ${page}`, () => {
            expect(broken(page, read(page))).to.deep.equal([]);
        });

    it("control: a missing file, heading and heading of the same page are found", () => {
        const text = "# Here\n[a](none.md) [b](docs/backup.md#none) [c](#none) [d](#here) [e](docs/backup.md#restore)";
        expect(broken("README.md", text)).to.deep.equal(["](none.md)", "](docs/backup.md#none)", "](#none)"]);
    });

    it("names a page and a test for each capability", () => {
        const [, table = ""] = read("README.md").split("| Capability | Documentation | Test |\n|---|---|---|\n");
        const rows = table.slice(0, table.indexOf("\n\n")).split("\n");
        expect(rows.length).to.be.greaterThan(10);
        for (const row of rows)
            expect(row).to.match(
                /^\| [^|]+ \| \[[\w-]+\]\([\w./-]+\.md(#[\w-]+)?\) \| \[[^|]+\]\(tests\/[^|]+\.test\.ts\) \|$/,
            );
    });
});
