/** VAPID key pairs for web push: P-256, as raw bytes in base64url. Source: RFC 8292, RFC 7515 appendix C. */
import { createECDH, createHash, ECDH } from "node:crypto";

/** A matching pair: private scalar (32 bytes) and uncompressed public point (65 bytes), both in base64url. */
export interface VapidKeys {
    readonly privateKey: string;
    readonly publicKey: string;
}

const curveOrder = BigInt("0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");

/**
 * Derives a pair from random text: the same text always gives the same pair.
 * @param seed Random text of 256 bits or more.
 */
export function deriveVapidKeys(seed: string): VapidKeys {
    // Two digests, reduced modulo the order less one, leave no measurable bias (FIPS 186-5, A.2.1).
    const digests = [0, 1].map((counter) => createHash("sha256").update(`vapid ${counter} ${seed}`).digest("hex"));
    const scalar = (BigInt(`0x${digests.join("")}`) % (curveOrder - 1n)) + 1n;
    const privateKey = Buffer.from(scalar.toString(16).padStart(64, "0"), "hex");
    return { privateKey: privateKey.toString("base64url"), publicKey: publicKeyOf(privateKey) };
}

/** Whether both keys belong together. */
export function vapidKeysMatch(keys: VapidKeys): boolean {
    return (
        isVapidPrivateKey(keys.privateKey) && publicKeyOf(Buffer.from(keys.privateKey, "base64url")) === keys.publicKey
    );
}

/** Whether `text` is a private key on the curve. */
export function isVapidPrivateKey(text: string): boolean {
    if (!/^[\w-]{43}$/.test(text)) {
        return false;
    }
    const scalar = BigInt(`0x${Buffer.from(text, "base64url").toString("hex")}`);
    return scalar > 0n && scalar < curveOrder;
}

/** Whether `text` is a point on the curve, uncompressed. */
export function isVapidPublicKey(text: string): boolean {
    try {
        return /^B[\w-]{86}$/.test(text) && Boolean(ECDH.convertKey(text, "prime256v1", "base64url"));
    } catch {
        return false;
    }
}

function publicKeyOf(privateKey: Buffer): string {
    const ecdh = createECDH("prime256v1");
    ecdh.setPrivateKey(privateKey);
    return ecdh.getPublicKey().toString("base64url");
}
