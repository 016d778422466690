/** Messages of zod in the words of Pulumi.yaml, each as the rest of a sentence that begins with the key. */
import type { z } from "../zod.ts";

const types: Readonly<Record<string, string>> = {
    array: "a list",
    boolean: "true or false",
    int: "an integer",
    number: "an integer",
    object: "an object",
    record: "an object",
    string: "a string",
};

/** The message for an issue whose schema brings none of its own. */
export const message: z.core.$ZodErrorMap = (issue) => {
    switch (issue.code) {
        case "invalid_type":
            return `must be ${types[issue.expected] ?? issue.expected}`;
        case "invalid_value":
            return `must be one of ${issue.values.map(String).join(", ")}`;
        case "too_small":
            return issue.origin === "array" ? "must not be empty" : `must be ${issue.minimum} or more`;
        case "too_big":
            return `must be ${issue.maximum} or less`;
        default:
            return undefined;
    }
};
