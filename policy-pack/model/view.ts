import { UNKNOWN, type Read } from "./unknown.ts";

/** What the reads of one rule on one object came across and could not use. */
export interface Trace {
    /** Paths whose value a preview does not know. */
    readonly unknown: Set<string>;
    /** Paths whose value has a type that the Kubernetes API does not take there. */
    readonly malformed: Set<string>;
}

/** An empty trace. */
export function newTrace(): Trace {
    return { unknown: new Set(), malformed: new Set() };
}

/** Whether every read gave what it asked for. */
export function isEmpty({ unknown, malformed }: Trace): boolean {
    return unknown.size + malformed.size === 0;
}

const PLAIN_KEY = /^[A-Za-z_$][\w$-]*$/;

/**
 * A place in an object's tree, which may be absent. Reads never throw: an absent value reads as `undefined`, an unknown
 * one as `UNKNOWN` and a value of the wrong type as `undefined`; the last two leave their path in the trace.
 */
export class View {
    readonly #parent: View | undefined;
    readonly #key: string | number;
    readonly #value: unknown;
    readonly #trace: Trace;

    private constructor(value: unknown, trace: Trace, parent: View | undefined, key: string | number) {
        this.#value = value;
        this.#trace = trace;
        this.#parent = parent;
        this.#key = key;
    }

    /** The view of a whole object. */
    static of(body: unknown, trace: Trace): View {
        return new View(body, trace, undefined, "");
    }

    /** Where this is, as in `spec.template.spec.containers[0].image`; empty for the whole object. */
    get path(): string {
        return this.#parent === undefined ? "" : stepTo(this.#parent.path, this.#key);
    }

    /** Whether nothing is there. An unknown value is not missing. */
    get missing(): boolean {
        return this.#value === undefined || this.#value === null;
    }

    /** Whether the value is not known yet; asking leaves the path in the trace. */
    get unknown(): boolean {
        if (this.#value !== UNKNOWN) return false;
        this.#trace.unknown.add(this.path);
        return true;
    }

    /** Whether something is there that is known; asking leaves an unknown one in the trace. */
    get present(): boolean {
        return !this.missing && !this.unknown;
    }

    /** The place below, by keys and indexes. Below an unknown value everything is unknown. */
    at(...keys: readonly (string | number)[]): View {
        let view: View | undefined;
        for (const key of keys) view = (view ?? this).#child(key);
        return view ?? this;
    }

    /** The text here. */
    string(): Read<string> {
        return this.#read((value) => typeof value === "string");
    }

    /** The number here. */
    number(): Read<number> {
        return this.#read((value) => typeof value === "number" && Number.isFinite(value));
    }

    /** The truth value here. */
    boolean(): Read<boolean> {
        return this.#read((value) => typeof value === "boolean");
    }

    /** A number or a text, for the API's IntOrString fields and for quantities. */
    scalar(): Read<string | number> {
        return this.#read(
            (value) => typeof value === "string" || (typeof value === "number" && Number.isFinite(value)),
        );
    }

    /** The elements of the list here; none when it is absent or unknown. */
    items(): readonly View[] {
        if (this.unknown || this.missing) return [];
        if (!Array.isArray(this.#value)) return this.#malformed([]);
        // Not by map, which would leave the holes of a sparse list in, nor by Array.from: with the wire's libraries in the
        // same process it takes a slow path, and this is the most frequent of all calls.
        const list: readonly unknown[] = this.#value;
        const views: View[] = [];
        for (let index = 0; index < list.length; index++) views.push(new View(list[index], this.#trace, this, index));
        return views;
    }

    /** The entries of the map here; none when it is absent or unknown. */
    entries(): readonly (readonly [string, View])[] {
        if (this.unknown || this.missing) return [];
        if (!isTree(this.#value)) return this.#malformed([]);
        return Object.entries(this.#value).map(([key, value]) => [key, new View(value, this.#trace, this, key)]);
    }

    /** A map of texts (labels, annotations, selectors); `UNKNOWN` when a part of it is. */
    stringMap(): Read<ReadonlyMap<string, string>> {
        if (this.unknown) return UNKNOWN;
        if (this.missing) return undefined;
        const map = new Map<string, string>();
        let unknown = false;
        for (const [key, view] of this.entries()) {
            const value = view.string();
            if (value === UNKNOWN) unknown = true;
            else if (value !== undefined) map.set(key, value);
        }
        return unknown ? UNKNOWN : map;
    }

    /** The raw tree, for comparisons and for search; may hold `UNKNOWN` anywhere. */
    get raw(): unknown {
        return this.#value;
    }

    #child(key: string | number): View {
        if (this.#value === UNKNOWN) return new View(UNKNOWN, this.#trace, this, key);
        if (this.missing) return new View(undefined, this.#trace, this, key);
        if (typeof key === "number") {
            const list: unknown = this.#value;
            return new View(
                Array.isArray(list) ? (list[key] as unknown) : this.#malformed(undefined),
                this.#trace,
                this,
                key,
            );
        }
        if (!isTree(this.#value)) return new View(this.#malformed(undefined), this.#trace, this, key);
        return new View(Object.hasOwn(this.#value, key) ? this.#value[key] : undefined, this.#trace, this, key);
    }

    #read<T>(fits: (value: unknown) => boolean): Read<T> {
        if (this.unknown) return UNKNOWN;
        if (this.missing) return undefined;
        return fits(this.#value) ? (this.#value as T) : this.#malformed(undefined);
    }

    #malformed<T>(instead: T): T {
        this.#trace.malformed.add(this.path);
        return instead;
    }
}

/** The path of what is below a path: `a.b`, `a["b/c"]` or `a[0]`. */
export function stepTo(path: string, key: string | number): string {
    if (typeof key === "number") return `${path}[${key}]`;
    if (!PLAIN_KEY.test(key)) return `${path}[${JSON.stringify(key)}]`;
    return path === "" ? key : `${path}.${key}`;
}

/** Whether a value is a map of names to values, neither a list nor a scalar. */
export function isTree(value: unknown): value is Record<string, unknown> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
