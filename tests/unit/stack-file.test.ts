/** Stack files are read as the Pulumi CLI reads them; the values here are what `pulumi config --json` printed. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect } from "chai";
import { parse } from "yaml";
import { readStackFile, stackFileText } from "../../local/pulumi/stackFile.ts";

describe("a stack file", () => {
    const directory = mkdtempSync(path.join(os.tmpdir(), "stack-file-"));
    after(() => rmSync(directory, { recursive: true }));

    function read(text: string): unknown {
        const file = path.join(directory, "Pulumi.test.yaml");
        writeFileSync(file, text);
        const config = Object.entries(readStackFile(file, "shop").config);
        return Object.fromEntries(config.map(([key, value]) => [key.replace(/^shop:/, ""), value]));
    }

    const scalars: Readonly<Record<string, unknown>> = {
        ...{ "017": 15, "0o17": 15, "0x1F": 31, "0b11": 3, "1_000": 1000, "08": 8, "-0o7": -7, "+5": 5, ".5": 0.5 },
        ...{ "1e3": 1000, "1.50": 1.5, "1e400": "1e400", "0o8": "0o8", "1:30": "1:30", "129e6": 129_000_000 },
        ...{ yes: "yes", on: "on", No: "No", y: "y", True: true, FALSE: false, "~": null, Null: null, '"017"': "017" },
        "2026-11-27": "2026-11-27 00:00:00 +0000 UTC",
        "2026-1-2": "2026-01-02 00:00:00 +0000 UTC",
        "2026-11-27T10:00:00+02:00": "2026-11-27 10:00:00 +0200 +0200",
        "2026-11-27t1:2:3.50Z": "2026-11-27 01:02:03.5 +0000 UTC",
        "2026-11-27 10:00:00": "2026-11-27 10:00:00 +0000 UTC",
        "2026-11-27 10:00:00Z": "2026-11-27 10:00:00Z",
        "2026-11-27T10:00:00": "2026-11-27T10:00:00",
        "2026-13-01": "2026-13-01",
        "2026-02-30": "2026-02-30",
        "2026-11-27T10:00:00-00:00": "2026-11-27 10:00:00 +0000 UTC",
        "'2026-11-27'": "2026-11-27",
    };
    for (const [text, value] of Object.entries(scalars))
        it(`has ${JSON.stringify(value)} where it says ${text}`, () => {
            expect(read(`config:\n  a: ${text}\n  b: { c: ${text} }\n`)).to.deep.equal({ a: value, b: { c: value } });
        });

    it("is another one for a reader of YAML 1.2 alone", () => {
        expect(parse("[017, 1_000, 2026-11-27]")).to.deep.equal([17, "1_000", "2026-11-27"]);
    });

    for (const [what, text, config] of [
        [
            "a merge key",
            "x: &x { tag: v1, pull: A }\nconfig: { a: { <<: *x, tag: v2 } }",
            { a: { tag: "v2", pull: "A" } },
        ],
        ["one at the end", "x: &x { tag: v1 }\nconfig: { a: { tag: v2, <<: *x } }", { a: { tag: "v2" } }],
        ["several", "x: &x { t: 1 }\ny: &y { t: 2, u: 2 }\nconfig: { a: { <<: [*x, *y] } }", { a: { t: 1, u: 2 } }],
        ["one for whole keys", "x: &x { a: 1 }\nconfig:\n  <<: *x\n  b: 2\n", { a: 1, b: 2 }],
        [
            "the ends of lines of Windows, the last without its second half",
            "config:\r\n  a: x\r\n  b: y\r",
            { a: "x", b: "y" },
        ],
        ["a byte order mark", "\uFEFFconfig: { a: x }", { a: "x" }],
        ["a key that is a number", "config: { a: { 5: x } }", { a: { 5: "x" } }],
    ] as const)
        it(`may have ${what}`, () => {
            expect(read(text)).to.deep.equal(config);
        });

    it("has no key twice", () => {
        expect(() => read("config:\n  a: 1\n  a: 2\n")).to.throw(/:3: this is not YAML: Map keys must be unique/);
    });

    it("has no key with and without its project", () => {
        expect(() => read("config:\n  shop:a: 1\n  a: 2\n")).to.throw(
            /Pulumi\.test\.yaml: shop:a and a are the same key: remove one of them from the file$/,
        );
        expect(read("config: { shop:a: 1, b: 2, c:b: 3 }")).to.deep.equal({ a: 1, b: 2, "c:b": 3 });
    });

    it("has no merge key and no alias that leads to nothing", () => {
        for (const value of ["{ <<: *x }", "{ <<: text }", "*x"])
            expect(() => read(`config:\n  a: ${value}\n`), value).to.throw(/Pulumi\.test\.yaml: this is not YAML: /);
    });

    it("says the same when it is written again", () => {
        const config = { a: ["017", "1_000", "2026-11-27", "1:30", "yes", "~", "1e3", "<<"], b: { "<<": "x" }, c: 15 };
        expect(read(stackFileText({ config }))).to.deep.equal(config);
    });
});
