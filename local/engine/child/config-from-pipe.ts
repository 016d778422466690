/**
 * Loaded into the program's process before anything else: takes the configuration from file descriptor 3 rather than
 * from the environment, so that no secret stands in /proc/<pid>/environ, and ends the process when the engine is gone.
 */
import fs from "node:fs";
import net from "node:net";

const pipe = 3;
const newline = 10;
const chunks: Buffer[] = [];
const buffer = Buffer.alloc(64 * 1024);
while (chunks.at(-1)?.includes(newline) !== true) {
    const length = fs.readSync(pipe, buffer);
    if (length === 0) process.exit(1);
    chunks.push(Buffer.from(buffer.subarray(0, length)));
}
const given = JSON.parse(Buffer.concat(chunks).toString("utf8")) as { config: unknown; secretKeys: unknown };
process.env["PULUMI_CONFIG"] = JSON.stringify(given.config);
process.env["PULUMI_CONFIG_SECRET_KEYS"] = JSON.stringify(given.secretKeys);

const engine = new net.Socket({ fd: pipe });
engine.on("close", () => process.exit(1));
engine.on("error", () => process.exit(1));
engine.resume();
engine.unref();

// The SDK takes a stack trace for each resource, and source-map-support, which it installs, then reads the source maps of
// all libraries: a sixth of the program's time, for positions that the engine does not use. Node's own TypeScript needs
// no maps. So its hook, and no other one, is not taken.
let hook: unknown;
Object.defineProperty(Error, "prepareStackTrace", {
    get: () => hook,
    set: (given: unknown) => {
        if (!(typeof given === "function" && given.name === "prepareStackTrace")) hook = given;
    },
    configurable: true,
});
