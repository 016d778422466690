/**
 * Cron expressions as Kubernetes reads them: five fields, or a nickname such as `@hourly`.
 * Source: https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax
 */
import { Cron } from "croner";

const field = /([*?]|(\d+|[a-z]{3})(-(\d+|[a-z]{3}))?)(\/\d+)?/.source;
const list = `${field}(,${field})*`;
/** What Kubernetes takes. Croner takes more: seconds, `L`, `#`, 7 for Sunday. */
const kubernetesSyntax = new RegExp(
    `^(@(yearly|annually|monthly|weekly|daily|midnight|hourly)|(${list}\\s+){4}(?!\\S*(?<!/)\\b7\\b)${list})$`,
);

const day = 24 * 60 * 60;
/** Any fixed day, so that a schedule gives the same answer whenever it is asked. */
const start = new Date("2024-01-01T00:00:00Z");

/** Whether Kubernetes accepts `expression` as a CronJob's schedule. A step that exceeds its field is refused, too. */
export function isCron(expression: string): boolean {
    return parse(expression) !== undefined;
}

/** Whether `expression` ever starts a run; `0 0 30 2 *` never does. */
export function everRuns(expression: string): boolean {
    return parse(expression)?.nextRun(start) instanceof Date;
}

/**
 * The shortest time between two runs within a day, in seconds; a day where there is one run a day at the most.
 * `undefined` where the expression is not valid, or never starts a run.
 */
export function shortestPeriodSeconds(expression: string): number | undefined {
    const cron = parse(expression);
    const first = cron?.nextRun(start);
    if (cron === undefined || !(first instanceof Date)) {
        return undefined;
    }
    const midnight = Math.floor(first.getTime() / 1000 / day) * day;
    const runs: number[] = [];
    for (let run: Date | null = first; run !== null && run.getTime() / 1000 < midnight + day; run = cron.nextRun(run)) {
        runs.push(run.getTime() / 1000);
    }
    return Math.min(...runs.map((run, index) => (runs[index + 1] ?? runs[0]! + day) - run));
}

function parse(expression: string): Cron | undefined {
    const text = expression.trim().toLowerCase();
    try {
        return kubernetesSyntax.test(text)
            ? new Cron(text.replaceAll("?", "*"), { timezone: "UTC", mode: "5-part", sloppyRanges: true, paused: true })
            : undefined;
    } catch {
        return undefined;
    }
}
