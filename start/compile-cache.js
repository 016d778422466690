/**
 * Keeps what Node.js has compiled, TypeScript included, for the next start. In plain JavaScript, and with the place of
 * `compileCacheHome` in local/home.ts written out: what is loaded before the cache is on would be translated at every
 * start. Only its owner may write there, unlike in Node's default, the directory for temporary files.
 */
import module from "node:module";
import os from "node:os";
import path from "node:path";
import process from "node:process";

const home = path.resolve(process.env["TRADESTREAM_HOME"] || path.join(os.homedir(), ".tradestream"));
module.enableCompileCache(path.join(home, "compiled"));
