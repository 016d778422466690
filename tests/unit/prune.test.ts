/** What the CLI writes with each run stays bounded. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect } from "chai";
import { prune } from "../../local/pulumi/prune.ts";

describe("files that the CLI keeps", () => {
    let directory: string;
    beforeEach(() => {
        directory = mkdtempSync(path.join(os.tmpdir(), "prune-test-"));
    });
    afterEach(() => rmSync(directory, { recursive: true, force: true }));

    /** Files named by their age: 0 is the newest. */
    function write(place: string, count: number): void {
        mkdirSync(path.join(directory, place), { recursive: true });
        for (let age = 0; age < count; age++) {
            const file = path.join(directory, place, String(age));
            writeFileSync(file, "");
            utimesSync(file, 1_000_000 - age, 1_000_000 - age);
        }
    }
    const agesIn = (place: string): number[] =>
        readdirSync(path.join(directory, place))
            .map(Number)
            .sort((a, b) => a - b);
    const first = (count: number): number[] => Array.from({ length: count }, (_, age) => age);
    const bounded = ["home/logs", "stack/state/.pulumi/backups/project", "stack/state/.pulumi/history/project/local"];

    it("are the newest 40 logs, backups and entries of the history", () => {
        for (const place of bounded) write(place, 45);
        prune(path.join(directory, "home"), path.join(directory, "stack"));
        for (const place of bounded) expect(agesIn(place), place).to.deep.equal(first(40));
    });

    it("stay where there are no more, and everything else stays too: the control", () => {
        const others = ["home/bin", "stack/state/.pulumi/stacks/project"];
        for (const place of bounded) write(place, 40);
        for (const place of others) write(place, 45);
        prune(path.join(directory, "home"), path.join(directory, "stack"));
        for (const place of bounded) expect(agesIn(place), place).to.deep.equal(first(40));
        for (const place of others) expect(agesIn(place), place).to.deep.equal(first(45));
    });

    it("may be missing", () => {
        prune(undefined, path.join(directory, "stack"));
        prune(path.join(directory, "home"), path.join(directory, "stack"));
        expect(readdirSync(directory)).to.deep.equal([]);
    });
});
