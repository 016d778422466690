/** Starts the command line with Node's compile cache on: what is imported at once is loaded before it is. */
import process from "node:process";
import "../../start/compile-cache.js";

const { run } = await import("./cli.ts");
await run(process.argv.slice(2));
