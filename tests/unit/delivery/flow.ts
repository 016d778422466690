/** Which jobs of a workflow run for what starts it: their conditions are evaluated as GitHub does, job after job. */
import vm from "node:vm";
import { type Job, type Name, workflow } from "./workflows.ts";

type Result = "success" | "failure" | "skipped";

export interface Start {
    readonly event: "push" | "workflow_dispatch";
    readonly ref?: string;
    readonly stack?: string;
    /** Jobs that fail when they run. */
    readonly failing?: readonly string[];
}

/** The jobs that ran, in order. A condition without a status function also demands that all needs succeeded. */
export function ran(name: Name, { event, ref = "refs/heads/main", stack = "", failing = [] }: Start): string[] {
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
    for (const [id, job] of Object.entries(workflow(name).jobs)) {
        results[id] = !isWanted(job) ? "skipped" : failing.includes(id) ? "failure" : "success";
    }
    return Object.keys(results).filter((id) => results[id] !== "skipped");
}
