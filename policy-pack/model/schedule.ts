/**
 * Schedules of CronJobs as Kubernetes reads them: five fields, a nickname such as `@hourly`, or `@every 1h30m`.
 * Source: https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax
 */
import { Cron } from "croner";

const nickname = /^@(yearly|annually|monthly|weekly|daily|midnight|hourly)$/;
const field = /([*?]|(\d+|[a-z]{3})(-(\d+|[a-z]{3}))?)(\/\d+)?/.source;
const list = `${field}(,${field})*`;
/** Croner takes more than Kubernetes: seconds, `L`, `#`, 7 for Sunday. */
const fields = new RegExp(`^(${list}\\s+){4}(?!\\S*(?<!/)\\b7\\b)${list}$`);

/** Any fixed day, so that a schedule gives the same answer whenever it is asked. */
export const firstDay = new Date("2024-01-01T00:00:00Z");

/** Whether Kubernetes takes a schedule. */
export function isSchedule(schedule: string): boolean {
    return everySeconds(schedule) !== undefined || parseCron(schedule) !== undefined;
}

/** Five fields or a nickname; `undefined` for what Kubernetes refuses, such as a step that exceeds its field. */
export function parseCron(schedule: string): Cron | undefined {
    const text = schedule.trim();
    const lower = text.toLowerCase();
    if (!nickname.test(text) && !fields.test(lower)) return undefined;
    try {
        const options = { timezone: "UTC", mode: "5-part", sloppyRanges: true, paused: true } as const;
        return new Cron(lower.replaceAll("?", "*"), options);
    } catch {
        return undefined;
    }
}

const seconds: Readonly<Record<string, number>> = { ns: 1e-9, us: 1e-6, µs: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 };

/** The period of `@every` with a duration as Go writes it, in seconds. */
function everySeconds(schedule: string): number | undefined {
    const duration = /^@every ((\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+)$/.exec(schedule.trim())?.[1];
    if (duration === undefined) return undefined;
    return [...duration.matchAll(/([\d.]+)(\D+)/g)].reduce(
        (sum, [, amount, unit = ""]) => sum + Number(amount) * (seconds[unit] ?? 0),
        0,
    );
}

/** A schedule may have some hundred runs a day to look at: each schedule is looked at once. */
const periods = new Map<string, number | undefined>();

/**
 * The shortest time between two runs of a schedule in seconds; `undefined` for one that Kubernetes refuses. Days are left
 * out: they only make it longer.
 */
export function shortestPeriod(schedule: string): number | undefined {
    if (!periods.has(schedule)) periods.set(schedule, everySeconds(schedule) ?? periodOfDay(schedule));
    return periods.get(schedule);
}

/** No schedule runs more often. Seconds. */
const minute = 60;

function periodOfDay(schedule: string): number | undefined {
    if (parseCron(schedule) === undefined) return undefined;
    const [minutes, hours, ...days] = schedule.trim().split(/\s+/);
    const cron = parseCron(days.length === 3 ? `${minutes} ${hours} * * *` : schedule);
    let shortest = Infinity;
    let [last, next] = cron?.nextRuns(2, firstDay) ?? [];
    const end = (last?.getTime() ?? 0) + 24 * 60 * 60 * 1000;
    while (cron !== undefined && last !== undefined && next && last.getTime() < end && shortest > minute) {
        shortest = Math.min(shortest, (next.getTime() - last.getTime()) / 1000);
        [last, next] = [next, cron.nextRun(next) ?? undefined];
    }
    return Number.isFinite(shortest) ? shortest : undefined;
}
