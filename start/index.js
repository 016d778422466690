/** Loaded before the SDK, of the program by `nodeargs` of Pulumi.yaml, of the policy pack by its main module. */
import module from "node:module";
import process from "node:process";
import "./compile-cache.js";

// Tracing has to be set up before the libraries that it looks into are loaded.
if (process.env["TRACEPARENT"] === undefined) {
    const { spare } = await import("./spare.ts");
    const here = module.createRequire(import.meta.url);
    spare(module.createRequire(here.resolve("@pulumi/pulumi")));
}
