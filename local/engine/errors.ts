/** The two ways in which a command ends badly; the text is all the operator sees, so it names the thing and the way out. */

/** Something is wrong with the stack, the cluster or the program. Exit code 1. */
export class EngineError extends Error {
    override name = "EngineError";
}

/** The command was used wrongly. Exit code 2. */
export class UsageError extends Error {
    override name = "UsageError";
}

/** An object exists now, but did not become ready: it belongs in the state, and the next run looks at it again. */
export class NotReadyError extends Error {
    override name = "NotReadyError";
    readonly id: string;
    readonly outputs: Record<string, unknown>;

    constructor(message: string, id: string, outputs: Record<string, unknown>) {
        super(message);
        this.id = id;
        this.outputs = outputs;
    }
}

/** The run was interrupted by a signal before this step could end. */
export class InterruptedError extends Error {
    override name = "InterruptedError";

    constructor() {
        super("interrupted");
    }
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
    return error instanceof Error ? error.message : String(error);
}
