import type { RunRule } from "../model/rule.ts";

/** Raised by the run for every object with fields that a preview does not know. */
export const unknownValues: RunRule = {
    scope: "run",
    name: "unknown-values",
    title: "What a preview could not judge is listed",
    severity: "low",
    why: "A value that only the update knows cannot be judged before; a rule that is silent about it looks like a pass.",
    mend: "Nothing to mend: the update judges it. Raise this rule to mandatory where that is too late.",
    link: "https://www.pulumi.com/docs/iac/concepts/inputs-outputs/",
    levels: ["advisory", "advisory", "advisory"],
};
