/** Words that a name ends with when its value is a secret. */
const SECRET_WORDS = new Set([
    "password",
    "passwd",
    "pass",
    "pwd",
    "pw",
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
    "accountkey",
    "sharedaccesskey",
    "authkey",
    "encryptionkey",
    "signingkey",
]);

/** Words that make `…_KEY` a secret. */
const KEY_WORDS = new Set(
    "api secret private access auth encryption signing master account app license hmac fernet jwt".split(" "),
);

/** Ends of names, without what is between their words. */
const ENDS = /(password|passwd|passphrase|secretkeybase|erlangcookie)$/;

/** Words that make `…_AUTH` a secret: programs that take a password under this name. */
const AUTH_WORDS = new Set(["redis", "rediscli", "npm"]);

/** Words after which a name is about a secret but is not one. */
const ABOUT = new Set(["id", "name", "file", "path", "public"]);

/** Words before `secret` that make it the name of a Kubernetes Secret. */
const SECRET_OBJECTS = new Set(
    "tls ssl ca cert certificate pull registry docker existing password credential credentials ingress".split(" "),
);

/** Words before the last that make the value a number or a switch: `MAX_TOKEN`, `requireToken`. */
const MEASURES = new Set(
    "max min maximum minimum require requires required use enable disable allow num count".split(" "),
);

