/**
 * Starts the command line with Node's compile cache on. In plain JavaScript, and with the place of `compileCacheHome` in
 * ../home.ts written out: what is loaded before the cache is on would be translated from TypeScript at every start.
 */
import module from "node:module";
import os from "node:os";
import path from "node:path";
import process from "node:process";

const home = path.resolve(process.env["TRADESTREAM_HOME"] || path.join(os.homedir(), ".tradestream"));
module.enableCompileCache(path.join(home, "compiled"));

const { run } = await import("./cli.ts");
await run(process.argv.slice(2));
