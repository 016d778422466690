/** The four measures of delivery (https://dora.dev/guides/dora-metrics-four-keys/) of a period. */
import type { DrillRecord } from "../drills/records.ts";
import type { Deployment } from "./deployments.ts";

/** Null where there is nothing to measure. */
export interface Measures {
    readonly deploymentFrequency: { readonly perWeek: number; readonly deployments: number };
    readonly leadTime: { readonly medianSeconds: number | null; readonly commits: number };
    readonly changeFailureRate: { readonly ratio: number | null; readonly failed: number; readonly changes: number };
    readonly timeToRestore: {
        readonly medianSeconds: number | null;
        readonly restored: number;
        readonly open: number;
    };
}

/** How the stack has recovered from drills. Each kind has a target of its own, so that there is no common time. */
export interface Drills {
    /** How many have met their target. */
    readonly met: number;
    readonly drills: number;
}

export interface Period {
    readonly from: Date;
    readonly to: Date;
}

export const weekMilliseconds = 7 * 24 * 3600 * 1000;

/** The measures of what ended in a period; one shorter than a week counts as a week. */
export function measure(deployments: readonly Deployment[], { from, to }: Period): Measures {
    const changes = deployments.filter(({ end }) => end >= from && end < to);
    const failed = changes.filter(({ outcome }) => outcome !== "good");
    const restored = failed.flatMap(({ restoredSeconds }) => restoredSeconds ?? []);
    const lead = changes.flatMap(({ outcome, leadSeconds }) => (outcome === "good" ? (leadSeconds ?? []) : []));
    const deployed = changes.filter(({ outcome }) => outcome !== "failed").length;
    const weeks = Math.max(1, (to.getTime() - from.getTime()) / weekMilliseconds);
    return {
        deploymentFrequency: { perWeek: deployed / weeks, deployments: deployed },
        leadTime: { medianSeconds: median(lead), commits: lead.length },
        changeFailureRate: {
            ratio: changes.length === 0 ? null : failed.length / changes.length,
            failed: failed.length,
            changes: changes.length,
        },
        timeToRestore: {
            medianSeconds: median(restored),
            restored: restored.length,
            open: failed.length - restored.length,
        },
    };
}

export function measureDrills(records: readonly DrillRecord[], { from, to }: Period): Drills {
    const drills = records.filter(({ started }) => new Date(started) >= from && new Date(started) < to);
    return {
        met: drills.filter(({ met }) => met).length,
        drills: drills.length,
    };
}

/** A period in weeks, the last one complete, the first one cut where the period begins. */
export function weeksOf({ from, to }: Period): readonly Period[] {
    const count = Math.max(1, Math.ceil((to.getTime() - from.getTime()) / weekMilliseconds));
    const end = (week: number): Date => new Date(to.getTime() - (count - 1 - week) * weekMilliseconds);
    return Array.from({ length: count }, (_, week) => ({ from: week === 0 ? from : end(week - 1), to: end(week) }));
}

function median(values: readonly number[]): number | null {
    const sorted = values.toSorted((a, b) => a - b);
    const middle = sorted.length / 2;
    const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
    return low === undefined || high === undefined ? null : (low + high) / 2;
}
