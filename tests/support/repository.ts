/** A git repository in a temporary directory, which tests may commit to. */
import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { execa } from "execa";
import { root } from "./configuration.ts";

export class Repository {
    readonly directory = mkdtempSync(path.join(os.tmpdir(), "tradestream-repository-"));

    /** One with these files. */
    static async of(files: Readonly<Record<string, string>>): Promise<Repository> {
        const repository = new Repository();
        await repository.git("init", "--quiet");
        await repository.commit({ ".gitignore": "node_modules\n", ...files });
        return repository;
    }

    /** One with the files of this work tree, committed or not, and its dependencies. */
    static async copy(): Promise<Repository> {
        const listed = await execa("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
            cwd: root,
        });
        const repository = await Repository.of({});
        for (const file of listed.stdout.split("\0").filter((name) => name !== "" && existsSync(path.join(root, name))))
            cpSync(path.join(root, file), path.join(repository.directory, file));
        for (const place of ["node_modules", "policy-pack/node_modules"])
            symlinkSync(path.join(root, place), path.join(repository.directory, place));
        await repository.commit({ ".gitignore": "node_modules\n" });
        return repository;
    }

    write(files: Readonly<Record<string, string>>): void {
        for (const [file, content] of Object.entries(files)) writeFileSync(path.join(this.directory, file), content);
    }

    /** Commits everything, and returns the commit. */
    async commit(files: Readonly<Record<string, string>> = {}): Promise<string> {
        this.write(files);
        const author = ["-c", "user.name=test", "-c", "user.email=test@example.com"];
        await this.git("add", "--all");
        await this.git(...author, "commit", "--quiet", "--allow-empty", "--message", "test");
        return this.git("rev-parse", "HEAD");
    }

    async git(...args: string[]): Promise<string> {
        return (await execa("git", args, { cwd: this.directory })).stdout;
    }

    remove(): void {
        rmSync(this.directory, { recursive: true });
    }
}
