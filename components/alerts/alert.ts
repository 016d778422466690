/** What an alert is, and the PromQL that several of them have in common. */
import type { AlertName, MonitoringConfig } from "../../config/monitoring.ts";
import type { Watched } from "../../config/watched.ts";
import { objectName, type Release } from "../shared/platform.ts";
import { promDuration } from "../shared/promDuration.ts";

/** One rule. Several may have one name, each with labels of its own. */
export interface Alert {
    readonly name: AlertName;
    /** critical: somebody is called; warning: somebody looks at it on a working day. */
    readonly severity: "critical" | "warning";
    /** PromQL; each series in its result is an alert. */
    readonly expression: string;
    /** How long that must hold before it fires, in seconds. */
    readonly forSeconds: number;
    readonly labels?: Readonly<Record<string, string>>;
    /** One line, without the reason. Prometheus fills in `{{ $labels.x }}` and `{{ $value }}`. */
    readonly summary: string;
    readonly description: string;
}

/** What the expressions are made from. */
export interface AlertContext {
    readonly release: Release;
    readonly namespace: string;
    readonly config: MonitoringConfig;
    readonly watched: Watched;
}

export const minute = 60;
export const hour = 60 * minute;
export const day = 24 * hour;

/** A window of PromQL. */
export function range(seconds: number, { config }: AlertContext): string {
    return promDuration(seconds / config.speed);
}

/** Matchers for series of the stack's namespace, as in `{namespace="tradestream"}`. */
export function selector({ namespace }: AlertContext, ...matchers: readonly string[]): string {
    return `{${[`namespace="${namespace}"`, ...matchers].filter((matcher) => matcher !== "").join(",")}}`;
}

/** A matcher for objects of the release by their names. */
export function named(
    label: string,
    { release }: AlertContext,
    names: readonly (string | { readonly name: string })[],
): string {
    const all = names.map((item) => objectName(release, typeof item === "string" ? item : item.name));
    return all.length === 1 ? `${label}="${all[0]}"` : `${label}=~"${all.join("|")}"`;
}

/** A matcher for the pods of one component, or of the whole release. */
export function podsOf({ release }: AlertContext, component?: string): string {
    return `pod=~"${component === undefined ? release.releaseName : objectName(release, component)}-.+"`;
}
