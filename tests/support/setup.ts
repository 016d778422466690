/** What every suite begins with. */
import { config } from "chai";
import fc from "fast-check";

// What a program has printed is the reason why a test failed: by default, chai shows 40 characters of it.
config.truncateThreshold = 20_000;

// Property tests try the same inputs in every run, so that what turns red is due to a change. `SOAK=1` tries others; a
// failure then prints its seed.
if (process.env["SOAK"] === undefined) fc.configureGlobal({ seed: 20_261_128 });
