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
    // Starts faster, where this directory is not a copy without its surroundings.
    const start = path.join(import.meta.dirname, "../start/index.js");
    if (fs.existsSync(start)) await import(url.pathToFileURL(start).href);
    await import("./index.ts");
    // The engine kills the process in the end: Node.js would not get to this by itself.
    module.flushCompileCache();
}

export { load as "module.exports" };
