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

/** Each schedule is looked at once: croner takes milliseconds for the days of one. */
const periods = new Map<string, number | undefined>();

/** The shortest time between two runs of a schedule in seconds; `undefined` for one that Kubernetes refuses, or that never runs. */
export function shortestPeriod(schedule: string): number | undefined {
    if (!periods.has(schedule)) periods.set(schedule, everySeconds(schedule) ?? periodOf(schedule));
    return periods.get(schedule);
}

const DAY = 24 * 60 * 60;

const NICKNAMES: Readonly<Record<string, string>> = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
};

/** The shortest pause between runs of one day, or from the last of a day to the first of the next day that has any. */
function periodOf(schedule: string): number | undefined {
    if (parseCron(schedule) === undefined) return undefined;
    const text = schedule.trim();
    const [minutes = "", hours = "", ...days] = (NICKNAMES[text] ?? text).split(/\s+/);
    const times = valuesOf(hours, 24).flatMap((hour) =>
        valuesOf(minutes, 60).map((minute) => hour * 3600 + minute * 60),
    );
    const [first = 0, last = 0] = [times[0], times.at(-1)];
    const pauses = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    const shortest = Math.min(...pauses, pauseOfDays(days.join(" ")) + first - last);
    return Number.isFinite(shortest) ? shortest : undefined;
}

/** The values of a field of minutes or hours, in order. */
function valuesOf(text: string, end: number): readonly number[] {
    const values = text.split(",").flatMap((part) => {
        const [range = "", step = "1"] = part.split("/");
        const [low = "", high = part.includes("/") ? end - 1 : low] = range.split("-");
        const [first, last] = /[*?]/.test(range) ? [0, end - 1] : [Number(low), Number(high)];
        return Array.from({ length: end }, (_, value) => value).filter(
            (value) => value >= first && value <= last && (value - first) % Number(step) === 0,
        );
    });
    return [...new Set(values)].sort((a, b) => a - b);
}

/** Days with runs that are looked at: those of two years where there is one a month. */
const DAYS_LOOKED_AT = 24;

/** The shortest time between two days with runs, in seconds. */
function pauseOfDays(days: string): number {
    const cron = parseCron(`0 0 ${days}`);
    let shortest = Infinity;
    let [last, next] = cron?.nextRuns(2, firstDay) ?? [];
    for (let count = 0; last !== undefined && next !== undefined && count < DAYS_LOOKED_AT && shortest > DAY; count++) {
        shortest = Math.min(shortest, (next.getTime() - last.getTime()) / 1000);
        [last, next] = [next, cron?.nextRun(next) ?? undefined];
    }
    return shortest;
}
