/**
 * Pulumi's passphrase secrets provider: AES-256-GCM under a key derived from a passphrase by PBKDF2 with SHA-256 and
 * 1,000,000 rounds (pkg/secrets/passphrase and sdk/go/common/resource/config/crypt.go).
 * A salt text `v1:<salt>:v1:<nonce>:<ciphertext>` carries an encrypted known word, so that a wrong passphrase shows.
 */
import { createCipheriv, createDecipheriv, pbkdf2, randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { EngineError } from "../errors.ts";

const rounds = 1_000_000;
const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;
const knownWord = "pulumi";

/** Encrypts and decrypts single values. */
export interface Crypter {
    /** What belongs in `encryptionsalt` and in the state's `secrets_providers`. */
    readonly saltText: string;
    encrypt(text: string): string;
    /** Throws when the text was not made with this key. */
    decrypt(text: string): string;
}

/** A crypter with a new random salt. */
export async function createCrypter(passphrase: string): Promise<Crypter> {
    const salt = randomBytes(8);
    const key = await deriveKey(passphrase, salt);
    return crypter(key, `v1:${salt.toString("base64")}:${encrypt(key, knownWord)}`);
}

/**
 * The crypter for a salt text. Throws an {@link EngineError} when the passphrase is not the one the salt was made with;
 * `where` says where the salt comes from.
 */
export async function openCrypter(passphrase: string, saltText: string, where: string): Promise<Crypter> {
    const [version, salt, ...check] = saltText.split(":");
    if (version !== "v1" || salt === undefined || check.length !== 3) {
        throw new EngineError(`${where}: the encryption salt is damaged; restore it from version control`);
    }
    const key = await deriveKey(passphrase, Buffer.from(salt, "base64"));
    let word: string | undefined;
    try {
        word = decrypt(key, check.join(":"));
    } catch {
        word = undefined;
    }
    if (word !== knownWord) {
        throw new EngineError(
            `${where}: wrong passphrase; set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE to the one it was encrypted with`,
        );
    }
    return crypter(key, saltText);
}

function crypter(key: Buffer, saltText: string): Crypter {
    return { saltText, encrypt: (text) => encrypt(key, text), decrypt: (text) => decrypt(key, text) };
}

async function deriveKey(passphrase: string, salt: Buffer): Promise<Buffer> {
    return promisify(pbkdf2)(passphrase, salt, rounds, keyBytes, "sha256");
}

function encrypt(key: Buffer, text: string): string {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv("aes-256-gcm", key, nonce);
    const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
    return `v1:${nonce.toString("base64")}:${sealed.toString("base64")}`;
}

function decrypt(key: Buffer, text: string): string {
    const [version, nonce, sealed] = text.split(":");
    if (version !== "v1" || nonce === undefined || sealed === undefined) throw new Error("not an encrypted value");
    const bytes = Buffer.from(sealed, "base64");
    const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(nonce, "base64"), { authTagLength: tagBytes });
    decipher.setAuthTag(bytes.subarray(bytes.length - tagBytes));
    return decipher.update(bytes.subarray(0, bytes.length - tagBytes), undefined, "utf8") + decipher.final("utf8");
}
