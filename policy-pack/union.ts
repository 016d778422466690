/**
 * Every rule of the scanners of this field, and what has it here. Their names are facts taken from their catalogues;
 * a test reads this table, and the README's catalogue says by it which scanners have a rule.
 */
import { kubeLinter } from "./union/kube-linter.ts";
import { kubeScore } from "./union/kube-score.ts";
import { kyverno } from "./union/kyverno.ts";
import { polaris } from "./union/polaris.ts";
import { pulumi } from "./union/pulumi.ts";
import type { Coverage, Scanner } from "./union/scanner.ts";

/** All mapped scanners. */
export const UNION: readonly Scanner[] = [kubeLinter, kubeScore, polaris, kyverno, pulumi];

/** The scanners that have a rule of this name's kind. */
export function scannersOf(rule: string): readonly string[] {
    const has = ({ rules }: Scanner): boolean => Object.values(rules).some((ours) => coveredBy(ours).includes(rule));
    return UNION.filter(has).map(({ name }) => name);
}

/** The rules here that cover one of a scanner's. */
export function coveredBy(coverage: Coverage): readonly string[] {
    if ("leftOut" in coverage) return [];
    return "rules" in coverage ? coverage.rules : coverage;
}
