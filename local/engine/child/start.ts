/**
 * Loaded into a process of the SDK before anything else. Loads the SDK at once, while the engine still gets ready, and then
 * waits at file descriptor 3 for arguments and configuration: no secret stands in /proc/<pid>/environ. Ends the process
 * when the engine is gone.
 */
import fs from "node:fs";
import { createRequire } from "node:module";
import net from "node:net";
import path from "node:path";
import type { Instructions } from "../program.ts";
import { spare } from "../../../start/spare.ts";
import { apiGroups } from "./groups.ts";
import { quieten } from "./quieten.ts";

const pipe = 3;
const newline = 10;

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

const runner = process.argv[1] ?? "";
const sdk = createRequire(path.join(path.dirname(runner), "../../index.js"));
// Tracing has to be set up before the libraries that it looks into are loaded.
if (process.env["TRACEPARENT"] === undefined) {
    spare(sdk, apiGroups(sdk));
    sdk("./index.js");
    quieten(sdk);
}

const { args, variables, config, secretKeys } = JSON.parse(readLine()) as Instructions;
Object.assign(process.env, variables);
process.env["PULUMI_CONFIG"] = JSON.stringify(config);
process.env["PULUMI_CONFIG_SECRET_KEYS"] = JSON.stringify(secretKeys);
process.argv.push(...args);

const engine = new net.Socket({ fd: pipe });
engine.on("close", () => process.exit(1));
engine.on("error", () => process.exit(1));
engine.resume();
engine.unref();

function readLine(): string {
    const chunks: Buffer[] = [];
    const buffer = Buffer.alloc(64 * 1024);
    while (chunks.at(-1)?.includes(newline) !== true) {
        const length = fs.readSync(pipe, buffer);
        if (length === 0) process.exit(1);
        chunks.push(Buffer.from(buffer.subarray(0, length)));
    }
    return Buffer.concat(chunks).toString("utf8");
}
