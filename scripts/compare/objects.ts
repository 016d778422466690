/** The objects of two renderings: read without what is secret, and compared line by line. */
import { structuredPatch } from "diff";
import { parseAllDocuments, stringify } from "yaml";
import { groupOf } from "../../policy-pack/model/object.ts";
import { isTree } from "../../policy-pack/model/view.ts";
import type { Tree } from "../render/configuration.ts";

/** An object that differs. */
export interface Difference {
    readonly id: string;
    readonly what: "added" | "changed" | "removed";
    /** As in a unified diff: `@@`, ` `, `-`, `+`. */
    readonly lines: readonly string[];
}

/**
 * The objects of a rendering; in place of the values of Secrets there is a text.
 * @throws Error where it is not YAML, or a document is no object
 */
export function readObjects(file: string, text: string): readonly Tree[] {
    return [...parseAllDocuments(text)].flatMap((document) => {
        const [error] = document.errors;
        if (error !== undefined) throw new Error(`${file}: this is not YAML: ${error.message}`);
        const object: unknown = document.toJS();
        if (object === null) return [];
        if (!isTree(object) || typeof object["kind"] !== "string") throw new Error(`${file}: a document is no object`);
        return [redacted(object)];
    });
}

/** `Kind.group namespace/name`, without the group of the core API; other characters than names have are replaced. */
export function idOf({ apiVersion, kind, metadata }: Tree): string {
    const { namespace, name } = isTree(metadata) ? metadata : {};
    const group = groupOf(String(apiVersion));
    const place = typeof namespace === "string" ? `${namespace}/` : "";
    return `${String(kind)}${group === "" ? "" : `.${group}`} ${place}${String(name)}`.replaceAll(/[^\w./: -]/g, "?");
}

/** What differs between two renderings, by kind and name. Their order does not matter. */
export function differences(before: readonly Tree[], after: readonly Tree[]): readonly Difference[] {
    const [old, now] = [before, after].map(
        (objects) => new Map(objects.map((object) => [idOf(object), toText(object)])),
    );
    const ids = [...new Set([...old!.keys(), ...now!.keys()])].sort();
    return ids.flatMap((id): readonly Difference[] => {
        const [was, is] = [old!.get(id), now!.get(id)];
        if (was === is) return [];
        const what = was === undefined ? "added" : is === undefined ? "removed" : "changed";
        const { hunks } = structuredPatch("", "", was ?? "", is ?? "", "", "", { context: 3 });
        const lines = hunks.flatMap(({ oldStart, newStart, lines }) => [`@@ -${oldStart} +${newStart} @@`, ...lines]);
        return [{ id, what, lines }];
    });
}

function redacted(object: Tree): Tree {
    if (object["kind"] !== "Secret") return object;
    const hide = (values: unknown): unknown =>
        isTree(values) ? Object.fromEntries(Object.keys(values).map((key) => [key, "[redacted]"])) : values;
    return {
        ...object,
        ...("data" in object && { data: hide(object["data"]) }),
        ...("stringData" in object && { stringData: hide(object["stringData"]) }),
    };
}

function toText(object: Tree): string {
    return stringify(object, { lineWidth: 0, aliasDuplicateObjects: false });
}
