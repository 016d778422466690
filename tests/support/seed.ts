/**
 * Property tests try the same inputs in every run, so that what turns red is due to a change. `SOAK=1` tries others; a
 * failure then prints its seed.
 */
import fc from "fast-check";

if (process.env["SOAK"] === undefined) fc.configureGlobal({ seed: 20_261_128 });
