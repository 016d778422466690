/** The delivery metrics of a stack, from its history and from git. */
import { runPulumi } from "../../local/pulumi/run.ts";
import type { DrillRecord } from "../drills/records.ts";
import type { StackCommand } from "../recover.ts";
import { Commits } from "./commits.ts";
import { type Deployment, deploymentsOf } from "./deployments.ts";
import { historyArguments, updatesOf } from "./history.ts";
import { type Drills, measure, measureDrills, type Measures, type Period, weeksOf } from "./measures.ts";

export interface Metrics extends Period, Measures {
    readonly stack: string;
    /** Deployments of commits that this clone lacks, or of no commit: they are in no lead time. */
    readonly unknownCommits: number;
    readonly drills: Drills;
    readonly weeks: readonly (Period & Measures)[];
    readonly deployments: readonly Deployment[];
}

/**
 * The metrics of the last days, or since the first update where that is later.
 * @throws when the CLI cannot read the history
 */
export async function readMetrics(
    command: StackCommand,
    days: number,
    now: Date,
    records: readonly DrillRecord[] = [],
): Promise<Metrics> {
    const { file, env, cwd, stack } = command;
    const args = [...historyArguments, "--stack", stack, "--non-interactive"];
    const { code, stdout, stderr } = await runPulumi({ file, env }, args, { cwd, env, output: "pipe" });
    if (code !== 0) throw new Error(`the history of ${stack} cannot be read: ${stderr.trim()}`);
    const updates = updatesOf(stdout);
    const earliest = new Date(now.getTime() - days * 24 * 3600 * 1000);
    const first = updates[0]?.start ?? now;
    const period = { from: first > earliest ? first : earliest, to: now };
    const all = await deploymentsOf(updates, new Commits(cwd));
    const deployments = all.filter(({ end }) => end >= period.from);
    return {
        stack,
        ...period,
        ...measure(deployments, period),
        unknownCommits: deployments.filter(({ leadSeconds }) => leadSeconds === undefined).length,
        drills: measureDrills(
            records.filter((record) => nameOf(record.stack) === nameOf(stack)),
            period,
        ),
        weeks: weeksOf(period).map((week) => ({ ...week, ...measure(deployments, week) })),
        deployments,
    };
}

/** Without the organization and the project that may come before it. */
function nameOf(stack: string): string {
    return stack.split("/").at(-1)!;
}
