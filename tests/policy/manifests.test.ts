/** Manifests are read as kubectl reads them: the same objects, whatever the spelling. kubectl itself is asked. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect } from "chai";

import { createReport } from "../../local/report.ts";
import { readManifests } from "../../policy-pack/manifests.ts";
import { decode } from "../../policy-pack/yaml.ts";
import { kubectlProgram } from "../../scripts/kubectl.ts";
import { plain, readByKubectl } from "./kubectl.ts";

/** Inputs of the project, beside the repository; a clone elsewhere is tested with the corpus below alone. */
const seeds = path.resolve(import.meta.dirname, "../../../shared/reports");
const seedFiles = existsSync(seeds) ? readdirSync(seeds).filter((file) => /^\d.*\.yaml$/.test(file)) : [];

/** A ConfigMap whose data is written as given; kubectl reads its types, whatever the API server says of them. */
const configMap = (...data: readonly string[]): string =>
    ["apiVersion: v1", "kind: ConfigMap", "metadata: {name: a, namespace: shop}", "data:", ...data, ""].join("\n");
const words = (...list: readonly string[]): string => configMap(...list.map((word, index) => `  k${index}: ${word}`));
const pod = (name: string): string => `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"${name}"}}`;
const utf16 = (text: string, isBig: boolean): Buffer => {
    const bytes = Buffer.from(`\uFEFF${text}`, "utf16le");
    return isBig ? bytes.swap16() : bytes;
};

const utf32 = (text: string, isBig: boolean): Buffer => {
    const bytes = Buffer.from(Uint32Array.from(`\uFEFF${text}`, (letter) => letter.codePointAt(0)!).buffer);
    return isBig ? bytes.swap32() : bytes;
};

const corpus: Readonly<Record<string, string | Buffer>> = {
    "words that are true or false": words("y", "Y", "yes", "On", "TRUE", "n", "No", "off", "False", "yEs", '"on"'),
    "words that are null": words("~", "null", "Null", "NULL", "", "nUll"),
    "octal and other whole numbers": words(
        "017",
        "0o17",
        "08",
        "019",
        "0x1F",
        "0b11",
        "1_000",
        "+12",
        "-0x1f",
        "0_7",
        "0",
    ),
    "numbers beyond all": words("1e1000", "-1e1000"),
    fractions: words("1.", ".5", "-.5", "1e3", "12e03", ".5e3", "1_0.5", "1.5e-3", ".", "1.2.3", "0.", "1e", "e3"),
    "what looks like a time or a date": words("1:30", "1:30:45.5", "2024-01-01", "2024-01-01T10:00:00Z"),
    "quantities and versions": words("512m", "1Gi", "v1.0", "1.27.3", "1e3m", "0x", "0b2", "1__0"),
    "keys that are no strings": configMap("  on: x", "  7: x", "  017: x", "  y: x", "  1.5: x"),
    "explicit tags": words("!!str 5", "!!str yes", '!!int "7"', "!custom text", "!!binary aGVsbG8=", "!!binary /w=="),
    "maps and lists with tags": configMap("  a: !!set {b, c}", "  d: !!omap [e: f]", "  g: !!pairs [h: i]"),
    "strings over several lines": configMap(
        "  a: |",
        "    x",
        "    y",
        "  b: >-",
        "    x",
        "    y",
        '  c: "x\\',
        '    y"',
    ),
    "a merge key": configMap("  <<: {b: x, c: x}", "  b: y"),
    "merge keys of aliases": configMap(
        "  a: &a {b: x, c: x}",
        "  d: {<<: *a, c: y}",
        "  e: {<<: [{b: z}, *a], f: '1'}",
    ),
    "a merge key behind what it brings too": configMap(
        "  a: {b: x, <<: {b: y, c: y}, c: z}",
        "  d: {<<: {b: x}, e: f, <<: {b: y}}",
        "  g: &g {<<: {b: x}, b: y}",
        "  h: {b: z, <<: [*g, {b: x, i: j}]}",
    ),
    "a key twice": configMap("  a: x", "  a: y"),
    documents: `---\n# nothing\n---\n${words("a")}---\n${words("b")}...\n---\n`,
    "documents that were files with a byte order mark": `${words("a")}---\n\uFEFF${words("b")}---\r\n\uFEFF${words("c")}`,
    "an empty List": `apiVersion: v1\nkind: List\nitems:\n---\n${words("a")}`,
    "a List": `apiVersion: v1\nkind: List\nitems: [${pod("a")}, ${pod("b")}]\n`,
    "a typed list": "apiVersion: v1\nkind: PodList\nitems: [{metadata: {name: a}}, {metadata: {name: b}}]\n",
    "a list without the name of one": "apiVersion: v1\nkind: ConfigMap\nitems: [{metadata: {name: a}}]\n",
    "lines of JSON": `${pod("a")}\n${pod("b}{")}\n\n${pod("c")}\n`,
    "JSON without a line between": `${pod("a")}${pod("b")}`,
    "carriage returns": words("yes", "x").replaceAll("\n", "\r\n"),
    "carriage returns alone": words("yes", "x").replaceAll("\n", "\r"),
    "a byte order mark": `\uFEFF${words("x")}`,
    "UTF-16, little-endian": utf16(words("ä"), false),
    "UTF-16, big-endian": utf16(words("ä"), true),
};

