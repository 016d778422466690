/** Loaded before the SDK, of the program by `nodeargs` of Pulumi.yaml, of the policy pack by its main module. */
import module from "node:module";
import process from "node:process";
import "./compile-cache.js";

// Tracing looks into libraries: then they have to be what they are.
if (process.env["TRACEPARENT"] === undefined) {
    try {
        const { spare } = await import("./spare.ts");
        const here = module.createRequire(import.meta.url);
        spare(module.createRequire(here.resolve("@pulumi/pulumi")));
    } catch {
        // To start faster is worth no failure. Who cannot do without the SDK, or without TypeScript, says so.
    }
}
