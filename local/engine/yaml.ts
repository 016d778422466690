/** YAML as Kubernetes reads and writes it: by the rules of version 1.1, where `off` is false and 0644 is octal. */
import { parseAllDocuments, stringify } from "yaml";
import type { Tags } from "yaml";
import { isValues } from "./values.ts";
import type { Value, Values } from "./values.ts";

const timestampTag = "tag:yaml.org,2002:timestamp";

/** The objects of a text of many documents; empty ones are left out. Throws when it is not YAML. */
export function parseManifests(text: string): readonly Values[] {
    const documents = parseAllDocuments(text, {
        version: "1.1",
        customTags: (tags: Tags) => tags.filter((tag) => typeof tag === "string" || tag.tag !== timestampTag), // dates stay texts
    });
    if (!Array.isArray(documents)) return [];
    return documents
        .map((document) => {
            const [error] = document.errors;
            if (error !== undefined) throw error;
            return document.toJS() as Value;
        })
        .filter(isValues);
}

/** A document that every version of YAML reads alike. */
export function toYamlText(value: Value): string {
    return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false, compat: "yaml-1.1" });
}
