import { isMap, isScalar, isSeq, LineCounter, parseAllDocuments, type Document } from "yaml";

import { fromManifests, type KubeObject } from "./model/object.ts";
import { parsePath } from "./model/text.ts";

/** Manifests of one file, with a way back from a finding to its line. */
export interface Manifests {
    readonly file: string;
    readonly objects: readonly KubeObject[];
    /** Line of a path in an object, counted from 1; the nearest line above where the path itself is not there. */
    readonly lineOf: (object: KubeObject, path: string) => number;
}

/** A file that is not YAML. */
export class ManifestError extends Error {
    constructor(file: string, line: number, reason: string) {
        super(`${file}:${line}: this is not YAML: ${reason}`);
        this.name = "ManifestError";
    }
}

/**
 * Reads manifests: YAML or JSON, with as many documents as there are.
 * @throws ManifestError where the text is neither
 */
export function readManifests(file: string, text: string): Manifests {
    const lines = new LineCounter();
    const documents = parseAllDocuments(text, { lineCounter: lines, logLevel: "silent", stringKeys: true });
    for (const { errors } of documents)
        for (const error of errors)
            throw new ManifestError(file, lines.linePos(error.pos[0]).line, error.message.split("\n")[0] ?? "");
    const places = new Map<unknown, { document: Document; below: readonly (string | number)[] }>();
    const objects = documents.flatMap((document) => {
        const found = fromManifests([document.toJS({ maxAliasCount: 1000 }) as unknown]);
        const many = isMap(document.contents) && isSeq(document.contents.get("items"));
        found.forEach(({ body }, index) => places.set(body, { document, below: many ? ["items", index] : [] }));
        return found;
    });
    return {
        file,
        objects,
        lineOf: (object, path) => {
            const place = places.get(object.body);
            if (place === undefined) return 1;
            return lines.linePos(offsetOf(place.document, [...place.below, ...parsePath(path)])).line;
        },
    };
}

/** Where a path is written: the key of its last part that is there. */
function offsetOf(document: Document, path: readonly (string | number)[]): number {
    let node: unknown = document.contents;
    let offset = isMap(node) || isSeq(node) ? (node.range?.[0] ?? 0) : 0;
    for (const key of path) {
        if (isMap(node)) {
            const pair = node.items.find((item) => isScalar(item.key) && item.key.value === key);
            if (pair === undefined || !isScalar(pair.key)) return offset;
            offset = pair.key.range?.[0] ?? offset;
            node = pair.value;
        } else if (isSeq(node)) {
            node = node.items[Number(key)];
            if (isMap(node) || isSeq(node) || isScalar(node)) offset = node.range?.[0] ?? offset;
        } else return offset;
    }
    return offset;
}
