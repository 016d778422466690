/** What the API server's code asks of fields in relation to each other, by definition. */

/** A part of an object; may hold `UNKNOWN` anywhere. */
type Tree = Readonly<Record<string, unknown>>;

/** What is wrong, at a JSON pointer below the part. Names no value. */
interface Wrong {
    readonly at: string;
    readonly message: string;
}

export const CHECKS: Readonly<Record<string, (part: Tree, version: number) => Iterable<Wrong>>> = {
    "core.v1.Toleration": function* ({ operator, key, value, effect, tolerationSeconds }) {
        if (operator === "Exists" && isSet(value))
            yield { at: "/value", message: "a toleration with the operator Exists takes no value" };
        if (!isSet(key) && isAbsentOr(operator, "Equal"))
            yield { at: "/operator", message: "a toleration without a key needs the operator Exists" };
        if (tolerationSeconds !== undefined && typeof effect !== "symbol" && effect !== "NoExecute")
            yield { at: "/tolerationSeconds", message: "seconds are for the effect NoExecute only" };
    },
};

/** Whether something is there that Go takes for a value: not an empty text. An unknown value counts as one. */
function isSet(value: unknown): boolean {
    return value !== undefined && value !== null && value !== "";
}

function isAbsentOr(value: unknown, other: string): boolean {
    return !isSet(value) || value === other;
}
