/** What the updates of a stack deployed, and what became of it. */
import type { Commit, Commits } from "./commits.ts";
import type { Update } from "./history.ts";

/** An update that brought something new, or tried to. */
export interface Deployment {
    readonly commit?: string;
    readonly start: Date;
    readonly end: Date;
    /** `taken-back`: it succeeded, and the stack then went back to an earlier commit, or it was reverted. */
    outcome: "good" | "failed" | "taken-back";
    /** From the writing of each commit that it brought until its end; absent where git does not know these commits. */
    readonly leadSeconds?: readonly number[];
    /** From its start until the end of the next good update; absent where it did not fail, or nothing good came yet. */
    restoredSeconds?: number;
}

/**
 * The deployments among updates, the oldest first. An update to an earlier commit is none: it takes back the one before. Nor
 * is one that found nothing to change.
 */
export async function deploymentsOf(updates: readonly Update[], commits: Commits): Promise<readonly Deployment[]> {
    const made: Deployment[] = [];
    const broughtIn = new Map<string, Deployment>();
    /** Commit of the last good update. */
    let running: string | undefined;
    /** Commit that was deployed last, or tried. */
    let before: string | undefined;
    for (const update of updates) {
        const { commit, succeeded, changed } = update;
        const goesBack = commit !== undefined && before !== undefined && (await commits.isBefore(commit, before));
        const last = made.at(-1);
        if (goesBack && succeeded && last?.outcome === "good") last.outcome = "taken-back";
        if (!goesBack && (changed || !succeeded)) {
            const brought = commit === undefined ? undefined : await commits.broughtBy(commit, running);
            const deployment = deploymentOf(update, brought);
            made.push(deployment);
            if (succeeded) takeBackReverted(brought ?? [], broughtIn);
            if (succeeded) brought?.forEach(({ hash }) => broughtIn.set(hash, deployment));
        }
        if (succeeded) {
            for (const each of made)
                if (each.outcome !== "good") each.restoredSeconds ??= seconds(each.start, update.end);
            running = commit;
        }
        // Until it has gone back, the later commit is what the stack has.
        if (succeeded || !goesBack) before = commit;
    }
    return made;
}

function deploymentOf({ commit, start, end, succeeded }: Update, brought?: readonly Commit[]): Deployment {
    return {
        start,
        end,
        outcome: succeeded ? "good" : "failed",
        ...(commit !== undefined && { commit }),
        ...(brought !== undefined && { leadSeconds: brought.map(({ written }) => seconds(written, end)) }),
    };
}

function takeBackReverted(brought: readonly Commit[], broughtIn: ReadonlyMap<string, Deployment>): void {
    for (const hash of brought.flatMap(({ reverts }) => reverts)) {
        const deployment = broughtIn.get(hash);
        if (deployment?.outcome === "good") deployment.outcome = "taken-back";
    }
}

function seconds(from: Date, to: Date): number {
    return (to.getTime() - from.getTime()) / 1000;
}
