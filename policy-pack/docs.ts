/** `npm run docs:policy`: writes the generated part of the README. */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import { renew } from "./catalogue.ts";

const file = path.join(import.meta.dirname, "README.md");
writeFileSync(file, renew(readFileSync(file, "utf8")));
