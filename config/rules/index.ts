/** All rules over several keys. */
import type { Fault } from "../errors/index.ts";
import { Unreadable } from "../unreadable.ts";
import { addressRules } from "./addresses.ts";
import { chartRules } from "./chart.ts";
import { productionRules } from "./production.ts";
import { type Configuration, fine, type Rule } from "./rule.ts";
import { scaleRules } from "./scale.ts";
import { secretRules } from "./secrets.ts";
import { workloadRules } from "./workloads.ts";

const rules: readonly Rule[] = [
    ...workloadRules,
    ...scaleRules,
    ...addressRules,
    ...secretRules,
    ...chartRules,
    ...productionRules,
];

/** The faults that all rules find. */
export function checkRules(configuration: Configuration): readonly Fault[] {
    return rules.flatMap((rule) => {
        try {
            return rule(configuration);
        } catch (error) {
            if (error instanceof Unreadable) {
                return fine;
            }
            throw error;
        }
    });
}
