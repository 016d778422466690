import { webcrypto } from "node:crypto";
import fc from "fast-check";
import { expect } from "chai";
import {
    deriveVapidKeys,
    isVapidPrivateKey,
    isVapidPublicKey,
    type VapidKeys,
    vapidKeysMatch,
} from "../../config/vapid.ts";

/** The private key and the public key of RFC 8291, appendix A (application server). */
const known: VapidKeys = {
    privateKey: "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw",
    publicKey: "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8",
};
const order = BigInt("0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");

/** Signs and verifies with the pair, as push libraries do; an import that fails rejects. */
async function signs({ privateKey, publicKey }: VapidKeys): Promise<boolean> {
    const point = Buffer.from(publicKey, "base64url");
    const jwk = {
        kty: "EC",
        crv: "P-256",
        x: point.subarray(1, 33).toString("base64url"),
        y: point.subarray(33).toString("base64url"),
    };
    const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
    const signer = await webcrypto.subtle.importKey("jwk", { ...jwk, d: privateKey }, algorithm, false, ["sign"]);
    const verifier = await webcrypto.subtle.importKey("raw", point, algorithm, false, ["verify"]);
    const message = Buffer.from("push");
    return webcrypto.subtle.verify(
        algorithm,
        verifier,
        await webcrypto.subtle.sign(algorithm, signer, message),
        message,
    );
}

function scalar(value: bigint): string {
    return Buffer.from(value.toString(16).padStart(64, "0"), "hex").toString("base64url");
}

describe("VAPID keys", () => {
    it("of the RFC belong together and sign", async () => {
        expect(isVapidPrivateKey(known.privateKey)).to.equal(true);
        expect(isVapidPublicKey(known.publicKey)).to.equal(true);
        expect(vapidKeysMatch(known)).to.equal(true);
        expect(await signs(known)).to.equal(true);
    });

    it("are derived from a seed, the same ones each time", () => {
        const keys = deriveVapidKeys("c2VlZA==");
        expect(deriveVapidKeys("c2VlZA==")).to.deep.equal(keys);
        expect(deriveVapidKeys("c2VlZQ==")).to.not.deep.equal(keys);
        // Another result here would give every running stack other keys, and every browser's subscription would end.
        expect(keys.privateKey).to.equal("ykYSvkYhGl9b1bwMdF5Qojj__YLJ4CG6hBncg-t1B5E");
    });

    it("derived from any seed are of the right form, belong together and sign", () =>
        fc.assert(
            fc.asyncProperty(fc.uint8Array({ minLength: 48, maxLength: 48 }), async (bytes) => {
                const keys = deriveVapidKeys(Buffer.from(bytes).toString("base64"));
                expect(isVapidPrivateKey(keys.privateKey)).to.equal(true);
                expect(isVapidPublicKey(keys.publicKey)).to.equal(true);
                expect(vapidKeysMatch(keys)).to.equal(true);
                expect(await signs(keys)).to.equal(true);
            }),
            { numRuns: 25 },
        ));

    it("of different pairs do not match", () => {
        const other = deriveVapidKeys("b3RoZXI=");
        expect(vapidKeysMatch({ ...known, publicKey: other.publicKey })).to.equal(false);
        expect(vapidKeysMatch({ ...known, privateKey: other.privateKey })).to.equal(false);
    });

    for (const [what, key, right] of [
        ["the smallest", scalar(1n), true],
        ["the largest", scalar(order - 1n), true],
        ["zero", scalar(0n), false],
        ["the order of the curve", scalar(order), false],
        ["one in hex", "ab".repeat(32), false],
        ["one with padding", `${known.privateKey}=`, false],
        ["one in plain base64", known.privateKey.replace("-", "+"), false],
        ["a public key", known.publicKey, false],
        ["nothing", "", false],
    ] as const) {
        it(`${right ? "take" : "refuse"} ${what} as private key`, () => {
            expect(isVapidPrivateKey(key)).to.equal(right);
        });
    }

    for (const [what, key] of [
        ["a compressed point", Buffer.concat([Buffer.from([2]), Buffer.alloc(64)]).toString("base64url")],
        [
            "a point that is not on the curve",
            Buffer.concat([Buffer.from([4]), Buffer.alloc(64, 1)]).toString("base64url"),
        ],
        ["a private key", known.privateKey],
        ["nothing", ""],
    ] as const) {
        it(`refuse ${what} as public key`, () => {
            expect(isVapidPublicKey(key)).to.equal(false);
        });
    }
});
