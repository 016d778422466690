/** What the commands have in common: options, display, signals, the JSON document. */
import process from "node:process";
import readline from "node:readline/promises";
import { Display, countsOf } from "../display.ts";
import { changedPaths } from "../difference.ts";
import { UsageError } from "../errors.ts";
import type { Outcome } from "../events.ts";
import type { RequestCounts } from "../kube/client.ts";
import { ProviderRegistry } from "../providers/registry.ts";
import type { ClusterPolicy } from "../providers/cluster.ts";
import { redactor } from "../redact.ts";
import { Session } from "../session.ts";
import type { CommonOptions } from "../session.ts";
import { redacted } from "../values.ts";

export interface RunOptions extends CommonOptions {
    readonly json: boolean;
    readonly diff: boolean;
    readonly yes: boolean;
    readonly expectNoChanges: boolean;
    readonly policyPack: readonly string[];
    readonly policyPackConfig?: string;
    readonly acceptCluster: boolean;
}

/** How a signal ends a run: exit code as shells have it. */
export const exitInterrupted = 130;

/** Everything a command works with. */
export class Workbench {
    readonly session: Session;
    readonly redactor = redactor;
    readonly display: Display;
    readonly signal: AbortSignal;
    readonly counts: RequestCounts = { reads: 0, writes: 0, watches: 0 };
    readonly #start = performance.now();
    readonly #names = new Map<string, string>();
    readonly #acceptCluster: boolean;

    constructor(options: CommonOptions & { readonly json?: boolean; readonly acceptCluster?: boolean }) {
        this.#acceptCluster = options.acceptCluster === true;
        this.session = new Session(options, this.redactor);
        this.display = new Display({
            stdout: process.stdout,
            stderr: process.stderr,
            redactor: this.redactor,
            quiet: options.json === true,
        });
        this.signal = interruptible(this.display);
    }

    get seconds(): number {
        return (performance.now() - this.#start) / 1000;
    }

    /** New providers; names made up by one pass are the same in the next. */
    providers(reach: ClusterPolicy["reach"]): ProviderRegistry {
        const policy: ClusterPolicy = {
            reach,
            counts: this.counts,
            note: (text) => this.display.once(text),
            defaults: this.session.cluster,
            names: this.#names,
            acceptCluster: this.#acceptCluster,
        };
        return new ProviderRegistry(policy, this.session.project.directory);
    }
}

/** The document that `--json` prints. */
export function toJson(outcome: Outcome, bench: Workbench, options: { readonly planned: boolean }): string {
    const document = {
        result: outcome.interrupted ? "interrupted" : outcome.failures.length > 0 ? "failed" : "succeeded",
        steps: outcome.steps.map(({ operation, urn, type, name, plan }) => ({
            op: operation,
            urn,
            type,
            name,
            ...(plan?.reason !== undefined && { reason: plan.reason }),
            ...(plan?.before !== undefined &&
                plan.after !== undefined && { diff: changedPaths(plan.before, plan.after) }),
        })),
        counts: countsOf(outcome.steps),
        failures: outcome.failures,
        policies: outcome.violations,
        outputs: redacted(outcome.outputs),
        planned: options.planned,
        requests: bench.counts,
        seconds: Number(bench.seconds.toFixed(3)),
    };
    return bench.redactor.redact(JSON.stringify(document, undefined, 2));
}

/** Asks on the terminal. Throws a {@link UsageError} where there is none. */
export async function confirm(question: string): Promise<boolean> {
    if (!process.stdin.isTTY)
        throw new UsageError(`${question} There is no terminal to ask on: repeat the command with --yes`);
    const dialog = readline.createInterface({ input: process.stdin, output: process.stderr });
    try {
        return /^(y|yes)$/i.test((await dialog.question(`${question} [y/N] `)).trim());
    } finally {
        dialog.close();
    }
}

/** The first signal ends the run in good order, the second at once. */
function interruptible(display: Display): AbortSignal {
    const controller = new AbortController();
    const onSignal = (): void => {
        if (controller.signal.aborted) process.exit(exitInterrupted);
        display.message(
            "warning",
            "interrupted: what is under way is finished and written down; once more ends it at once",
        );
        controller.abort();
    };
    process.on("SIGINT", onSignal);
    process.on("SIGTERM", onSignal);
    process.on("SIGHUP", onSignal);
    return controller.signal;
}
