/** Secrets that are looked for, in every form that they could turn up in, and where they were found. */
import { randomBytes } from "node:crypto";

/** Texts by the place they come from. */
export type Places = ReadonlyMap<string, string>;

/** Letters and digits that occur nowhere else. */
export function token(): string {
    return randomBytes(12).toString("hex");
}

/** One line for each secret in each place: `resendApiKey in the output of up`. */
export function leaks(secrets: ReadonlyMap<string, string>, places: Places): readonly string[] {
    const needles = [...secrets].map(([name, value]) => [name, forms(value)] as const);
    return [...places].flatMap(([place, text]) =>
        needles
            .filter(([, values]) => values.some((value) => text.includes(value)))
            .map(([name]) => `${name} in ${place}`),
    );
}

/** As it is, in hex, percent-encoded, in JSON, and in the base64 of whatever text has it somewhere. */
function forms(value: string): readonly string[] {
    const inBase64 = [0, 1, 2].flatMap((offset) => {
        const text = Buffer.from(`${"x".repeat(offset)}${value}`);
        // Characters that also depend on what stands before or behind are left out.
        const start = Math.ceil((offset * 4) / 3);
        const end = Math.floor((text.length * 8) / 6);
        return (["base64", "base64url"] as const).map((encoding) => text.toString(encoding).slice(start, end));
    });
    const json = JSON.stringify(value).slice(1, -1);
    return [...new Set([value, json, encodeURIComponent(value), Buffer.from(value).toString("hex"), ...inBase64])];
}
