/** The commands of a guide. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { root } from "./configuration.ts";

/** The pages with commands for operators. */
export const pages: readonly string[] = [
    "README.md",
    "policy-pack/README.md",
    ...readdirSync(path.join(root, "docs")).map((file) => `docs/${file}`),
    ...readdirSync(path.join(root, "charts")).map((chart) => `charts/${chart}/README.md`),
];

const read = (page: string): string => readFileSync(path.join(root, page), "utf8");

function blocksIn(text: string): readonly string[] {
    const blocks = text.matchAll(/^( *)```sh\n([^]*?)^ *```$/gm);
    return [...blocks].map(([, indent = "", block = ""]) => block.replaceAll(new RegExp(`^${indent}`, "gm"), ""));
}

/** All shell blocks of a page, in order. */
export const blocksOf = (page: string): readonly string[] => blocksIn(read(page));

/** The shell blocks of a section, in order. A test that takes them runs all of them. */
export function shellBlocks(page: string, heading: string): readonly string[] {
    const section = sectionOf(page, heading);
    if (section === undefined) throw new Error(`${page} has no section ${heading}`);
    return blocksIn(section);
}

function sectionOf(page: string, heading: string): string | undefined {
    return read(page).split(`\n## ${heading}\n`)[1]?.split("\n## ")[0];
}

/** The one shell block of a page that begins so. */
export function shellBlock(page: string, start: string): string {
    const found = blocksOf(page).filter((block) => block.startsWith(start));
    if (found.length !== 1) throw new Error(`${page} has ${found.length} blocks that begin with ${start}`);
    return found[0]!;
}

/** Whether a block sets configuration, and does no more than to show or deploy it. */
export function isConfiguration(block: string): boolean {
    const lines = block.split("\n").filter((line) => line !== "");
    const isPlain = (line: string): boolean => /^(pulumi (config|preview|up|destroy)\b|cp )(?!.* \| )/.test(line);
    return block.includes("pulumi config ") && !block.includes("$(") && lines.every(isPlain);
}

/** A block with other values than those of the guide. */
export function withValues(block: string, values: Readonly<Record<string, string>>): string {
    return Object.entries(values).reduce((text, [example, value]) => {
        if (!text.includes(example)) throw new Error(`the guide says nothing of ${example} here:\n${block}`);
        return text.replaceAll(example, value);
    }, block);
}
