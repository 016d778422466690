/** Which known name somebody meant who wrote an unknown one. */

/** The known name that `name` was probably meant to be; `undefined` where none is near. */
export function nearest(name: string, known: readonly string[]): string | undefined {
    const wanted = name.toLowerCase();
    const ranked = known
        .map((candidate) => ({ candidate, distance: editDistance(wanted, candidate.toLowerCase()) }))
        .sort((a, b) => a.distance - b.distance);
    const best = ranked[0];
    if (best !== undefined && best.distance < name.length && best.distance <= Math.max(2, name.length / 3)) {
        return best.candidate;
    }
    return known.find((candidate) => sharedStart(wanted, candidate.toLowerCase()) >= Math.max(4, wanted.length * 0.7));
}

function sharedStart(a: string, b: string): number {
    const differs = [...a].findIndex((letter, index) => letter !== b[index]);
    return differs < 0 ? a.length : differs;
}

/** Fewest letters to add, drop or change (Levenshtein distance). */
function editDistance(a: string, b: string): number {
    let row = Array.from({ length: b.length + 1 }, (_, index) => index);
    for (const [i, letter] of [...a].entries()) {
        const next = [i + 1];
        for (const [j, other] of [...b].entries()) {
            next.push(Math.min(next[j]! + 1, row[j + 1]! + 1, row[j]! + (letter === other ? 0 : 1)));
        }
        row = next;
    }
    return row[b.length]!;
}
