/** The difference between two values as lines of YAML, secrets hidden. */
import { diffLines } from "diff";
import { stringify } from "yaml";
import { containsSecret, equal, isSecret, isValues, mapValues, redacted, withoutUnknowns } from "./values.ts";
import type { Value } from "./values.ts";

export interface DiffLine {
    readonly kind: "added" | "removed" | "same";
    readonly text: string;
}

/** What unknown values are shown as. */
export const unknownText = "(known after up)";
const contextLines = 2;

/** The lines that differ, with a little context; gaps are lines with three dots. */
export function difference(before: Value | undefined, after: Value | undefined): readonly DiffLine[] {
    const [from, to] = marked(before, after);
    const lines: DiffLine[] = diffLines(text(from), text(to)).flatMap((part) =>
        part.value
            .replace(/\n$/, "")
            .split("\n")
            .map((line): DiffLine => ({ kind: part.added ? "added" : part.removed ? "removed" : "same", text: line })),
    );
    if (before === undefined || after === undefined) return lines.filter((line) => line.text !== "");
    const shown = lines.map((_, index) =>
        lines.slice(Math.max(0, index - contextLines), index + contextLines + 1).some((line) => line.kind !== "same"),
    );
    return lines.flatMap((line, index): readonly DiffLine[] => {
        if (shown[index]) return [line];
        return index > 0 && shown[index - 1] ? [{ kind: "same", text: "  …" }] : [];
    });
}

/** The paths that differ, as `spec.replicas` or `items[0].name`. */
export function changedPaths(before: Value | undefined, after: Value | undefined, prefix = ""): readonly string[] {
    if (equal(before, after)) return [];
    const [a, b] = [isSecret(before) ? before.value : before, isSecret(after) ? after.value : after];
    if (isValues(a) && isValues(b)) {
        const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
        return keys.flatMap((key) => {
            const step = /^[A-Za-z_$][\w$-]*$/.test(key) ? `${prefix === "" ? "" : "."}${key}` : `["${key}"]`;
            return changedPaths(a[key], b[key], `${prefix}${step}`);
        });
    }
    if (Array.isArray(a) && Array.isArray(b) && a.length === b.length) {
        return a.flatMap((item: Value, index) => changedPaths(item, b[index] as Value, `${prefix}[${index}]`));
    }
    return [prefix];
}

/** Both sides with secrets hidden; one that has changed says so, since both would read the same. */
function marked(before: Value | undefined, after: Value | undefined): readonly [Value | undefined, Value | undefined] {
    if (before === undefined || after === undefined || equal(before, after)) return [hidden(before), hidden(after)];
    if (isSecret(before) || isSecret(after)) return ["[secret]", "[secret] (changed)"];
    if (isValues(before) && isValues(after)) {
        const pairs = new Map(
            [...Object.keys(before), ...Object.keys(after)].map((key) => [key, marked(before[key], after[key])]),
        );
        const side = (value: Readonly<Record<string, Value>>, index: 0 | 1): Value =>
            mapValues(value, (_, key) => pairs.get(key)?.[index] ?? null);
        return [side(before, 0), side(after, 1)];
    }
    if (Array.isArray(before) && Array.isArray(after) && (containsSecret(before) || containsSecret(after))) {
        const sides = [0, 1].map((side) =>
            (side === 0 ? before : after).map(
                (item: Value, index: number) =>
                    marked(before[index] as Value | undefined, after[index] as Value | undefined)[side] ??
                    hidden(item) ??
                    null,
            ),
        );
        return [sides[0] ?? [], sides[1] ?? []];
    }
    return [hidden(before), hidden(after)];
}

function hidden(value: Value | undefined): Value | undefined {
    return value === undefined ? undefined : redacted(value);
}

function text(value: Value | undefined): string {
    if (value === undefined) return "";
    return stringify(withoutUnknowns(value, unknownText), {
        lineWidth: 0,
        sortMapEntries: true,
        aliasDuplicateObjects: false,
    });
}
