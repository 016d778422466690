/** Suggests a known name for an unknown one. */
import { closestMatch } from "leven";

/** The known name that `name` was probably meant to be; `undefined` where none is near. */
export function nearest(name: string, known: readonly string[]): string | undefined {
    const wanted = name.toLowerCase();
    const candidates = known.map((candidate) => candidate.toLowerCase());
    const maxDistance = Math.min(name.length - 1, Math.max(2, Math.floor(name.length / 3)));
    const start = wanted.slice(0, Math.max(4, Math.ceil(wanted.length * 0.7)));
    const match =
        closestMatch(wanted, candidates, { maxDistance }) ??
        candidates.find((candidate) => start.length >= 4 && candidate.startsWith(start));
    return match === undefined ? undefined : known[candidates.indexOf(match)];
}
