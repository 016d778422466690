/** Commits of the work tree, and a second work tree of one of them. */
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { execa } from "execa";
import type { Report } from "../../local/report.ts";

const lockFile = "package-lock.json";

/**
 * The commit that is checked out in a directory.
 * @param stackFile Name of the stack file, which may differ: a release has a copy of its own.
 * @throws when the directory holds anything else that is not committed: such a release could not be deployed again
 */
export async function committed(root: string, stackFile: string): Promise<string> {
    const commit = await git(root, "rev-parse", "HEAD").catch(() => undefined);
    if (commit === undefined) throw new Error(`${root} is no git work tree: a release is a commit, to go back to it`);
    const changes = await git(root, "status", "--porcelain", "--", ".", `:!${stackFile}`);
    if (changes !== "")
        throw new Error(`a release is a commit, to go back to it, and these files are not committed:\n${changes}`);
    return commit;
}

/** Whether the commit is in the repository, or can be fetched into it. */
export async function has(root: string, commit: string): Promise<boolean> {
    const isHere = (): Promise<boolean> =>
        git(root, "cat-file", "-e", `${commit}^{commit}`).then(
            () => true,
            () => false,
        );
    if (await isHere()) return true;
    await git(root, "fetch", "--quiet", "--depth=1", "origin", commit).catch(() => undefined);
    return isHere();
}

/**
 * Runs `work` in a work tree of a commit with another stack file in it. Dependencies are those of `root` where both have
 * the same lock file, else they are installed.
 */
export async function inCheckout<T>(
    root: string,
    commit: string,
    stackFile: { readonly name: string; readonly content: string },
    report: Report,
    work: (directory: string) => Promise<T>,
): Promise<T> {
    const parent = mkdtempSync(path.join(os.tmpdir(), "tradestream-release-"));
    const tree = path.join(parent, "tree");
    try {
        // Of a run that was killed, git would keep a record.
        await git(root, "worktree", "prune");
        await git(root, "worktree", "add", "--quiet", "--detach", tree, commit);
        const directory = path.join(tree, await git(root, "rev-parse", "--show-prefix"));
        await provideModules(root, directory, report);
        writeFileSync(path.join(directory, stackFile.name), stackFile.content, { mode: 0o600 });
        return await work(directory);
    } finally {
        await git(root, "worktree", "remove", "--force", tree).catch(() => undefined);
        rmSync(parent, { recursive: true, force: true });
    }
}

async function provideModules(root: string, directory: string, report: Report): Promise<void> {
    const [own, other] = [root, directory].map((each) => readFileSync(path.join(each, lockFile), "utf8"));
    if (own !== other) {
        await report.step("Installing the dependencies of that release", () =>
            execa("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: directory }),
        );
        return;
    }
    const { workspaces = [] } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as {
        readonly workspaces?: readonly string[];
    };
    for (const place of [".", ...workspaces].map((each) => path.join(each, "node_modules")))
        if (existsSync(path.join(root, place))) symlinkSync(path.join(root, place), path.join(directory, place));
}

async function git(cwd: string, ...args: string[]): Promise<string> {
    return (await execa("git", args, { cwd, stdin: "ignore" })).stdout;
}
