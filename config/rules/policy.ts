/** Rules over the program's own policies. */
import { set } from "../errors/commands.ts";
import { policyFileProblem, policySettingsErrors } from "../policy.ts";
import { invalid, type Rule, valid } from "./rule.ts";

const policyFileIsReadable: Rule = ({ settings: { policy } }) => {
    const problem = policyFileProblem(policy);
    return problem === undefined
        ? valid
        : invalid("policy.config", `is ${policy.config}, ${problem}`, set("policy.config", "policy-config.json"));
};

const policySettingsAreRight: Rule = ({ settings: { policy } }) =>
    policySettingsErrors(policy).flatMap((problem) =>
        invalid("policy.config", `is ${policy.config}, whose kubernetes.${problem}`, `edit ${policy.config}`),
    );

export const policyRules: readonly Rule[] = [policyFileIsReadable, policySettingsAreRight];
