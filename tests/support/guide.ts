/** The commands of a guide. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { root } from "./configuration.ts";

/** The shell blocks of a section, in order. */
export function shellBlocks(page: string, heading: string): readonly string[] {
    const text = readFileSync(path.join(root, page), "utf8");
    const [, section] = text.split(`\n## ${heading}\n`);
    if (section === undefined) throw new Error(`${page} has no section ${heading}`);
    const blocks = section.split("\n## ")[0]!.matchAll(/^( *)```sh\n([^]*?)^ *```$/gm);
    return [...blocks].map(([, indent = "", block = ""]) => block.replaceAll(new RegExp(`^${indent}`, "gm"), ""));
}

/** A block with other values than those of the guide. */
export function withValues(block: string, values: Readonly<Record<string, string>>): string {
    return Object.entries(values).reduce((text, [example, value]) => {
        if (!text.includes(example)) throw new Error(`the guide says nothing of ${example} here:\n${block}`);
        return text.replaceAll(example, value);
    }, block);
}
