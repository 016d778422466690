/** Runs the rules over several keys. */
import type { ConfigError } from "../errors/index.ts";
import { Unreadable } from "../unreadable.ts";
import { additionRules } from "./additions.ts";
import { addressRules } from "./addresses.ts";
import { backupRules } from "./backup.ts";
import { certificateRules } from "./certificates.ts";
import { chartRules } from "./chart.ts";
import { clusterRules } from "./cluster.ts";
import { databaseRules } from "./database.ts";
import { exposureRules } from "./exposure.ts";
import { loggingRules } from "./logging.ts";
import { monitoringRules } from "./monitoring.ts";
import { policyRules } from "./policy.ts";
import { podDefaultRules } from "./podDefaults.ts";
import { productionRules } from "./production.ts";
import { quotaRules } from "./quota.ts";
import { routeRules } from "./routes.ts";
import { type Configuration, valid, type Rule } from "./rule.ts";
import { scaleRules } from "./scale.ts";
import { secretRules } from "./secrets.ts";
import { workloadRules } from "./workloads.ts";

const rules: readonly Rule[] = [
    ...workloadRules,
    ...additionRules,
    ...podDefaultRules,
    ...scaleRules,
    ...quotaRules,
    ...addressRules,
    ...certificateRules,
    ...exposureRules,
    ...routeRules,
    ...secretRules,
    ...chartRules,
    ...databaseRules,
    ...backupRules,
    ...monitoringRules,
    ...loggingRules,
    ...policyRules,
    ...clusterRules,
    ...productionRules,
];

/** All errors that the rules find. */
export function checkRules(configuration: Configuration): readonly ConfigError[] {
    return rules.flatMap((rule) => {
        try {
            return rule(configuration);
        } catch (error) {
            if (error instanceof Unreadable) {
                return valid;
            }
            throw error;
        }
    });
}
