import { expect } from "chai";
import { pageOf } from "../evidence.ts";

describe("the page of evidence", () => {
    const first = pageOf("", [{ suite: "B", name: "failures", value: 0, requirement: "0" }], "on Monday");

    it("says what was measured, beside what is required, and when", () => {
        expect(first).to.match(/^# Evidence\n/);
        expect(first).to.contain("## B\n\non Monday\n\n| What | Measured | Required |");
        expect(first).to.contain("| failures | 0 | 0 |");
    });

    it("replaces the sections of a run and leaves the others", () => {
        const figures = [
            { suite: "A", name: "time", value: 12, unit: "s" },
            { suite: "B", name: "failures | faults", value: 1 },
        ];
        const second = pageOf(
            pageOf(first, [{ suite: "C", name: "rows", value: 3 }], "on Tuesday"),
            figures,
            "on Friday",
        );
        expect(second.match(/^## .*$/gm)).to.deep.equal(["## A", "## B", "## C"]);
        expect(second).to.contain("| time | 12 s |").and.contain("| failures \\| faults | 1 |");
        expect(second).to.contain("## C\n\non Tuesday").and.not.contain("on Monday");
    });

    it("is the same when nothing was measured", () => {
        expect(pageOf(first, [], "never")).to.equal(first);
    });
});
