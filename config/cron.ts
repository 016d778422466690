/**
 * Cron expressions as Kubernetes reads them: five fields, or a nickname such as `@hourly`.
 * Source: https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax
 */

const nicknames: ReadonlyMap<string, string> = new Map([
    ["@yearly", "0 0 1 1 *"],
    ["@annually", "0 0 1 1 *"],
    ["@monthly", "0 0 1 * *"],
    ["@weekly", "0 0 * * 0"],
    ["@daily", "0 0 * * *"],
    ["@midnight", "0 0 * * *"],
    ["@hourly", "0 * * * *"],
]);

const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const weekdays = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

interface Field {
    readonly from: number;
    readonly to: number;
    readonly names?: readonly string[];
}

const fields: readonly Field[] = [
    { from: 0, to: 59 },
    { from: 0, to: 23 },
    { from: 1, to: 31 },
    { from: 1, to: 12, names: months },
    { from: 0, to: 6, names: weekdays },
];

/** Whether Kubernetes accepts `expression` as a CronJob's schedule. */
export function isCron(expression: string): boolean {
    return expand(expression) !== undefined;
}

/**
 * The shortest time between two runs within a day, in seconds; a day where there is one run a day at the most.
 * `undefined` where the expression is not valid.
 */
export function shortestPeriodSeconds(expression: string): number | undefined {
    const [minutes, hours] = expand(expression) ?? [];
    if (minutes === undefined || hours === undefined) {
        return undefined;
    }
    const runs = hours.flatMap((hour) => minutes.map((minute) => hour * 60 + minute));
    const day = 24 * 60;
    const gaps = runs.map((run, index) => (runs[index + 1] ?? runs[0]! + day) - run);
    return Math.min(...gaps) * 60;
}

function expand(expression: string): readonly (readonly number[])[] | undefined {
    const words = (nicknames.get(expression) ?? expression).trim().split(/\s+/);
    if (words.length !== fields.length) {
        return undefined;
    }
    const expanded = words.map((word, index) => expandField(word, fields[index]!));
    return expanded.every((values) => values !== undefined) ? expanded : undefined;
}

function expandField(word: string, field: Field): readonly number[] | undefined {
    const values = new Set<number>();
    for (const part of word.split(",")) {
        const [, range, low, high, step] = /^([*?]|([0-9a-z]+)(?:-([0-9a-z]+))?)(?:\/(\d+))?$/i.exec(part) ?? [];
        const size = Number(step ?? 1);
        if (range === undefined || size === 0) {
            return undefined;
        }
        const every = range === "*" || range === "?";
        const from = every ? field.from : number(low!, field);
        const open = every || (high === undefined && step !== undefined);
        const to = open ? field.to : number(high ?? low!, field);
        if (!(from >= field.from && to <= field.to && from <= to)) {
            return undefined;
        }
        for (let value = from; value <= to; value += size) {
            values.add(value);
        }
    }
    return [...values].sort((a, b) => a - b);
}

function number(word: string, field: Field): number {
    const name = field.names?.indexOf(word.toLowerCase()) ?? -1;
    return name >= 0 ? name + field.from : /^\d+$/.test(word) ? Number(word) : NaN;
}
