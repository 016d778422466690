/**
 * The language host loads a pack through a TypeScript compiler of its own, which would check every file at each start
 * and does not take `.ts` in imports. Behind a module of plain JavaScript, Node.js runs the TypeScript itself.
 */
import module from "node:module";
import "./compile-cache.js";
import { load } from "./load.js";

/** Called by CrossGuard's runner, which waits for it. */
async function start() {
    await load("index");
    // The CLI kills the process in the end: Node.js would not get to this by itself.
    module.flushCompileCache?.();
}

export { start as "module.exports" };
