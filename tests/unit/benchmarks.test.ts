/** The page of the benchmark: what a run has measured replaces what an earlier one has, and nothing else. */
import { expect } from "chai";
import { pageOf } from "../bench/page.ts";

describe("page of the benchmark", () => {
    const first = pageOf(pageOf("", "Growth", "## Growth\n\nold"), "Production", "## Production\n\nkept");

    it("has a section per part", () => {
        expect(first).to.match(/^# Benchmarks\n[^#]*## Growth\n\nold\n\n## Production\n\nkept\n$/);
    });

    it("replaces a section in its place and leaves the others", () => {
        const second = pageOf(first, "Growth", "## Growth\n\nnew");
        expect(second).to.equal(first.replace("old", "new"));
    });
});
