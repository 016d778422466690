/** Rules over the program's own policies. */
import { set } from "../errors/commands.ts";
import { policyFileProblem } from "../policy.ts";
import { invalid, type Rule, valid } from "./rule.ts";

const policyFileIsReadable: Rule = ({ settings: { policy } }) => {
    const problem = policyFileProblem(policy);
    return problem === undefined
        ? valid
        : invalid("policy.config", `is ${policy.config}, ${problem}`, set("policy.config", "policy-config.json"));
};

export const policyRules: readonly Rule[] = [policyFileIsReadable];
