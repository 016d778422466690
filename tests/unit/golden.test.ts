/** What each stack renders to is kept in a reviewable file; `make golden` writes it anew. */
import { readFileSync } from "node:fs";
import { expect } from "chai";
import { goldenFile, render, stacks } from "../golden/render.ts";

describe("golden manifests", function () {
    this.timeout(60_000);

    for (const stack of stacks) {
        it(`of ${stack} are what the program renders`, async () => {
            expect(await render(stack)).to.equal(readFileSync(goldenFile(stack), "utf8"));
        });
    }
});
