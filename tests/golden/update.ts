/** Writes the golden files anew, those that can be rendered. The difference is for a reviewer to check. */
import { writeFileSync } from "node:fs";
import { goldenFile, render, renderVariant, stacks, variantNames } from "./render.ts";

async function update(name: string, rendered: Promise<string>): Promise<void> {
    try {
        writeFileSync(goldenFile(name), await rendered);
    } catch (error) {
        const { stderr } = error as { readonly stderr?: string };
        process.stderr.write(`${name}: ${stderr ?? String(error)}\n`);
        process.exitCode = 1;
    }
}

for (const stack of stacks) await update(stack, render(stack));
for (const name of variantNames) await update(name, renderVariant(name));
