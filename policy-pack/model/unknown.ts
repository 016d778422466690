/**
 * Placeholder in an object's tree for a value that a preview cannot know yet. A symbol, so that no rule can take it for a
 * string by mistake, and so that the compiler asks every rule what it does about it.
 */
export const UNKNOWN: unique symbol = Symbol("unknown until the update");

/** The type of `UNKNOWN`. */
export type Unknown = typeof UNKNOWN;

/** What a guarded read gives: the value, nothing (absent, null or of another type), or `UNKNOWN`. */
export type Read<T> = T | undefined | Unknown;
