/** Node.js runs no TypeScript below node_modules: the published package has each module compiled instead of its source. */
import { existsSync } from "node:fs";
import { URL } from "node:url";

/** Imports a module of this directory, named without its extension. */
export function load(name) {
    const isSource = existsSync(new URL(`${name}.ts`, import.meta.url));
    return import(`./${name}.${isSource ? "ts" : "js"}`);
}