describe("the reader of manifests", function () {
    this.timeout(60_000);
    const directory = mkdtempSync(path.join(os.tmpdir(), "policy-manifests-"));
    let kubectl: string;
    before(async () => {
        kubectl = await kubectlProgram(createReport());
    });
    after(() => rmSync(directory, { recursive: true, force: true }));

    const byKubectl = (file: string): readonly unknown[] | undefined => readByKubectl(kubectl, file);

    function byPack(file: string): readonly unknown[] {
        return readManifests(file, decode(readFileSync(file))).objects.map(({ body }) => plain(body));
    }

    for (const [what, text] of Object.entries(corpus))
        it(`reads ${what} as kubectl does`, () => {
            const file = path.join(directory, "manifest.yaml");
            writeFileSync(file, text);
            const wanted = byKubectl(file);
            expect(wanted, "objects that kubectl reads").to.have.length.greaterThan(0);
            expect(byPack(file)).to.deep.equal(wanted);
        });

    const notText: Readonly<Record<string, Uint8Array>> = {
        "half a letter": Buffer.concat([Buffer.from(words("x")), Buffer.from([0xc3])]),
        "UTF-32, little-endian": utf32(words("x"), false),
        "UTF-32, big-endian": utf32(words("x"), true),
    };
    for (const [what, bytes] of Object.entries(notText))
        it(`refuses ${what}, as kubectl does`, () => {
            const file = path.join(directory, "manifest.yaml");
            writeFileSync(file, bytes);
            expect(byKubectl(file)).to.equal(undefined);
            expect(() => byPack(file)).to.throw("neither in UTF-8 nor in UTF-16");
        });

    const notYaml: Readonly<Record<string, string>> = {
        "a directive": `%YAML 1.2\n---\n${words("x")}`,
        "a control character": words('"\u001B[31mred"'),
        "a key that is a map, as in a template": words("{{ .Values.a }}"),
        "a key that is a list": configMap("  ? [a]", "  : x"),
        "a key that is null": configMap("  ~: x"),
        "bytes that are no Base64": words("!!binary '*'"),
    };
    for (const [what, text] of Object.entries(notYaml))
        it(`refuses ${what}, as kubectl does`, () => {
            const file = path.join(directory, "manifest.yaml");
            writeFileSync(file, text);
            expect(byKubectl(file)).to.equal(undefined);
            expect(() => byPack(file)).to.throw(/manifest\.yaml:\d+: this is not YAML/);
        });

    for (const name of seedFiles)
        it(`reads ${name} as kubectl does, or refuses it`, () => {
            const file = path.join(seeds, name);
            let found: readonly unknown[];
            try {
                found = byPack(file);
            } catch (error) {
                expect(error)
                    .to.be.an("error")
                    .with.property("message")
                    .that.matches(/:\d+: this is not /);
                return;
            }
            // Where kubectl refuses a field's type, the pack has a finding for it instead.
            const wanted = byKubectl(file);
            if (wanted !== undefined) expect(found).to.deep.equal(wanted);
        });

    it("warns of a key that is there twice, with its line", () => {
        const { warnings } = readManifests("a.yaml", corpus["a key twice"] as string);
        expect(warnings).to.deep.equal(['a.yaml:6: the key "a" is there twice; the last one counts']);
    });

    for (const [what, text, message] of [
        [
            "a document without a kind",
            "apiVersion: v1\n---\n\napiVersion: v1\nname: a\n",
            "a.yaml:1: this is not a Kubernetes",
        ],
        [
            "an item of a List that is null",
            "apiVersion: v1\nkind: List\nitems:\n  -\n  - x\n",
            "this is not a Kubernetes",
        ],
        ["a text", "hello\n", "a.yaml:1: this is not a Kubernetes object"],
        [
            "a list that does not end",
            "a: 1\nb: [",
            "a.yaml:2: this is not YAML: Flow sequence in block collection must be sufficiently indented and end with a ]",
        ],
        [
            "an escape that YAML does not have",
            'a: "\\q-hunter2"',
            /^a.yaml:1: this is not YAML: Invalid escape sequence$/,
        ],
        ["a merge key for what is no map", `${configMap("  <<: 5")}`, "a.yaml:1: Merge sources must be maps"],
    ] as const)
        it(`refuses ${what}, with its line`, () => {
            expect(() => readManifests("a.yaml", text)).to.throw(message);
        });
});
