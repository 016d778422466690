/** The page of the benchmark: what a run has measured replaces what an earlier one has, and names what was measured. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect } from "chai";
import { pageOf } from "../bench/page.ts";
import { measuredCommit } from "../support/commit.ts";

describe("page of the benchmark", () => {
    const first = pageOf(pageOf("", "Growth", "## Growth\n\nold"), "Production", "## Production\n\nkept");

    it("has a section per part", () => {
        expect(first).to.match(/^# Benchmarks\n[^#]*## Growth\n\nold\n\n## Production\n\nkept\n$/);
    });

    it("replaces a section in its place and leaves the others", () => {
        const second = pageOf(first, "Growth", "## Growth\n\nnew");
        expect(second).to.equal(first.replace("old", "new"));
    });
});

describe("commit that was measured", () => {
    let directory: string;

    beforeEach(() => {
        directory = mkdtempSync(path.join(os.tmpdir(), "measured-commit-"));
        mkdirSync(path.join(directory, "docs"));
        for (const file of ["program.ts", "docs/evidence.md"]) writeFileSync(path.join(directory, file), "");
        const author = ["user.name=test", "user.email=test@example.com", "commit.gpgsign=false"].flatMap((s) => [
            "-c",
            s,
        ]);
        for (const args of [
            ["init", "-q"],
            ["add", "."],
            [...author, "commit", "-q", "-m", "first"],
        ])
            execFileSync("git", args, { cwd: directory });
    });

    afterEach(() => rmSync(directory, { recursive: true, force: true }));

    it("is that of the work tree, whatever the run has written of itself", () => {
        const commit = measuredCommit(directory);
        expect(commit).to.match(/^[0-9a-f]{7,}$/);
        writeFileSync(path.join(directory, "docs/evidence.md"), "figures");
        expect(measuredCommit(directory)).to.equal(commit);
    });

    it("is marked where the program was changed since", () => {
        writeFileSync(path.join(directory, "program.ts"), "changed");
        expect(measuredCommit(directory)).to.match(/^[0-9a-f]{7,}-dirty$/);
    });
});
