import { UNKNOWN, type Read, type Unknown } from "./unknown.ts";
import type { View } from "./view.ts";

/** One condition of a label selector. */
interface Requirement {
    readonly key: string;
    readonly operator: "In" | "NotIn" | "Exists" | "DoesNotExist";
    readonly values: ReadonlySet<string>;
}

/** A parsed label selector: all requirements must hold, none at all selects everything. */
export interface Selector {
    readonly requirements: readonly Requirement[];
}

/**
 * Labels that controllers put on pods by themselves, so that no manifest shows them. A selector may use them.
 */
const ADDED_BY_CONTROLLERS = new Set([
    "job-name",
    "controller-uid",
    "batch.kubernetes.io/job-name",
    "batch.kubernetes.io/controller-uid",
    "batch.kubernetes.io/job-completion-index",
    "apps.kubernetes.io/pod-index",
    "statefulset.kubernetes.io/pod-name",
    "pod-template-hash",
    "pod-template-generation",
    "controller-revision-hash",
]);

/** Labels of pods that controllers make by themselves, so that no manifest has the pods: cert-manager's solvers. */
export const ON_PODS_OF_CONTROLLERS: ReadonlySet<string> = new Set(["acme.cert-manager.io/http01-solver"]);

/** The label by which Kubernetes gives each namespace its own name. */
export const NAMESPACE_NAME = "kubernetes.io/metadata.name";

const OPERATORS = ["In", "NotIn", "Exists", "DoesNotExist"] as const;

/** A `LabelSelector` (matchLabels and matchExpressions); undefined where there is none. */
export function labelSelector(view: View): Read<Selector> {
    if (view.unknown) return UNKNOWN;
    if (view.missing) return undefined;
    const equalities = equalitySelector(view.at("matchLabels"));
    if (equalities === UNKNOWN || view.at("matchExpressions").unknown) return UNKNOWN;
    const requirements = [...(equalities?.requirements ?? [])];
    for (const expression of view.at("matchExpressions").items()) {
        const key = expression.at("key").string();
        const operator = expression.at("operator").string();
        const values = expression
            .at("values")
            .items()
            .map((value) => value.string());
        if (key === UNKNOWN || operator === UNKNOWN || values.includes(UNKNOWN)) return UNKNOWN;
        const known = OPERATORS.find((name) => name === operator);
        if (key === undefined || known === undefined) continue;
        requirements.push({ key, operator: known, values: new Set(values.filter((v) => typeof v === "string")) });
    }
    return { requirements };
}

/** A plain map of labels, as a Service's selector; undefined where there is none. */
export function equalitySelector(view: View): Read<Selector> {
    const map = view.stringMap();
    if (map === UNKNOWN || map === undefined) return map;
    return {
        requirements: [...map].map(([key, value]) => ({ key, operator: "In", values: new Set([value]) })),
    };
}

/** Whether a selector selects these labels; `UNKNOWN` where that hangs on something a manifest does not show. */
export function selects(selector: Selector, labels: ReadonlyMap<string, string>): boolean | Unknown {
    let unknown = false;
    for (const { key, operator, values } of selector.requirements) {
        const value = labels.get(key);
        if (value === undefined && ADDED_BY_CONTROLLERS.has(key)) {
            unknown = true;
            continue;
        }
        const holds =
            operator === "Exists"
                ? value !== undefined
                : operator === "DoesNotExist"
                  ? value === undefined
                  : operator === "In"
                    ? value !== undefined && values.has(value)
                    : value === undefined || !values.has(value);
        if (!holds) return false;
    }
    return unknown ? UNKNOWN : true;
}

/** Whether a selector has no condition, so that it selects everything. */
export function selectsAll(selector: Selector): boolean {
    return selector.requirements.length === 0;
}

/** Whether a selector selects every namespace: without condition, or by the label that all of them have. */
export function selectsAllNamespaces({ requirements }: Selector): boolean {
    return requirements.every(({ key, operator }) => key === NAMESPACE_NAME && operator === "Exists");
}

/** A key and value that every object this selector selects must carry, for look-ups by index. */
export function anchor(selector: Selector): readonly [string, string] | undefined {
    for (const { key, operator, values } of selector.requirements) {
        const [value] = values;
        if (operator === "In" && values.size === 1 && value !== undefined && !ADDED_BY_CONTROLLERS.has(key))
            return [key, value];
    }
    return undefined;
}
