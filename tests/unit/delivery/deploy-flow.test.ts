/** Which jobs of deploy.yml run for what starts it. */
import { expect } from "chai";
import { ran, type Start } from "./flow.ts";

describe("a deployment", () => {
    const cases: readonly (readonly [string, Start, readonly string[]])[] = [
        ["a push goes all the way", { event: "push" }, ["check", "staging", "production-preview", "production"]],
        ["staging by hand is staging alone", { event: "workflow_dispatch", stack: "staging" }, ["check", "staging"]],
        [
            "production by hand leaves staging out",
            { event: "workflow_dispatch", stack: "production" },
            ["check", "production-preview", "production"],
        ],
        ["another branch gets nowhere", { event: "workflow_dispatch", stack: "production", ref: "refs/heads/x" }, []],
        ["a failed check ends it", { event: "push", failing: ["check"] }, ["check"]],
        ["a failed staging keeps production as it is", { event: "push", failing: ["staging"] }, ["check", "staging"]],
        [
            "a failed preview does too",
            { event: "push", failing: ["production-preview"] },
            ["check", "staging", "production-preview"],
        ],
    ];
    for (const [title, start, expected] of cases) {
        it(title, () => expect(ran("deploy", start)).to.deep.equal(expected));
    }
});
