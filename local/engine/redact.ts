/** Keeps known secrets out of everything that is shown, wherever they turn up: in messages of the program, of helm, of the API server. */

const shortestSecret = 4;
/** Below this the value of a `key: value` line is taken for an ordinary word. */
const shortestValue = 12;
const replacement = "[secret]";

export class Redactor {
    readonly #secrets = new Set<string>();
    #pattern: RegExp | undefined;

    /** A value that must not be shown; its lines, its base64 and its URL-encoded form are kept out as well. */
    add(secret: string): void {
        for (const text of [secret, ...secret.split("\n").map(valueOf)]) {
            if (text.trim().length < shortestSecret || /^(true|false|null|\d{1,5})$/.test(text)) continue;
            this.#secrets.add(text);
            this.#secrets.add(Buffer.from(text).toString("base64"));
            this.#secrets.add(encodeURIComponent(text));
            this.#secrets.add(JSON.stringify(text).slice(1, -1));
        }
        this.#pattern = undefined;
    }

    redact(text: string): string {
        if (this.#secrets.size === 0) return text;
        this.#pattern ??= new RegExp(
            [...this.#secrets]
                .sort((a, b) => b.length - a.length)
                .map((secret) => secret.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&"))
                .join("|"),
            "g",
        );
        return text.replace(this.#pattern, replacement);
    }
}

/** For everything that this process shows: output, and errors on their way out. */
export const redactor = new Redactor();

/** What is secret about a line. In a kubeconfig that is no `kind: Config`: hiding this would blot out half of any YAML. */
function valueOf(line: string): string {
    const value = /^\s*(?:- )?[\w.-]+:(?:\s+(.*))?$/.exec(line);
    if (value === null) return line;
    return (value[1] ?? "").length < shortestValue ? "" : (value[1] ?? "");
}
