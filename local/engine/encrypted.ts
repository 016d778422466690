/** Encrypted values in a stack's file: `{secure: <ciphertext>}`, as a whole or as members of objects and lists. */
import type { Crypter } from "./secrets/passphrase.ts";
import { isObject } from "./values.ts";

/** Stands in for an encrypted member that is left out. */
const placeholder = "placeholder";

export function containsSecure(value: unknown): boolean {
    if (isSecure(value)) return true;
    if (Array.isArray(value)) return value.some((item) => containsSecure(item));
    return isObject(value) && Object.values(value).some((item) => containsSecure(item));
}

/** The value with its encrypted members in plain text; each of these goes into `found` too. */
export function decrypted(value: unknown, crypter: Crypter | undefined, found: string[]): unknown {
    if (isSecure(value)) {
        if (crypter === undefined) throw new Error("is encrypted, but the file has no encryptionsalt");
        try {
            const text = crypter.decrypt(value.secure);
            found.push(text);
            return text;
        } catch {
            throw new Error("cannot be decrypted; it was encrypted with another passphrase or is damaged");
        }
    }
    if (Array.isArray(value)) return value.map((item) => decrypted(item, crypter, found));
    if (!isObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, decrypted(item, crypter, found)]));
}

type Config = Readonly<Record<string, unknown>>;

/** The configuration as if its encrypted keys had never been set, encrypted members of others by a placeholder. */
export function withoutSecure(config: Config): Config {
    const open = Object.entries(config).filter(([, value]) => !isSecure(value));
    return Object.fromEntries(open.map(([key, value]) => [key, filled(value)]));
}

function filled(value: unknown): unknown {
    if (isSecure(value)) return placeholder;
    if (Array.isArray(value)) return value.map((item) => filled(item));
    return isObject(value)
        ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filled(item)]))
        : value;
}

function isSecure(value: unknown): value is { secure: string } {
    return isObject(value) && Object.keys(value).length === 1 && typeof value["secure"] === "string";
}
