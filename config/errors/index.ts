/** Errors of a configuration, and the message that reports all of them. */

/** One error: the key, what is wrong, and the command that fixes it. */
export interface ConfigError {
    /** Path as in `pulumi config set --path`, e.g. `gatewayApi.ingress.hosts[0].host`. */
    readonly key: string;
    /** What is wrong, as the rest of a sentence that begins with the key. Never holds a secret's value. */
    readonly problem: string;
    /** A command to copy; of pulumi's, without its `--stack`. */
    readonly fix: string;
}

/** The message for all errors of a stack, and what came of them. */
export function describeErrors(stack: string, errors: readonly ConfigError[], outcome = "nothing was changed"): string {
    const count = errors.length === 1 ? "1 error" : `${errors.length} errors`;
    const lines = inOrder(errors).flatMap(({ key, problem, fix }) => [
        "",
        `  ${key} ${problem}`,
        `      ${onStack(stack, fix)}`,
    ]);
    return [`The configuration of stack ${stack} has ${count}; ${outcome}.`, ...lines, ""].join("\n");
}

/** As all commands can be run, one after the other: what takes an entry out of a list comes last, the last entry first. */
function inOrder(errors: readonly ConfigError[]): readonly ConfigError[] {
    const place = ({ fix }: ConfigError): string =>
        (/^pulumi config rm --path '(.*\[\d+\])'$/.exec(fix)?.[1] ?? "").replaceAll(/\d+/g, (digits) =>
            digits.padStart(9, "0"),
        );
    const removing = errors.filter((error) => place(error) !== "");
    const backwards = removing.toSorted((a, b) => (place(a) < place(b) ? 1 : -1));
    return [...errors.filter((error) => place(error) === ""), ...backwards];
}

/** A command that changes the configuration, for a stack. */
export function onStack(stack: string, command: string): string {
    return command.replaceAll(/\bpulumi config (set|rm)\b/g, `$& --stack ${stack}`);
}
