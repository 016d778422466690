/** The updates of a stack, as `pulumi stack history --json` has them. */
import type { UpdateSummary } from "@pulumi/pulumi/automation/index.js";

/** An update that has ended. Other operations, such as refreshes, deploy nothing. */
export interface Update {
    readonly start: Date;
    readonly end: Date;
    readonly succeeded: boolean;
    /** Whether it created, changed or deleted a resource. */
    readonly changed: boolean;
    /** Commit of the work tree that it ran in; absent where that was none. */
    readonly commit?: string;
}

type Recorded = Pick<UpdateSummary, "kind" | "result" | "environment"> & {
    readonly startTime: string;
    readonly endTime?: string;
    readonly resourceChanges?: Readonly<Record<string, number>>;
};

/** Arguments that print the history of the selected stack: all of it, not the ten updates of a page. */
export const historyArguments = ["stack", "history", "--json", "--page-size", "0"] as const;

/** The updates in what the CLI prints, the oldest first. */
export function updatesOf(json: string): readonly Update[] {
    const recorded = JSON.parse(json) as readonly Recorded[];
    return recorded
        .toReversed() // The CLI prints the newest first, with times in seconds.
        .flatMap(({ kind, result, startTime, endTime, resourceChanges = {}, environment }) => {
            if (kind !== "update" || endTime === undefined || !["succeeded", "failed"].includes(result)) return [];
            const commit = /^[0-9a-f]{40,64}$/.exec(environment["git.head"] ?? "")?.[0];
            return [
                {
                    start: new Date(startTime),
                    end: new Date(endTime),
                    succeeded: result === "succeeded",
                    changed: Object.entries(resourceChanges).some(([what, count]) => what !== "same" && count > 0),
                    ...(commit !== undefined && { commit }),
                },
            ];
        })
        .sort((a, b) => a.start.getTime() - b.start.getTime());
}