/** Shapes that nothing but a secret has. */
const SHAPES: readonly RegExp[] = [
    /-----BEGIN [A-Z ]*PRIVATE KEY/,
    /\bAGE-SECRET-KEY-1[0-9A-Z]{20,}/,
    /\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{16,}/,
    /\b(AKIA|ASIA)[0-9A-Z]{16}\b/,
    /\b(gh[pousr]_\w{36,}|github_pat_\w{22,})/,
    /\b(xox[abeoprs]|xapp)-[\w-]{10,}/,
    /\bAIza[\w-]{35}\b/,
    /\bGOCSPX-[\w-]{20,}/,
    /\b[rs]k_live_\w{16,}|\bwhsec_\w{24,}/,
    /\bre_[A-Za-z0-9]{8,}_[A-Za-z0-9]{16,}/,
    /\bSG\.[\w-]{16,}\.[\w-]{16,}/,
    /\b\d{8,10}:AA[\w-]{33}\b/,
    /\bgl(pat|sa|ptt|rt|dt|ft)[-_][\w-]{20,}/,
    /\bsntry[su]_[\w+/=-]{40,}/,
    /\bATATT3x[\w=-]{40,}/,
    /\bsq0csp-[\w-]{40,}/,
    /\bya29\.[\w-]{40,}/,
    // Headers of HTTP: what follows has a digit, or the end that Base64 has.
    /\bBearer (?=\S*\d)[\w.~+/-]{20,}/,
    /\bBasic (?=[A-Za-z+/]*[\d=])[A-Za-z0-9+/]{8,}={0,2}/,
    /\bmachine\s+\S+\s+login\s+\S+\s+password\s+[^\s$<{(]/,
    // Signed addresses of Azure.
    /[?&]sig=[\w%+/-]{40,}/,
    /\bnpm_[A-Za-z0-9]{36}\b/,
    /\bpypi-AgEI[\w-]{20,}/,
    /\bhf_[A-Za-z0-9]{30,}/,
    /\bsk-(proj-|ant-[\w-]*)?[A-Za-z0-9_-]{32,}/,
    /\bdop_v1_[0-9a-f]{64}\b/,
    /\bshp(at|ss|ca)_[0-9a-f]{32}\b/,
    /\bdapi[0-9a-f]{32}\b/,
    /\bNRAK-[0-9A-Z]{27}\b/,
    /\bhv[sb]\.[\w-]{24,}/,
    // Web hooks: whoever knows the address may post.
    /\bhooks\.slack\.com\/(services|workflows)\/\w+\/\w+\/\w{10,}/,
    /\bdiscord(app)?\.com\/api\/webhooks\/\d{10,}\/[\w-]{20,}/,
    /\b(webhook|outlook)\.office\.com\/webhook(b2)?\/[\w@/-]{40,}/,
];

/** No secret of a shape has fewer characters. */
const shortest = 15;

/** A URL with a password in it. A reference to one (`$(NAME)`, `${NAME}`, `***`) does not count. */
const URL_PASSWORD = /\b[a-z][a-z0-9+.-]{0,30}:\/\/[^\s/:@]*:([^\s/@]+)@/gi;

/** The same in the form of Go's driver for MySQL: `user:password@tcp(host)`. */
const DRIVER_PASSWORD = /(?<![\w.-])[\w.-]{1,64}:([^\s:@/]+)@(?:tcp|unix)\(/g;

/** A value that only stands for another: a variable, a template, an encrypted text, a place in a store of secrets. */
const REFERENCES: readonly RegExp[] = [
    /^\$\{?\w|^\$\(|^\$__|\bplaceholder\b|^\*+$|^<[^>]*>$|^\{\{|^\(\(|^%[\w.]+%$/,
    /^#\{|^__\w+__$|^(@@?)[\w.-]+\1$|^\[[A-Z_ ]+\]$|^([xX.-])\2{2,}$|^`/,
    // The address of a secret: none of a password begins like this.
    /^[a-z1][\w.+-]*:\/\//i,
    /^ENC[[(]|^\{cipher\}|^!vault\b/,
    /^(?:>>)?(?:ref\+\w+|vault|op|file|env|ssm|awssm|awsssm|awssecretsmanager|gcpsm|gsm|sm|berglas|azkv|akv|azurekeyvault|keyvault|doppler|bws|infisical|conjur|keeper|chamber|sops|secret|secretref|keyring|bitwarden|akeyless|secretmanager|gcp|ps|k8s|external-secret):/i,
    /^arn:aws[\w-]*:(?:secretsmanager|ssm|kms):/,
    /^projects\/[^/]+\/secrets\//,
    /^https:\/\/[\w-]+\.vault\.(?:azure\.net|usgovcloudapi\.net|azure\.cn)\/secrets\//,
    /^@Microsoft\.KeyVault\(/,
];

/** `name=value` within a connection string or a query: `host=db;Password=x`, `?user=a&password=x`. */
const PAIRS = /(?:^|[;&?\s])([A-Za-z][\w.-]*)\s*=\s*("[^"]*"|'[^']*'|[^;&\s"']+)/g;

/** `"name": "value"` of JSON in one line, and `<name>value</name>` of XML. */
const MEMBERS = /"([A-Za-z][\w.-]*)"\s*:\s*"([^"]*)"|<([A-Za-z][\w.-]*)>([^<]+)<\//g;

/** A line of a properties, ini, YAML, JSON or .env file. */
const LINE = /^\s*(?:export\s+)?["']?([A-Za-z][\w.-]*)["']?\s*[=:](.+)$/;

function isReference(value: string): boolean {
    return REFERENCES.some((form) => form.test(value));
}

/** Whether a value is a secret by its very shape. */
export function looksSecret(value: string): boolean {
    // Most values are short; this is asked of every text of a stack.
    if (value.length < shortest) return value.includes("://") && hasPassword(value);
    return SHAPES.some((shape) => shape.test(value)) || hasPassword(value);
}

function hasPassword(value: string): boolean {
    return [...value.matchAll(URL_PASSWORD), ...value.matchAll(DRIVER_PASSWORD)].some(
        ([, password = ""]) => !isReference(password),
    );
}

/** Whether a name says that its value is a secret: `DB_PASSWORD`, `apiKey`; not `TOKEN_TTL`, `KEY_FILE`, `TLS_SECRET`. */
export function namesSecret(name: string): boolean {
    const words = name
        .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
        .toLowerCase()
        .split(/[^a-z0-9]+/)
        .filter((word) => word !== "");
    const last = words.at(-1) ?? "";
    const before = words.at(-2) ?? "";
    if (last === "key" && ABOUT.has(before)) return false;
    if (last === "secret" && SECRET_OBJECTS.has(before)) return false;
    if (words.slice(0, -1).some((word) => MEASURES.has(word))) return false;
    return (
        SECRET_WORDS.has(last) ||
        ENDS.test(words.slice(-3).join("")) ||
        (last === "key" && KEY_WORDS.has(before)) ||
        (last === "auth" && AUTH_WORDS.has(before))
    );
}

/** Whether a value is too plain to be a secret: empty, a switch, a number, a path or a reference to another value. */
export function isPlain(value: string): boolean {
    const text = value.trim();
    return (
        text === "" ||
        /^(true|false|yes|no|on|off|none|null|enabled|disabled|optional|required|default|-?\d{1,5}|\/[\w./-]*)$/i.test(
            text,
        ) ||
        isReference(text)
    );
}

/** Whether a value under a name gives a secret away: by its form, by its name, or by a part of it. */
export function isSecret(name: string, value: string): boolean {
    if (looksSecret(value) || (namesSecret(name) && !isPlain(value))) return true;
    return value.includes("\n") ? value.split("\n").some(lineSecret) : pairSecret(value);
}

/** Whether one of the lines of a file, such as `spring.datasource.password=x`, gives a secret away. */
function lineSecret(line: string): boolean {
    const [, name = "", value = ""] = LINE.exec(line) ?? [];
    const item = value.trim();
    const text = unquoted(item.endsWith(",") ? item.slice(0, -1).trimEnd() : item);
    // A comment, or the begin of a block in YAML or JSON.
    if (/^\s*(#|;|\/\/)/.test(line) || /^[[{|>&]/.test(text)) return false;
    return (namesSecret(name) && !isPlain(text)) || pairSecret(line);
}

function pairSecret(text: string): boolean {
    const pairs = text.includes("=") ? [...text.matchAll(PAIRS)] : [];
    const members = /[{<]/.test(text) ? [...text.matchAll(MEMBERS)] : [];
    return [
        ...pairs.map(([, name = "", value = ""]) => [name, value] as const),
        ...members.map(([, name, value, tag = "", content = ""]) => [name ?? tag, value ?? content] as const),
    ].some(([name, value]) => namesSecret(name) && !isPlain(unquoted(value)));
}

function unquoted(text: string): string {
    return text.replace(/^(["'])(.*)\1$/s, "$2");
}

/** Whether a command line gives a secret away, in one word (`--password=x`, `TOKEN=x`) or in two (`--password x`). */
export function commandSecrets(words: readonly (string | undefined)[]): number[] {
    return words.flatMap((word, index) => {
        if (word === undefined) return [];
        if (looksSecret(word)) return [index];
        const assigned = [...word.matchAll(/([A-Za-z][\w-]*)=("[^"]*"|'[^']*'|[^\s;&|]+)/g)];
        if (assigned.some(([, name = "", value = ""]) => isSecret(name, unquoted(value)))) return [index];
        const option = /^--?([A-Za-z][\w-]*)$/.exec(words[index - 1] ?? "")?.[1];
        return option !== undefined && !word.startsWith("-") && isSecret(option, word) ? [index] : [];
    });
}
