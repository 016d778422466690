import type { RunRule } from "../model/rule.ts";

/** Raised by the run for what a preview does not know: once for the stack as advice, for each object when mandatory. */
export const unknownValues: RunRule = {
    scope: "run",
    name: "unknown-values",
    title: "What a preview could not check is listed",
    severity: "low",
    why: "A value that only the update knows cannot be checked before; a rule that is silent about it looks like a pass.",
    fix: "Nothing to fix: the update checks it. Where that is too late, make this rule mandatory: it then names each field.",
    link: "https://www.pulumi.com/docs/iac/concepts/inputs-outputs/",
    levels: ["advisory", "advisory", "advisory"],
};
