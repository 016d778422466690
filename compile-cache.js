/** Preloaded by Pulumi.yaml: keeps what Node.js compiles, TypeScript included, where only this user can write. */
import module from "node:module";
import os from "node:os";
import path from "node:path";

try {
    const home = process.env["TRADESTREAM_HOME"] || path.join(os.homedir(), ".tradestream");
    module.enableCompileCache?.(path.join(home, "compiled"));
} catch {} // Without a home nothing is kept, and nothing else changes.
