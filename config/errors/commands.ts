/**
 * The commands that fix a configuration, ready for a shell.
 * Source: `pulumi config set --help`, and how the CLI parses a path (sdk/go/common/resource/properties_path.go).
 */

/** The path of a value as `pulumi config set --path` reads it. */
export function keyPath(path: readonly PropertyKey[]): string {
    return path.reduce<string>((text, part) => {
        if (typeof part === "number") {
            return `${text}[${part}]`;
        }
        const name = String(part);
        const plain = /^[A-Za-z_][\w-]*$/.test(name);
        return plain ? (text === "" ? name : `${text}.${name}`) : `${text}["${name.replaceAll('"', '\\"')}"]`;
    }, "");
}

/** The command that sets a plain value. */
export function set(key: string, value: string | number | boolean): string {
    // Behind --path the CLI would read text such as 3600 or true as a number or a boolean.
    const coerced = isPath(key) && typeof value === "string" && /^(true|false|[-+]?\d+)$/.test(value);
    const text = String(value);
    const options = [...(coerced ? ["--type string"] : []), ...(text.startsWith("-") ? ["--"] : [])];
    return ["pulumi config set", place(key), ...options, quote(text)].join(" ");
}

/** The command that sets a secret; the value is asked for, or read from standard input. */
export function setSecret(key: string): string {
    return `pulumi config set --secret ${place(key)}`;
}

/** The command that removes a value. */
export function remove(key: string): string {
    return `pulumi config rm ${place(key)}`;
}

/** One command after the other, the second where the first succeeds. */
export function inTurn(...commands: readonly string[]): string {
    return commands.join(" && ");
}

function place(key: string): string {
    return isPath(key) ? `--path ${quote(key)}` : key;
}

function isPath(key: string): boolean {
    return /[.[]/.test(key);
}

export function quote(word: string): string {
    return /^[\w./:@=+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
