/** Faults of a configuration, and the one message that reports them all. */

/** One fault: where it is, what is wrong, and the command that mends it. */
export interface Fault {
    /** Path as in `pulumi config set --path`, e.g. `gatewayApi.ingress.hosts[0].host`. */
    readonly key: string;
    /** What is wrong, as the rest of a sentence that begins with the key. Never holds a secret's value. */
    readonly problem: string;
    /** A command to copy, without its `--stack`. */
    readonly remedy: string;
}

/** The message for all faults of a stack. */
export function describeFaults(stack: string, faults: readonly Fault[]): string {
    const count = faults.length === 1 ? "1 fault" : `${faults.length} faults`;
    const lines = faults.flatMap(({ key, problem, remedy }) => [
        "",
        `  ${key} ${problem}`,
        `      ${remedy.replaceAll(/\bpulumi config (set|rm)\b/g, `$& --stack ${stack}`)}`,
    ]);
    return [`The configuration of stack ${stack} has ${count}; nothing was changed.`, ...lines, ""].join("\n");
}
