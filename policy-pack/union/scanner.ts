/** A scanner whose rules are mapped. */
export interface Scanner {
    readonly name: string;
    /** Where its catalogue is. */
    readonly source: string;
    readonly rules: Readonly<Record<string, Coverage>>;
}

/** Rules here that cover one of a scanner's, where they differ from it and why, or why none covers it. */
export type Coverage =
    | readonly string[]
    | { readonly rules: readonly string[]; readonly otherwise: string }
    | { readonly leftOut: string };
