/** Writes the golden files anew. The difference is for a reviewer to check. */
import { writeFileSync } from "node:fs";
import { goldenFile, render, renderVariant, stacks, variantNames } from "./render.ts";

for (const stack of stacks) {
    writeFileSync(goldenFile(stack), await render(stack));
}
for (const name of variantNames) {
    writeFileSync(goldenFile(name), await renderVariant(name));
}
