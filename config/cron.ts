/** Cron expressions: what a CronJob's schedule is here. */
import { firstDay, parseCron, shortestPeriod } from "../policy-pack/model/schedule.ts";

/** Whether `expression` is one that Kubernetes takes. `@every` is none: its runs begin when a controller starts. */
export function isCron(expression: string): boolean {
    return parseCron(expression) !== undefined;
}

/** Whether `expression` ever starts a run; `0 0 30 2 *` never does. */
export function everRuns(expression: string): boolean {
    return parseCron(expression)?.nextRun(firstDay) instanceof Date;
}

/** The shortest time between two runs, in seconds; `undefined` where the expression never starts a run. */
export function shortestPeriodSeconds(expression: string): number | undefined {
    return everRuns(expression) ? shortestPeriod(expression) : undefined;
}
