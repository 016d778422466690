/**
 * The language host loads a pack through a TypeScript compiler of its own, which would check every file at each start
 * and does not take `.ts` in imports. Behind a module of plain JavaScript, Node.js runs the TypeScript itself, and keeps
 * what it has compiled in the home of the tools (see ../compile-cache.js, which a published pack is without).
 */
import module from "node:module";
import os from "node:os";
import path from "node:path";
import process from "node:process";

const home = path.resolve(process.env["TRADESTREAM_HOME"] || path.join(os.homedir(), ".tradestream"));
module.enableCompileCache(path.join(home, "compiled"));

/** Called by CrossGuard's runner, which waits for it. */
async function load() {
    await import("./index.ts");
    // The engine kills the process in the end: it would not get to this by itself.
    module.flushCompileCache();
}

export { load as "module.exports" };
