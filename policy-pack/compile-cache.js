/** Preloaded by PulumiPolicy.yaml: keeps what Node.js compiles, the SDK too, where only this user can write. */
import module from "node:module";
import os from "node:os";
import path from "node:path";
import process from "node:process";

const home = process.env["TRADESTREAM_HOME"] || path.join(os.homedir(), ".tradestream");
// Where nothing can be kept, this says so in its result, and nothing else changes.
module.enableCompileCache?.(path.join(home, "compiled"));
