/**
 * The language host loads a pack through a TypeScript compiler of its own, which would check every file at each start
 * and does not take `.ts` in imports. Behind a module of plain JavaScript, Node.js runs the TypeScript itself, and keeps
 * what it compiles where only this user can write.
 */
import module from "node:module";
import os from "node:os";
import path from "node:path";
import process from "node:process";
import { load } from "./load.js";

/** Called by CrossGuard's runner, which waits for it. */
async function start() {
    const home = process.env["TRADESTREAM_HOME"] || path.join(os.homedir(), ".tradestream");
    // Where nothing can be kept, this says so in its result, and nothing else changes.
    module.enableCompileCache?.(path.join(home, "compiled"));
    await load("index");
    // The CLI kills the process in the end: Node.js would not get to this by itself.
    module.flushCompileCache?.();
}

export { start as "module.exports" };
