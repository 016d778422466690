/** Words that a name ends with when its value is a secret. */
const SECRET_WORDS = new Set([
    "password",
    "passwd",
    "pwd",
    "passphrase",
    "secret",
    "token",
    "credential",
    "credentials",
    "bearer",
    "apikey",
    "secretkey",
    "privatekey",
    "accesskey",
    "authkey",
    "encryptionkey",
    "signingkey",
]);

/** Words that make `…_KEY` a secret. */
const KEY_WORDS = new Set(["api", "secret", "private", "access", "auth", "encryption", "signing", "master", "account"]);

/** Words after which a name is about a secret but is not one. */
const ABOUT = new Set(["id", "name", "file", "path", "public"]);

/** Shapes that nothing but a secret has. */
const SHAPES: readonly RegExp[] = [
    /-----BEGIN [A-Z ]*PRIVATE KEY/,
    /\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{16,}/,
    /\b(AKIA|ASIA)[0-9A-Z]{16}\b/,
    /\b(gh[pousr]_\w{36,}|github_pat_\w{22,})/,
    /\bxox[abeoprs]-[\w-]{10,}/,
    /\bAIza[\w-]{35}\b/,
    /\b[rs]k_live_\w{16,}/,
    /\bre_[A-Za-z0-9]{8,}_[A-Za-z0-9]{16,}/,
    /\bSG\.[\w-]{16,}\.[\w-]{16,}/,
    /\b\d{8,10}:AA[\w-]{33}\b/,
    /\bglpat-[\w-]{20,}/,
    /\bnpm_[A-Za-z0-9]{36}\b/,
];

/** A URL with a password in it. A reference to one (`$(NAME)`, `${NAME}`, `***`) does not count. */
const URL_PASSWORD = /\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:([^\s/@]+)@/gi;

/** A value that only stands for another. */
const REFERENCE = /^\$[({]?\w|^\*+$|^<[^>]*>$|^\{\{/;

/** Whether a value is a secret by its very shape. */
export function looksSecret(value: string): boolean {
    if (SHAPES.some((shape) => shape.test(value))) return true;
    return [...value.matchAll(URL_PASSWORD)].some(([, password = ""]) => !REFERENCE.test(password));
}

/** Whether a name says that its value is a secret: `DB_PASSWORD`, `apiKey`; not `TOKEN_TTL` or `KEY_FILE`. */
export function namesSecret(name: string): boolean {
    const words = name
        .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
        .toLowerCase()
        .split(/[^a-z0-9]+/)
        .filter((word) => word !== "");
    const last = words.at(-1) ?? "";
    const before = words.at(-2) ?? "";
    if (ABOUT.has(before) && last === "key") return false;
    return (
        SECRET_WORDS.has(last) ||
        /(password|passwd|passphrase)$/.test(last) ||
        (last === "key" && KEY_WORDS.has(before))
    );
}

/** Whether a value is too plain to be a secret: empty, a switch, a number, a path or a reference to another value. */
export function isPlain(value: string): boolean {
    const text = value.trim();
    return (
        text === "" || /^(true|false|yes|no|on|off|none|null|-?\d{1,5}|\/[\w./-]*)$/i.test(text) || REFERENCE.test(text)
    );
}

/** Whether a value under a name gives a secret away. */
export function isSecret(name: string, value: string): boolean {
    return looksSecret(value) || (namesSecret(name) && !isPlain(value));
}

/** Whether a command line gives a secret away, in one word (`--password=x`, `TOKEN=x`) or in two (`--password x`). */
export function commandSecrets(words: readonly (string | undefined)[]): number[] {
    return words.flatMap((word, index) => {
        if (word === undefined) return [];
        if (looksSecret(word)) return [index];
        const assigned = [...word.matchAll(/([A-Za-z][\w-]*)=("[^"]*"|'[^']*'|[^\s;&|]+)/g)];
        if (assigned.some(([, name = "", value = ""]) => isSecret(name, value.replace(/^["']|["']$/g, ""))))
            return [index];
        const option = /^--?([A-Za-z][\w-]*)$/.exec(words[index - 1] ?? "")?.[1];
        return option !== undefined && !word.startsWith("-") && isSecret(option, word) ? [index] : [];
    });
}
