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

/** The path of a value as `pulumi config set --path` writes it. */
export function keyPath(path: readonly PropertyKey[]): string {
    return path.reduce<string>((text, part) => {
        if (typeof part === "number") {
            return `${text}[${part}]`;
        }
        const name = String(part);
        const plain = /^[A-Za-z_][\w-]*$/.test(name);
        return plain ? (text === "" ? name : `${text}.${name}`) : `${text}["${name}"]`;
    }, "");
}

/** The command that sets a plain value. */
export function set(key: string, value: string | number | boolean): string {
    const path = /[.[]/.test(key) ? `--path ${quote(key)}` : key;
    return `pulumi config set ${path} ${quote(String(value))}`;
}

/** The command that sets a secret; the value is asked for, or read from standard input. */
export function setSecret(key: string): string {
    return `pulumi config set --secret ${key}`;
}

/** The command that removes a value. */
export function remove(key: string): string {
    return `pulumi config rm ${/[.[]/.test(key) ? `--path ${quote(key)}` : key}`;
}

/** The message for all faults of a stack. */
export function describeFaults(stack: string, faults: readonly Fault[]): string {
    const count = faults.length === 1 ? "1 fault" : `${faults.length} faults`;
    const lines = faults.flatMap(({ key, problem, remedy }) => [
        "",
        `  ${key} ${problem}`,
        `      ${remedy.replace(/^pulumi config (set|rm)/, `$& --stack ${stack}`)}`,
    ]);
    return [`The configuration of stack ${stack} has ${count}; nothing was changed.`, ...lines, ""].join("\n");
}

/** The known name that `name` was probably meant to be; `undefined` where none is near. */
export function nearest(name: string, known: readonly string[]): string | undefined {
    const ranked = known
        .map((candidate) => ({ candidate, distance: editDistance(name.toLowerCase(), candidate.toLowerCase()) }))
        .sort((a, b) => a.distance - b.distance);
    const best = ranked[0];
    const contained = known.find((candidate) => candidate.toLowerCase().startsWith(name.toLowerCase()));
    return best !== undefined && best.distance <= Math.max(2, name.length / 3) ? best.candidate : contained;
}

function editDistance(a: string, b: string): number {
    let row = Array.from({ length: b.length + 1 }, (_, index) => index);
    for (const [i, letter] of [...a].entries()) {
        const next = [i + 1];
        for (const [j, other] of [...b].entries()) {
            next.push(Math.min(next[j]! + 1, row[j + 1]! + 1, row[j]! + (letter === other ? 0 : 1)));
        }
        row = next;
    }
    return row[b.length]!;
}

function quote(word: string): string {
    return /^[\w./:@=-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
