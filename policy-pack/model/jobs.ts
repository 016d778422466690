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

function attempt<T>(work: () => T): T | undefined {
    try {
        return work();
    } catch {
        return undefined;
    }
}
