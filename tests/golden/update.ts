/** Writes the golden files anew. The difference is for a reviewer to check. */
import { writeFileSync } from "node:fs";
import { goldenFile, render, renderRoutes, routes, stacks } from "./render.ts";

for (const stack of stacks) {
    writeFileSync(goldenFile(stack), await render(stack));
}
writeFileSync(goldenFile(routes), await renderRoutes());
