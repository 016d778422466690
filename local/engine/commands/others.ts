/** `outputs` and `cancel`. */
import process from "node:process";
import { stringify } from "yaml";
import type { CommonOptions } from "../session.ts";
import { breakLock, describe, isDead, readHolder } from "../state/lock.ts";
import { stackType } from "../urn.ts";
import { plain, redacted } from "../values.ts";
import { Workbench, confirm } from "./shared.ts";

export interface OutputsOptions extends CommonOptions {
    readonly json: boolean;
    readonly showSecrets: boolean;
}

export interface CancelOptions extends CommonOptions {
    readonly yes: boolean;
}

/** Prints the outputs of the last `up`. */
export async function outputs(options: OutputsOptions): Promise<number> {
    const { session } = new Workbench(options);
    const isNew = session.stored.saltText === undefined;
    const resources = isNew ? [] : (await session.store()).resources;
    const values = resources.find((state) => state.type === stackType)?.outputs ?? {};
    const shown = options.showSecrets ? plain(values) : redacted(values);
    process.stdout.write(
        options.json
            ? `${JSON.stringify(shown, undefined, 2)}\n`
            : Object.keys(values).length === 0
              ? ""
              : stringify(shown, { lineWidth: 0 }),
    );
    if (isNew) process.stderr.write(`stack ${session.stack} has not been deployed yet\n`);
    return 0;
}

/** Breaks the lock of a run that does not exist any more. */
export async function cancel(options: CancelOptions): Promise<number> {
    const { session, display } = new Workbench(options);
    const { file } = session.stored;
    const holder = readHolder(file);
    if (holder === undefined) {
        const broken = breakLock(file);
        display.message("info", broken ? "removed a damaged lock" : `stack ${session.stack} is not locked`);
        return 0;
    }
    if (!isDead(holder) && !options.yes) {
        display.message(
            "warning",
            `the lock is held by ${describe(holder)}. If that is still running, breaking its lock lets two runs change the stack at once.`,
        );
        if (!(await confirm("Break the lock?"))) return 1;
    }
    breakLock(file);
    display.message(
        "info",
        `broke the lock of ${describe(holder)}; that run itself was not stopped. What it had begun is looked into by the next run.`,
    );
    return 0;
}
