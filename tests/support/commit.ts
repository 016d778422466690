/** What was measured: the commit, for the pages that runs write. */
import { execFileSync } from "node:child_process";

/** Pages that a run writes itself: they make no other program of it. */
const written = ["docs/benchmarks.md", "docs/evidence.md"];

/** The abbreviated commit of a work tree; with `-dirty` where anything but the written pages has changed since. */
export function measuredCommit(directory: string): string {
    const git = (...args: string[]): string =>
        execFileSync("git", args, { cwd: directory, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 }).trim();
    const changed = git("status", "--porcelain", "--untracked-files=no", "--", ".", ...written.map((p) => `:!${p}`));
    return `${git("rev-parse", "--short", "HEAD")}${changed === "" ? "" : "-dirty"}`;
}
