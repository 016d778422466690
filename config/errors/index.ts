/** Errors of a configuration, and the message that reports all of them. */

/** One error: the key, what is wrong, and the command that fixes it. */
export interface ConfigError {
    /** Path as in `pulumi config set --path`, e.g. `gatewayApi.ingress.hosts[0].host`. */
    readonly key: string;
    /** What is wrong, as the rest of a sentence that begins with the key. Never holds a secret's value. */
    readonly problem: string;
    /** A command to copy, without its `--stack`. */
    readonly fix: string;
}

/** The message for all errors of a stack. */
export function describeErrors(stack: string, errors: readonly ConfigError[]): string {
    const count = errors.length === 1 ? "1 error" : `${errors.length} errors`;
    const lines = errors.flatMap(({ key, problem, fix }) => [
        "",
        `  ${key} ${problem}`,
        `      ${onStack(stack, fix)}`,
    ]);
    return [`The configuration of stack ${stack} has ${count}; nothing was changed.`, ...lines, ""].join("\n");
}

/** A command that changes the configuration, for a stack. */
export function onStack(stack: string, command: string): string {
    return command.replaceAll(/\bpulumi config (set|rm)\b/g, `$& --stack ${stack}`);
}
