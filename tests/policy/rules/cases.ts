/** Tests of one rule, as a table. */
export interface RuleCases {
    readonly rule: string;
    /** What is checked: kinds (each in turn), or one object as `Kind/name`. */
    readonly on: readonly string[];
    /** Changes that break it, with the path and the message that must come. */
    readonly breaks: readonly Break[];
    /** Changes that just don't break it. */
    readonly keeps: readonly Changes[];
}

/** One way to break a rule. */
export interface Break extends Changes {
    /** Path of the finding. */
    readonly at: string;
    /** Its message. */
    readonly says: string;
}

/**
 * Changes of the good stack. Paths belong to the checked object; `pod:` stands for the pod's spec, `meta:` for the pod's
 * metadata, and `Kind/name:` for another object. The value undefined removes the field.
 */
export interface Changes {
    readonly set?: Readonly<Record<string, unknown>>;
    /** Whole objects that are added. */
    readonly add?: readonly unknown[];
    /** Objects that are removed, as `Kind/name`. */
    readonly remove?: readonly string[];
    /** Changes of the configuration, which is the preset strict by default. */
    readonly config?: Readonly<Record<string, unknown>>;
}

/** A break in one line. */
export function breaks(set: Readonly<Record<string, unknown>>, at: string, says: string, rest: Changes = {}): Break {
    return { set, at, says, ...rest };
}

/** Changes in one line. */
export function keeps(set: Readonly<Record<string, unknown>>, rest: Changes = {}): Changes {
    return { set, ...rest };
}
