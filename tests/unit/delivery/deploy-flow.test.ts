/** Which jobs of deploy.yml run for what starts it: their conditions are evaluated as GitHub does, job after job. */
import vm from "node:vm";
import { expect } from "chai";
import { type Job, workflow } from "./workflows.ts";

type Result = "success" | "failure" | "skipped";

interface Start {
    readonly event: "push" | "workflow_dispatch";
    readonly ref?: string;
    readonly stack?: string;
    /** Jobs that fail when they run. */
    readonly failing?: readonly string[];
}

/** The jobs that ran, in order. A condition without a status function also demands that all needs succeeded. */
function ran({ event, ref = "refs/heads/main", stack = "", failing = [] }: Start): string[] {
    const results: Record<string, Result> = {};
    const isWanted = (job: Job): boolean => {
        const needs = job.needs === undefined ? [] : [job.needs].flat();
        const condition = (job.if ?? "success()").replace(/^\$\{\{(.*)\}\}$/, "$1");
        const context = {
            github: { event_name: event, ref },
            inputs: { stack },
            needs: Object.fromEntries(needs.map((need) => [need, { result: results[need] }])),
            cancelled: () => false,
            success: () => true,
        };
        const isMet = vm.runInNewContext(condition.replaceAll(/needs\.([\w-]+)/g, 'needs["$1"]'), context) as boolean;
        const isForced = /\b(cancelled|always|failure)\(\)/.test(condition);
        return isMet && (isForced || needs.every((need) => results[need] === "success"));
    };
    for (const [id, job] of Object.entries(workflow("deploy").jobs)) {
        results[id] = !isWanted(job) ? "skipped" : failing.includes(id) ? "failure" : "success";
    }
    return Object.keys(results).filter((id) => results[id] !== "skipped");
}

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
        it(title, () => expect(ran(start)).to.deep.equal(expected));
    }
});
