/** Data of a Secret, and a checksum of it that pods can carry in an annotation. */
import { createHmac } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";

/** Values by key; those that are `undefined` are left out. */
export type SecretValues = Readonly<Record<string, pulumi.Input<string> | undefined>>;

/** Values by key, without those that are absent. */
export function present(values: SecretValues): Record<string, pulumi.Input<string>> {
    return Object.fromEntries(
        Object.entries(values).filter((entry): entry is [string, pulumi.Input<string>] => entry[1] !== undefined),
    );
}

/** The `data` of a Secret: each value in base64, and secret for Pulumi too. */
export function encode(values: SecretValues): Record<string, pulumi.Output<string>> {
    return Object.fromEntries(
        Object.entries(present(values)).map(([key, value]) => [
            key,
            pulumi.secret(value).apply((text) => Buffer.from(text, "utf8").toString("base64")),
        ]),
    );
}

/**
 * HMAC-SHA-256 over the data, in hex. Guesses cannot be tested against it without the key, so an annotation may
 * carry it in plain text, where previews show that it changes.
 */
export function keyedChecksum(key: pulumi.Input<string>, values: SecretValues): pulumi.Output<string> {
    const checksum = pulumi.all([key, pulumi.output(present(values))]).apply(([key, data]) => {
        const canonical = JSON.stringify(Object.entries(data).sort(([a], [b]) => (a < b ? -1 : 1)));
        return createHmac("sha256", key).update(canonical).digest("hex");
    });
    return pulumi.unsecret(checksum);
}
