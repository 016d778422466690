import { isMap, isScalar, isSeq, type Document } from "yaml";

import { fromManifests, isObject, itemsOf, type KubeObject, type Place } from "./model/object.ts";
import { parsePath } from "./model/text.ts";
import { parseYaml, reasonOf, valueOf, YamlError } from "./yaml.ts";

/** Manifests of one file, with a way back from a finding to its line. */
export interface Manifests {
    readonly file: string;
    readonly objects: readonly KubeObject[];
    /** What is accepted but should be looked at, with file and line. */
    readonly warnings: readonly string[];
    /** Line of a path in an object, counted from 1; the nearest line above where the path itself is not there. */
    readonly lineOf: (object: KubeObject, path: string) => number;
}

/** A file with something in it that is no manifest. */
export class ManifestError extends Error {
    constructor(file: string, line: number, reason: string) {
        super(`${file}:${line}: ${reason}`);
        this.name = "ManifestError";
    }
}

/**
 * Reads manifests: YAML or JSON, with as many documents as there are, lists taken apart. Empty documents are ignored.
 * @param namespace where objects without a namespace land, as with `kubectl apply --namespace`
 * @throws ManifestError where the text is neither, or a document is not a Kubernetes object
 */
export function readManifests(file: string, text: string, namespace?: string): Manifests {
    const { documents, duplicates, lineAt } = parsed(file, text);
    const places = new Map<unknown, { readonly document: Document; readonly below: Place }>();
    const objects = documents.flatMap((document) => {
        const items = [...itemsOf(value(file, document, lineAt))];
        for (const { body, below } of items) {
            if (!isObject(body))
                throw new ManifestError(
                    file,
                    lineAt(offsetOf(document, below)),
                    "this is not a Kubernetes object: it needs apiVersion and kind",
                );
            places.set(body, { document, below });
        }
        return fromManifests(
            items.map(({ body }) => body),
            namespace,
        );
    });
    return {
        file,
        objects,
        warnings: duplicates.map(
            ({ key, line }) => `${file}:${line}: the key "${key}" is there twice; the last one counts`,
        ),
        lineOf: (object, path) => {
            const place = places.get(object.body);
            if (place === undefined) return 1;
            return lineAt(offsetOf(place.document, [...place.below, ...parsePath(path)]));
        },
    };
}

function parsed(file: string, text: string): ReturnType<typeof parseYaml> {
    try {
        return parseYaml(text);
    } catch (error) {
        if (error instanceof YamlError) throw new ManifestError(file, error.line, `this is not YAML: ${error.message}`);
        throw error;
    }
}

function value(file: string, document: Document, lineAt: (offset: number) => number): unknown {
    try {
        return valueOf(document);
    } catch (error) {
        throw new ManifestError(file, lineAt(offsetOf(document, [])), reasonOf(error as Error));
    }
}

/** Where a path is written: the key of its last part that is there. */
function offsetOf(document: Document, path: Place): number {
    let node: unknown = document.contents;
    let offset = isMap(node) || isSeq(node) || isScalar(node) ? (node.range?.[0] ?? 0) : 0;
    for (const key of path) {
        if (isMap(node)) {
            const pair = node.items.findLast((item) => isScalar(item.key) && String(item.key.value) === String(key));
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
