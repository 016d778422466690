/**
 * The language host loads a pack through a TypeScript compiler of its own, which would check every file at each start
 * and does not take `.ts` in imports. Behind a module of plain JavaScript, Node.js runs the TypeScript itself.
 */
import fs from "node:fs";
import module from "node:module";
import path from "node:path";
import url from "node:url";

/** Called by CrossGuard's runner, which waits for it. */
async function load() {
    const repository = path.join(import.meta.dirname, "..");
    if (isRepository(repository)) await import(url.pathToFileURL(path.join(repository, "start/index.js")).href);
    await import("./index.ts");
    // The engine kills the process in the end: Node.js would not get to this by itself.
    module.flushCompileCache?.();
}

/** Whether the pack is where it was made. A copy of it starts without what is beside it, whatever that is called. */
function isRepository(directory) {
    try {
        return JSON.parse(fs.readFileSync(path.join(directory, "package.json"), "utf8")).name === "tradestream-pulumi";
    } catch {
        return false;
    }
}

export { load as "module.exports" };
