/** How many requests to the API server a run takes: the aims for production. */
import type { Aim } from "./page.ts";

/** What the engine says with `--json`. */
export interface Requests {
    readonly requests: { readonly reads: number; readonly writes: number };
    readonly steps: readonly { readonly op: string; readonly type: string }[];
}

/** Aims for a run that finds nothing to change, and for one that finds something. */
export function requestAims(quiet: Requests, busy: Requests): readonly Aim[] {
    const [objects, changed] = [count(quiet), count(busy, (op) => op !== "same")];
    const [reads, writes] = [busy.requests.reads, busy.requests.writes];
    return [
        {
            what: `requests to the API server, ${objects} objects, none changed`,
            bound: `at most ${objects} reads, 0 writes`,
            measured: `${quiet.requests.reads} reads, ${quiet.requests.writes} writes`,
            isMet: quiet.requests.reads <= objects && quiet.requests.writes === 0,
        },
        {
            what: `the same, ${changed} changed`,
            bound: `at most ${objects} reads, ${changed} writes`,
            measured: `${reads} reads, ${writes} writes`,
            isMet: reads <= objects && writes <= changed,
        },
    ];
}

/** Objects in the cluster, releases included, to which something has happened that satisfies the test. */
function count({ steps }: Requests, test: (op: string) => boolean = () => true): number {
    return steps.filter(({ op, type }) => type.startsWith("kubernetes:") && test(op)).length;
}
