import { readFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import { pageOf } from "../evidence.ts";

const root = path.resolve(import.meta.dirname, "../..");
const read = (file: string): string => readFileSync(path.join(root, file), "utf8");

describe("the page of evidence", () => {
    const first = pageOf("", [{ suite: "B", name: "failures", value: 0, requirement: "0" }], "on Monday");

    it("says what was measured, beside what is required, and when", () => {
        expect(first).to.match(/^# Evidence\n/);
        expect(first).to.contain("## B\n\non Monday\n\n| What | Measured | Required |");
        expect(first).to.contain("| failures | 0 | 0 |");
    });

    it("replaces the sections of a run and leaves the others", () => {
        const figures = [
            { suite: "A", name: "time", value: 12, unit: "s" },
            { suite: "B", name: "failures | faults", value: 1 },
        ];
        const second = pageOf(
            pageOf(first, [{ suite: "C", name: "rows", value: 3 }], "on Tuesday"),
            figures,
            "on Friday",
        );
        expect(second.match(/^## .*$/gm)).to.deep.equal(["## A", "## B", "## C"]);
        expect(second).to.contain("| time | 12 s |").and.contain("| failures \\| faults | 1 |");
        expect(second).to.contain("## C\n\non Tuesday").and.not.contain("on Monday");
    });

    it("is the same when nothing was measured", () => {
        expect(pageOf(first, [], "never")).to.equal(first);
    });
});

describe("what README says has been shown", () => {
    const section = (/^## What has been shown\n(.*?)^## /ms.exec(read("README.md"))?.[1] ?? "").replaceAll(/\s+/g, " ");
    const page = read("docs/evidence.md");
    const quoted: readonly (readonly [row: string, words: (value: string) => string])[] = [
        ["rollouts through `up`", (value) => `${value} rollouts of`],
        ["requests meanwhile", (value) => `${value} requests and`],
        ["event streams ended by a rollout", (value) => `${value} event streams`],
        ["failed requests |", (value) => `streams, ${value} failed.`],
        ["resources lost, duplicated or orphaned by", (value) => `interruptions: ${value} resources lost`],
        ["rows lost of 1000", (value) => `${value} of 1000 rows lost`],
        ["PostgreSQL killed", (value) => `by itself after ${value}.`],
        ["failed requests while etcd", (value) => `${value} requests failed while etcd`],
        ["Secrets looked for", (value) => `${value} secrets looked for`],
        ["Outputs, processes", (value) => `in ${value} outputs`],
        ["Secrets found outside", (value) => `: ${value} found outside`],
        ["attempts refused inside redis", (value) => `${value} attempts to break out`],
        ["connections tried between real addresses", (value) => `${value} connections tried from`],
        ["of these, decided otherwise than intended", (value) => `enforced: ${value} decided otherwise`],
    ];
    for (const [row, words] of quoted) {
        it(`quotes "${row}" as measured`, () => {
            const line = page.split("\n").find((text) => text.startsWith(`| ${row}`));
            const value = line?.split(" | ")[1];
            expect(value, "a row of the page").to.be.a("string").and.not.equal("");
            expect(section).to.include(words(value!));
        });
    }
});
