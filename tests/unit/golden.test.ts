/** What each stack renders to is kept in a reviewable file; `make golden` writes it anew. */
import { readFileSync } from "node:fs";
import { expect } from "chai";
import { goldenFile, render, renderVariant, stacks, variantNames } from "../golden/render.ts";

describe("golden manifests", function () {
    this.timeout(60_000);

    for (const stack of stacks) {
        it(`of ${stack} are what the program renders`, async () => {
            expect(await render(stack)).to.equal(readFileSync(goldenFile(stack), "utf8"));
        });
    }

    for (const name of variantNames) {
        it(`of ${name} are what the program renders`, async () => {
            expect(await renderVariant(name)).to.equal(readFileSync(goldenFile(name), "utf8"));
        });
    }
});
