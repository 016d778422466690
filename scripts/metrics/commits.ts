/** What git knows of the commits that were deployed. */
import { execa } from "execa";

export interface Commit {
    readonly hash: string;
    readonly written: Date;
    /** Commits that it takes back, as `git revert` writes them down. */
    readonly reverts: readonly string[];
}

/** The commits of a clone. */
export class Commits {
    readonly #directory: string;

    public constructor(directory: string) {
        this.#directory = directory;
    }

    /** Whether a commit is part of another, later one; false where the clone lacks one of them. */
    public async isBefore(commit: string, later: string): Promise<boolean> {
        if (commit === later) return false;
        const { exitCode } = await this.git(["merge-base", "--is-ancestor", commit, later]);
        return exitCode === 0;
    }

    /** What a commit brings to another one, merges left out; without another one, itself. */
    public async broughtBy(commit: string, to: string | undefined): Promise<readonly Commit[] | undefined> {
        const range = to === undefined ? ["--max-count=1", commit] : ["--no-merges", `${to}..${commit}`];
        const { exitCode, stdout } = await this.git(["log", "-z", "--format=%H %at %B", ...range, "--"]);
        // The clone lacks one of them.
        if (exitCode !== 0) return undefined;
        return stdout.split("\0").flatMap((entry) => {
            const [, hash, seconds, message = ""] = /^(\w+) (\d+) ([^]*)$/.exec(entry) ?? [];
            if (hash === undefined) return [];
            const reverts = [...message.matchAll(/^This reverts commit (\w+)/gm)].map(([, reverted]) => reverted!);
            return [{ hash, written: new Date(Number(seconds) * 1000), reverts }];
        });
    }

    private git(args: readonly string[]) {
        return execa("git", ["-c", "log.showSignature=false", ...args], {
            cwd: this.#directory,
            stdin: "ignore",
            reject: false,
        });
    }
}
