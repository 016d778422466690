/** Random strings and bytes, from the operating system's generator or, for show, from a fixed sequence. */
import { createHash, randomBytes, randomInt } from "node:crypto";
import { EngineError } from "../errors.ts";
import type { Values } from "../values.ts";

const lower = "abcdefghijklmnopqrstuvwxyz";
const upper = lower.toUpperCase();
const digits = "0123456789";
/** The special characters that the official provider uses by default. */
const special = "!@#$%&*()-_=+[]{}<>:?";

/** Where randomness comes from. */
export interface RandomSource {
    /** An integer from 0 up to, not including, `limit`. */
    int(limit: number): number;
    bytes(length: number): Buffer;
}

/** Fit for secrets. */
export const strongSource: RandomSource = { int: (limit) => randomInt(limit), bytes: (length) => randomBytes(length) };

/** Always the same for a seed: stands in for values in output that nobody uses. */
export function standInSource(seed: string): RandomSource {
    let block = 0;
    const bytes = (length: number): Buffer => {
        const parts: Buffer[] = [];
        for (let size = 0; size < length; size += 32)
            parts.push(createHash("sha256").update(`${seed}\0${block++}`).digest());
        return Buffer.concat(parts).subarray(0, length);
    };
    return { int: (limit) => bytes(6).readUIntBE(0, 6) % limit, bytes };
}

/** A random string by the rules of random.RandomString and random.RandomPassword. Throws when they contradict each other. */
export function randomText(inputs: Values, source: RandomSource): string {
    const length = number(inputs, "length");
    const overrideSpecial = inputs["overrideSpecial"];
    const allowed = (key: string): boolean => inputs[key] !== false;
    const numeric = inputs["numeric"] ?? inputs["number"];
    const sets = [
        { characters: upper, allowed: allowed("upper"), minimum: number(inputs, "minUpper") },
        { characters: lower, allowed: allowed("lower"), minimum: number(inputs, "minLower") },
        { characters: digits, allowed: numeric !== false, minimum: number(inputs, "minNumeric") },
        {
            characters: typeof overrideSpecial === "string" && overrideSpecial !== "" ? overrideSpecial : special,
            allowed: allowed("special"),
            minimum: number(inputs, "minSpecial"),
        },
    ];
    const all = sets
        .filter((set) => set.allowed)
        .map((set) => set.characters)
        .join("");
    const least = sets.reduce((sum, set) => sum + set.minimum, 0);
    if (length < 1) throw new EngineError("length must be at least 1");
    if (all === "") throw new EngineError("no kind of character is allowed");
    if (least > length)
        throw new EngineError(`length ${length} is less than the ${least} characters that the minimums demand`);
    const picked = sets.flatMap((set) => Array.from({ length: set.minimum }, () => pick(set.characters, source)));
    while (picked.length < length) picked.push(pick(all, source));
    for (let index = picked.length - 1; index > 0; index--) {
        const other = source.int(index + 1);
        [picked[index], picked[other]] = [picked[other] ?? "", picked[index] ?? ""];
    }
    return picked.join("");
}

function number(inputs: Values, key: string): number {
    const value = inputs[key];
    return typeof value === "number" && Number.isInteger(value) ? value : 0;
}

function pick(characters: string, source: RandomSource): string {
    const list = Array.from(characters);
    return list[source.int(list.length)] ?? "";
}
