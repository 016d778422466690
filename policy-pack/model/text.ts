import { closestMatch } from "leven";

/** The name among `names` that is nearest to a misspelt one, if any is near. */
export function nearest(name: string, names: readonly string[]): string | undefined {
    return closestMatch(name, names, { maxDistance: Math.max(2, Math.floor(name.length / 3)) });
}

/** Whether a text fits a pattern whose `*` stands for anything. */
export function fits(pattern: string, text: string): boolean {
    const parts = pattern.split("*");
    const [first = "", ...rest] = parts;
    const last = rest.pop();
    if (last === undefined) return pattern === text;
    if (!text.startsWith(first) || text.length < first.length + last.length || !text.endsWith(last)) return false;
    let from = first.length;
    const end = text.length - last.length;
    for (const part of rest) {
        const found = text.indexOf(part, from);
        if (found < 0 || found + part.length > end) return false;
        from = found + part.length;
    }
    return true;
}

/** A list for a sentence: `a, b and c`. */
export function sentenceList(words: readonly string[]): string {
    if (words.length < 2) return words.join("");
    return `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

/** A finding's path, such as `spec.ports[0].name` or `metadata.labels["a/b"]`, as its keys. */
export function parsePath(path: string): (string | number)[] {
    return [...path.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|([^.[\]]+)/g)].map(([, quoted, index, plain]) =>
        index === undefined ? (quoted ?? plain ?? "") : Number(index),
    );
}
