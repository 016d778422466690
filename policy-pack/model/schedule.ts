/**
 * Schedules of CronJobs as Kubernetes reads them: five fields, a nickname such as `@hourly`, or `@every 1h30m`.
 * Source: https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax, and its parser
 * (github.com/robfig/cron), which passes over an empty part of a list and lets a step exceed its field.
 */
import { Cron } from "croner";

/** Any fixed day, so that a schedule gives the same answer whenever it is asked. */
export const firstDay = new Date("2024-01-01T00:00:00Z");

/** The values of a field of a schedule, in order, and whether it is a star, which does not narrow the days down. */
interface Field {
    readonly values: readonly number[];
    readonly isStar: boolean;
}

/** Bounds of the five fields, and the names that two of them have for numbers. */
const FIELDS = [
    { least: 0, most: 59 },
    { least: 0, most: 23 },
    { least: 1, most: 31 },
    { least: 1, most: 12, names: "jan feb mar apr may jun jul aug sep oct nov dec".split(" ") },
    { least: 0, most: 6, names: "sun mon tue wed thu fri sat".split(" ") },
] as const;

/** How many values each field has. */
export const fieldSizes = FIELDS.map(({ least, most }) => most - least + 1);

const NICKNAMES: ReadonlyMap<string, string> = new Map([
    ["@yearly", "0 0 1 1 *"],
    ["@annually", "0 0 1 1 *"],
    ["@monthly", "0 0 1 * *"],
    ["@weekly", "0 0 * * 0"],
    ["@daily", "0 0 * * *"],
    ["@midnight", "0 0 * * *"],
    ["@hourly", "0 * * * *"],
]);

/** Whether Kubernetes takes a schedule. */
export function isSchedule(schedule: string): boolean {
    return everySeconds(schedule) !== undefined || fieldsOf(schedule) !== undefined;
}

/** The times of a schedule of five fields or a nickname; `undefined` for any other, and for a field without a value. */
export function parseCron(schedule: string): Cron | undefined {
    const fields = fieldsOf(schedule);
    if (fields === undefined || fields.some(({ values }) => values.length === 0)) return undefined;
    const text = fields.map(({ values, isStar }) => (isStar ? "*" : values.join(",")));
    return new Cron(text.join(" "), { timezone: "UTC", mode: "5-part", paused: true });
}

function fieldsOf(schedule: string): readonly Field[] | undefined {
    const texts = (NICKNAMES.get(schedule) ?? schedule).trim().split(/\s+/);
    const fields = FIELDS.flatMap((bounds, index) => parseField(texts[index] ?? "", bounds) ?? []);
    return texts.length === FIELDS.length && fields.length === FIELDS.length ? fields : undefined;
}

function parseField(text: string, { least, most, ...rest }: (typeof FIELDS)[number]): Field | undefined {
    const names: readonly string[] = "names" in rest ? rest.names : [];
    const numberOf = (word: string): number => {
        const place = names.indexOf(word.toLowerCase());
        return place >= 0 ? place + least : /^\+?\d+$/.test(word) ? Number(word) : NaN;
    };
    const values = new Set<number>();
    let isStar = false;
    for (const part of text.split(",").filter((each) => each !== "")) {
        const [range = "", step, ...further] = part.split("/");
        const [low = "", high, ...more] = range.split("-");
        const isAll = low === "*" || low === "?";
        const by = step === undefined ? 1 : /^\+?\d+$/.test(step) ? Number(step) : 0;
        const first = isAll ? least : numberOf(low);
        const last = isAll || (high === undefined && step !== undefined) ? most : numberOf(high ?? low);
        if (further.length > 0 || (more.length > 0 && !isAll) || by === 0) return undefined;
        if (!(first >= least && last <= most && first <= last)) return undefined;
        for (let value = first; value <= last; value += by) values.add(value);
        isStar ||= isAll && by === 1;
    }
    return { values: [...values].sort((a, b) => a - b), isStar };
}

const seconds: Readonly<Record<string, number>> = {
    ...{ ns: 1e-9, us: 1e-6, µs: 1e-6, μs: 1e-6, ms: 1e-3 },
    ...{ s: 1, m: 60, h: 3600 },
};

/** The period of `@every` with a duration as Go writes it, in seconds: whole ones, and at least one. */
function everySeconds(schedule: string): number | undefined {
    const [, sign, duration] =
        /^@every ([-+]?)(0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/.exec(schedule) ?? [];
    if (duration === undefined) return undefined;
    const sum = [...duration.matchAll(/([\d.]+)(\D+)/g)].reduce(
        (total, [, amount, unit = ""]) => total + Number(amount) * (seconds[unit] ?? 0),
        0,
    );
    // Sums of fractions are not exact.
    return sign === "-" ? 1 : Math.max(1, Math.floor(sum + 1e-6));
}

/** Each schedule is looked at once: croner takes milliseconds for the days of one. */
const periods = new Map<string, number | undefined>();

/** The shortest time between two runs of a schedule in seconds; `undefined` for one that Kubernetes refuses, or that never runs. */
export function shortestPeriod(schedule: string): number | undefined {
    if (!periods.has(schedule)) periods.set(schedule, everySeconds(schedule) ?? periodOf(schedule));
    return periods.get(schedule);
}

const DAY = 24 * 60 * 60;

/** The shortest pause between runs of one day, or from the last of a day to the first of the next day that has any. */
function periodOf(schedule: string): number | undefined {
    const [minutes, hours, ...days] = fieldsOf(schedule) ?? [];
    if (minutes === undefined || hours === undefined) return undefined;
    const times = hours.values.flatMap((hour) => minutes.values.map((minute) => hour * 3600 + minute * 60));
    const [first = 0, last = 0] = [times[0], times.at(-1)];
    const pauses = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    const daily = days.map(({ values, isStar }) => (isStar ? "*" : values.join(",")));
    const shortest = Math.min(...pauses, pauseOfDays(daily.join(" ")) + first - last);
    return Number.isFinite(shortest) ? shortest : undefined;
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
