import { knownKind, type KubeObject } from "./object.ts";
import type { View } from "./view.ts";

/** Kinds that run to an end. */
export const JOB_KINDS = ["Job", "CronJob"] as const;

/** The spec of the Job that an object is, or makes. */
export function jobSpec(object: KubeObject, view: View): View {
    return knownKind(object) === "CronJob" ? view.at("spec", "jobTemplate", "spec") : view.at("spec");
}

/**
 * The shortest time between two runs of a cron schedule in seconds, by its minutes and hours; undefined for a schedule
 * that is not understood. Days are left out: they only make it longer.
 */
export function shortestPeriod(schedule: string): number | undefined {
    const named = NAMED[schedule.trim()] ?? schedule.trim();
    const [minuteField, hourField, ...days] = named.split(/\s+/);
    if (minuteField === undefined || hourField === undefined || days.length !== 3) return undefined;
    const minutes = expand(minuteField, 60);
    const hours = expand(hourField, 24);
    if (minutes === undefined || hours === undefined) return undefined;
    const times = hours.flatMap((hour) => minutes.map((minute) => hour * 60 + minute));
    const [first] = times;
    if (first === undefined) return undefined;
    const next = [...times.slice(1), first + 24 * 60];
    return 60 * Math.min(...times.map((time, index) => (next[index] ?? Infinity) - time));
}

const NAMED: Readonly<Record<string, string>> = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
};

/** The values of one field of a cron schedule, in order. */
function expand(field: string, size: number): number[] | undefined {
    const values = new Set<number>();
    for (const part of field.split(",")) {
        const match = /^(?:(\*)|(\d+)(?:-(\d+))?)(?:\/(\d+))?$/.exec(part);
        if (match === null) return undefined;
        const [, star, from, to, step] = match;
        const start = star === undefined ? Number(from) : 0;
        const open = star !== undefined || (to === undefined && step !== undefined);
        const end = open ? size - 1 : Number(to ?? from);
        const width = Number(step ?? 1);
        if (width < 1 || end >= size) return undefined;
        for (let value = start; value <= end; value += width) values.add(value);
    }
    return [...values].sort((a, b) => a - b);
}
