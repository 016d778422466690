/** Finds out what is secret in a state while it is read and written, so that it can be kept out of all that is shown. */
import type { Crypter } from "./passphrase.ts";

/** Nothing that is generated is shorter; what is may be an ordinary word, such as the name of a database. */
const shortestSecret = 12;

/**
 * A crypter that tells each secret text that passes it, and what it says in base64, as all data of a Kubernetes Secret
 * does. A structure that is secret as a whole, as a release's inputs, is mostly ordinary words: it is not told.
 */
export function telling(crypter: Crypter, tell: (secret: string) => void): Crypter {
    const tellParts = (plaintext: string): string => {
        const value: unknown = JSON.parse(plaintext);
        const texts = typeof value === "string" ? [value, decoded(value)] : [];
        for (const text of texts) if (text !== undefined && text.length >= shortestSecret) tell(text);
        return plaintext;
    };
    return {
        saltText: crypter.saltText,
        encrypt: (plaintext) => crypter.encrypt(tellParts(plaintext)),
        decrypt: (ciphertext) => tellParts(crypter.decrypt(ciphertext)),
    };
}

function decoded(text: string): string | undefined {
    const bytes = Buffer.from(text, "base64");
    const plain = bytes.toString("utf8");
    return bytes.toString("base64") === text && !/[\p{Cc}\uFFFD]/u.test(plain) ? plain : undefined;
}
