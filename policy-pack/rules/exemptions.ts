import type { RunRule } from "../model/rule.ts";

/** Raised by the run for exemptions that have expired or that nothing needs. */
export const exemptions: RunRule = {
    scope: "run",
    name: "exemptions",
    title: "Exemptions are in force and needed",
    severity: "low",
    why: "An exemption that outlives its reason hides the next object that breaks the rule.",
    fix: "Remove it from the policy configuration, or give it a new date with a new reason.",
    link: "https://www.pulumi.com/docs/insights/policy/",
    levels: ["advisory", "advisory", "advisory"],
};
