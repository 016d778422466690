/** Writes what is made from the configuration's schema: `docs/configuration.md`, and `config` in `Pulumi.yaml`. */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { format } from "prettier";
import { configurationPage, projectFile } from "./reference.ts";

const root = path.resolve(import.meta.dirname, "../..");
const project = path.join(root, "Pulumi.yaml");

/** The files and what they must hold. */
export async function generatedFiles(): Promise<Readonly<Record<string, string>>> {
    const style = { printWidth: 120, tabWidth: 2 } as const;
    return {
        "docs/configuration.md": await format(configurationPage(), { ...style, parser: "markdown" }),
        "Pulumi.yaml": await format(projectFile(readFileSync(project, "utf8")), { ...style, parser: "yaml" }),
    };
}

if (import.meta.main) {
    for (const [file, text] of Object.entries(await generatedFiles())) {
        writeFileSync(path.join(root, file), text);
        console.log(`${file} is written`);
    }
}
