/**
 * Keeps what Node.js has compiled, TypeScript included, for the next start, in the place of `compileCacheHome` in
 * local/home.ts. In plain JavaScript: what is loaded before the cache is on would be translated at every start.
 *
 * What is run from there must come from this user only, and so must not be in Node's default place, the directory for
 * temporary files. Where that cannot be had, nothing is kept, and nothing else changes.
 */
import fs from "node:fs";
import module from "node:module";
import os from "node:os";
import path from "node:path";
import process from "node:process";

const directory = ownDirectory();
// Node.js 20 has no such function, and has to get as far as to say that it does not run TypeScript.
if (directory !== undefined) module.enableCompileCache?.(directory);

/** @returns {string | undefined} the directory, made where it is missing, if nobody else can put anything into it */
function ownDirectory() {
    try {
        const user = os.homedir();
        const home = process.env["TRADESTREAM_HOME"] || (user && path.join(user, ".tradestream"));
        if (!home) return undefined;
        const directories = [path.resolve(home), path.join(path.resolve(home), "compiled")];
        return directories.every((each) => isOwn(each)) ? directories[1] : undefined;
    } catch {
        return undefined;
    }
}

/** @param {string} made */
function isOwn(made) {
    if (!fs.existsSync(made)) fs.mkdirSync(made, { mode: 0o700 });
    const { uid, mode } = fs.statSync(made);
    const [groupMayWrite, othersMayWrite] = [0o020, 0o002];
    // Windows has neither: there, what is below a user's home is that user's.
    return process.getuid === undefined || (uid === process.getuid() && !(mode & (groupMayWrite | othersMayWrite)));
}
