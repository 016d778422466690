/** Cron expressions: what a CronJob's schedule is here. */
import { fieldSizes, firstDay, parseCron, shortestPeriod } from "../policy-pack/model/schedule.ts";

/**
 * Whether `expression` is one that Kubernetes takes. `@every` is none: its runs begin when a controller starts. Nor is what
 * Kubernetes takes for something else than it says: of a list with an empty part the rest, of a step that exceeds its field
 * the first value alone.
 */
export function isCron(expression: string): boolean {
    const fields = expression.trim().split(/\s+/);
    return (
        parseCron(expression) !== undefined &&
        !fields.some((field) => field.split(",").includes("")) &&
        !fields.some((field, index) =>
            [...field.matchAll(/\/\+?(\d+)/g)].some(([, step]) => Number(step) > fieldSizes[index]!),
        )
    );
}

/** Whether `expression` ever starts a run; `0 0 30 2 *` never does. */
export function everRuns(expression: string): boolean {
    return parseCron(expression)?.nextRun(firstDay) instanceof Date;
}

/** The shortest time between two runs, in seconds; `undefined` where the expression never starts a run. */
export function shortestPeriodSeconds(expression: string): number | undefined {
    return isCron(expression) && everRuns(expression) ? shortestPeriod(expression) : undefined;
}

/** Runs of either expression that are compared: schedules by minutes, hours and days of the week meet early, or never. */
const steps = 25;

/** Whether both expressions start a run at the same time, as far as the first runs tell. */
export function meet(one: string, other: string): boolean {
    const crons = [one, other].map(parseCron);
    let after = firstDay;
    for (let step = 0; step < steps; step++) {
        const [first, second] = crons.map((cron) => cron?.nextRun(after)?.getTime());
        if (first === undefined || second === undefined) return false;
        if (first === second) return true;
        after = new Date(Math.max(first, second) - 1);
    }
    return false;
}

const runsLookedAt = 500;

/** The longest time between two runs of any of the expressions, each of which starts runs, in seconds. */
export function longestPeriodSeconds(expressions: readonly string[]): number {
    const runs = expressions.map((expression) => parseCron(expression)?.nextRuns(runsLookedAt, firstDay) ?? []);
    const times = runs.flat().map((run) => run.getTime() / 1000);
    // Beyond the last run of one of them that was looked at, runs would be missing.
    const end = Math.min(...runs.map((of) => (of.at(-1)?.getTime() ?? Infinity) / 1000));
    const sorted = [...new Set(times)].filter((time) => time <= end).sort((a, b) => a - b);
    return Math.max(...sorted.slice(1).map((time, index) => time - sorted[index]!));
}
