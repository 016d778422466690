import type { Change } from "../../support/configuration.ts";

/** A configuration that is broken: production with a change, and what must be said of it. */
export interface Broken {
    readonly title: string;
    readonly change: Change;
    readonly errors: readonly (readonly [key: string, problem: string, fix: string])[];
}
