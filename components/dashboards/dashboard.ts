/** What a dashboard is, before it is Grafana's. */

/** A graph, or a number where it has one value that counts. */
export interface Panel {
    readonly title: string;
    /** What to think of it, in the corner of the panel. Default: nothing. */
    readonly description?: string;
    /** Unit as Grafana names it, such as `s`, `bytes`, `reqps`, `percentunit`. Default: a plain number. */
    readonly unit?: string;
    readonly kind?: "graph" | "number";
    readonly queries: readonly Query[];
}

export interface Query {
    /** PromQL; `$__rate_interval` is Grafana's. */
    readonly expression: string;
    /** Name of each series, such as `{{pod}}`. Default: the title. */
    readonly legend?: string;
}

/** Panels under a heading; a row without panels is left out. */
export interface Row {
    readonly title: string;
    readonly panels: readonly Panel[];
}

export interface Dashboard {
    /** Suffix of its name. */
    readonly name: string;
    readonly title: string;
    readonly rows: readonly Row[];
}

/** The window of a rate that fits the graph and the scrapes. */
export const window = "$__rate_interval";
