/** What the agent takes for a secret in a log, in place of which it ships asterisks. */

const word =
    "(?:password|passwd|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credential|authorization|cookie)";

/**
 * Patterns of secrets anywhere in a text, in the syntax of Go's regexp (RE2); none contains a `$`, which the collector's
 * configuration has a use of its own for. They are applied one after the other.
 */
export const secretValues: readonly string[] = [
    // Private keys in PEM, to their end or to the end of the text.
    "-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*(?:-----END [A-Z ]*PRIVATE KEY-----)?",
    // JSON Web Tokens, signed or encrypted: the header is an object, whose first characters are always these.
    "\\beyJ[\\w-]{6,}(?:\\.[\\w-]*){2,4}",
    // Credentials of HTTP, in a header or beside its name.
    "(?i)\\b(?:proxy-)?authorization[\"']?\\s*[:=]\\s*[\"']?(?:[a-z-]+\\s+)?[^\\s\"',;]+",
    "(?i)\\bbearer\\s+[\\w.~+/=-]{8,}",
    // User and password of a URL. One that is not percent-encoded may contain an @.
    "://[^\\s/:@\"']*:[^\\s/\"']+@",
    // password=…, "clientSecret": "…", and so in a query.
    `(?i)${word}s?["']?\\s*[:=]\\s*(?:"[^"]*"|'[^']*'|[^\\s"',;&}\\]]+)`,
    // create role … password '…'
    "(?i)\\bpassword\\s+'[^']*'",
    // Keys that have a form of their own: of GitHub, Google, Resend, Telegram and Amazon.
    "\\b(?:gh[a-z]_\\w{20,}|GOCSPX-[\\w-]{20,}|re_\\w{16,}|\\d{8,10}:[\\w-]{35}|AKIA[0-9A-Z]{16})",
];

/** Names of fields of a line in JSON whose value is a secret, whatever it looks like. */
export const secretKeys: readonly string[] = [`(?i)${word}s?\\b`];
