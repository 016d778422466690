/** What each stack renders to is kept in a reviewable file; `make golden` writes it anew. */
import { readFileSync } from "node:fs";
import { expect } from "chai";
import { goldenFile, render, renderRoutes, routes, stacks } from "../golden/render.ts";

describe("golden manifests", function () {
    this.timeout(60_000);

    for (const stack of stacks) {
        it(`of ${stack} are what the program renders`, async () => {
            expect(await render(stack)).to.equal(readFileSync(goldenFile(stack), "utf8"));
        });
    }

    it("of production's routes are what the program renders", async () => {
        expect(await renderRoutes()).to.equal(readFileSync(goldenFile(routes), "utf8"));
    });
});
