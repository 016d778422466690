import { Cron } from "croner";

import { knownKind, type KubeObject } from "./object.ts";
import type { View } from "./view.ts";

/** Kinds that run to an end. */
export const JOB_KINDS = ["Job", "CronJob"] as const;

/** The spec of the Job that an object is, or makes. */
export function jobSpec(object: KubeObject, view: View): View {
    return knownKind(object) === "CronJob" ? view.at("spec", "jobTemplate", "spec") : view.at("spec");
}

/** Any fixed day, so that a schedule gives the same answer whenever it is asked. */
const start = new Date("2024-01-01T00:00:00Z");

/**
 * The shortest time between two runs of a cron schedule in seconds; undefined for a schedule that is not understood.
 * Days are left out: they only make it longer.
 */
export function shortestPeriod(schedule: string): number | undefined {
    if (!periods.has(schedule)) periods.set(schedule, computePeriod(schedule));
    return periods.get(schedule);
}

/** A schedule of minutes has 1,440 runs a day to look at: each schedule is looked at once. */
const periods = new Map<string, number | undefined>();

function computePeriod(schedule: string): number | undefined {
    const every = /^@every\s+(\S+)$/.exec(schedule.trim())?.[1];
    if (every !== undefined) return secondsOf(every);
    const [minutes, hours, ...days] = schedule.trim().replaceAll("?", "*").split(/\s+/);
    const pattern = days.length === 3 ? `${minutes} ${hours} * * *` : schedule.trim();
    const cron = attempt(
        () => new Cron(pattern, { timezone: "UTC", mode: "5-part", sloppyRanges: true, paused: true }),
    );
    if (cron === undefined) return undefined;
    let shortest = Infinity;
    let [last, next] = cron.nextRuns(2, start);
    const end = (last?.getTime() ?? 0) + 24 * 60 * 60 * 1000;
    while (last !== undefined && next && last.getTime() < end) {
        shortest = Math.min(shortest, (next.getTime() - last.getTime()) / 1000);
        [last, next] = [next, cron.nextRun(next) ?? undefined];
    }
    return Number.isFinite(shortest) ? shortest : undefined;
}

const seconds: Readonly<Record<string, number>> = { ns: 1e-9, us: 1e-6, µs: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 };

/** A duration as Go writes it, such as `1h30m`. */
function secondsOf(duration: string): number | undefined {
    if (!/^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/.test(duration)) return undefined;
    return [...duration.matchAll(/([\d.]+)(\D+)/g)].reduce(
        (sum, [, amount, unit = ""]) => sum + Number(amount) * (seconds[unit] ?? 0),
        0,
    );
}

function attempt<T>(work: () => T): T | undefined {
    try {
        return work();
    } catch {
        return undefined;
    }
}
