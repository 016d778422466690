/**
 * Whatever text it is given, the pack says what it found or why it cannot read it: no crash, no endless run, no secret in
 * what it says, and no object left out that kubectl sees. Texts are made of what YAML gives a meaning to.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect } from "chai";
import fc from "fast-check";

import { check } from "../../policy-pack/check.ts";
import { FORMATS } from "../../policy-pack/formats.ts";
import { ManifestError, readManifests, type Manifests } from "../../policy-pack/manifests.ts";
import { parseSettings } from "../../policy-pack/settings.ts";
import { decode } from "../../policy-pack/yaml.ts";
import { createReport } from "../../local/report.ts";
import { kubectlProgram } from "../../scripts/kubectl.ts";
import { plain, readByKubectl } from "./kubectl.ts";
import { TODAY } from "./stack.ts";

const CANARY = "cANARyhunter29f3bQz";
const strict = parseSettings({ preset: "strict", parameters: { issuers: ["x"], registries: ["y"] } }, TODAY);
/** Far above what any text of this size takes; processor time, so that a busy machine does not matter. */
const MOST_SECONDS = 2;

const scalar = fc.oneof(
    fc.constantFrom(
        ...["yes", "No", "~", "", "017", "0x1F", "1_000", "1e3", ".5", "-.inf", "1:30", "2024-01-01", "512m", "null"],
        ...["'it''s'", '"a\\n\\u00e4\\x41"', "!!str 5", "!!binary aGk=", "!custom x", "&a x", "*a", "&a {b: x}", "<<"],
        ...["|\n    a\n     b\n", ">-\n    a\n\n    b\n", "[a, [b], {c: d}]", "{a: 1, 'b': [~]}", "- a", "? a", "a: b"],
        ...["{<<: *a, c: y}", "{<<: {b: x}}", "# only a comment", "x # comment", "%", "@", "`", '"\\', "'", "[", "{"],
        ...[
            CANARY,
            `"${CANARY}"`,
            `'${CANARY}`,
            `|\n    ${CANARY}`,
            `password=${CANARY}`,
            `postgres://a:${CANARY}@db/x`,
        ],
    ),
    fc.string({ maxLength: 8, unit: "binary" }),
);
const key = fc.constantFrom("a", "b", "on", "7", "<<", "? a\n  ", '"q"', "password", "DB_PASS", "hostNetwork", "1.5");
const map = fc
    .array(fc.tuple(key, scalar), { maxLength: 5 })
    .map((pairs) => pairs.map(([name, value]) => `  ${name}: ${value}\n`).join(""));
const flow = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.stringify(value));

const object = fc
    .record({
        head: fc.constantFrom(
            "apiVersion: v1\nkind: ConfigMap\n",
            "apiVersion: v1\nkind: Secret\n",
            "apiVersion: v1\nkind: Pod\n",
            "apiVersion: apps/v1\nkind: Deployment\n",
            "apiVersion: v1\nkind: List\n",
            "apiVersion: v1\nkind: ConfigMapList\n",
            "kind: Ingress\napiVersion: networking.k8s.io/v1\n",
        ),
        metadata: fc.constantFrom(
            "metadata: {name: a, namespace: shop}\n",
            "metadata:\n  name: a\n",
            "metadata: &a {name: a}\n",
        ),
        field: fc.constantFrom("data", "stringData", "spec", "items", "'x y'"),
        content: fc.oneof(
            map.map((text) => `\n${text}`),
            flow.map((text) => ` ${text}\n`),
            fc.array(scalar, { maxLength: 3 }).map((list) => `\n${list.map((item) => `- ${item}\n`).join("")}`),
        ),
    })
    .map(({ head, metadata, field, content }) => `${head}${metadata}${field}:${content}`);
const json = fc
    .dictionary(fc.constantFrom("a", "}", "b"), fc.jsonValue({ maxDepth: 2 }))
    .map((data) => JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" }, data }));
const separator = fc.constantFrom(
    "---\n",
    "---\n---\n",
    "--- # comment\n",
    "...\n---\n",
    "# comment\n---\n",
    "\n---\n\n",
    "...\n",
);
const manifest = fc
    .record({
        start: fc.constantFrom("", "---\n", "\uFEFF", "# comment\n", "%YAML 1.1\n---\n", "\n\n"),
        parts: fc.array(fc.tuple(fc.oneof({ weight: 4, arbitrary: object }, json), separator), {
            minLength: 1,
            maxLength: 4,
        }),
        isWindows: fc.boolean(),
    })
    .map(({ start, parts, isWindows }) => {
        const text = start + parts.map(([part, end]) => `${part}\n${end}`).join("");
        return isWindows ? text.replaceAll("\n", "\r\n") : text;
    });
/** A manifest with some of it cut out, and something else there. */
const damage = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.nat(6),
    insert: fc.oneof(
        fc.constantFrom(
            ...["\n", "  ", "\t", "---\n", "...", "- ", ": ", "? ", "'", '"', "{", "}", "[", "]", ",", "|", ">"],
        ),
        fc.constantFrom("&a ", "*a", "!!", "%", "#", "<<: ", "\u0000", "\u2028", "\uFEFF", "\r", "\u0085", CANARY),
        fc.string({ maxLength: 3, unit: "binary" }),
    ),
});
const damaged = fc.tuple(manifest, fc.array(damage, { minLength: 1, maxLength: 4 })).map(([text, damages]) =>
    damages.reduce((whole, { at, length, insert }) => {
        const place = Math.floor(at * whole.length);
        return whole.slice(0, place) + insert + whole.slice(place + length);
    }, text),
);
const text = fc.oneof(
    manifest,
    damaged,
    damaged,
    fc.string({ unit: "binary" }),
    fc.array(scalar).map((list) => list.join("\n")),
);

/** The manifests of a text; as a message, why they cannot be read. */
function read(source: string): Manifests | string {
    try {
        return readManifests("a.yaml", decode(Buffer.from(source)));
    } catch (error) {
        // Anything else is a crash.
        if (!(error instanceof ManifestError)) throw error;
        return error.message;
    }
}

/** Everything that a run says, in each format. */
function everything(manifests: Manifests): string {
    const { objects, file, lineOf } = manifests;
    const { findings, exempted } = check(objects, strict);
    const located = findings.map((finding) => ({ finding, file, line: lineOf(finding.object, finding.path) }));
    const outcome = { findings: located, exempted, objects, rules: 1 };
    return Object.values(FORMATS)
        .map((format) => format(outcome, process.stdout))
        .join("\n");
}

/** Whether the text stands in what a report has to name: the object, or a key on the way to a field. */
function isNamed(value: unknown, key = ""): boolean {
    if (key.includes(CANARY)) return true;
    if (typeof value === "string")
        return /^(name|generateName|namespace|kind|apiVersion)$/.test(key) && value.includes(CANARY);
    return (
        typeof value === "object" && value !== null && Object.entries(value).some(([name, item]) => isNamed(item, name))
    );
}

describe("for any text, the policy pack", function () {
    this.timeout(300_000);

    it("says what it found or why it cannot read it, without a secret, and comes to an end", () => {
        let [checked, refused] = [0, 0];
        fc.assert(
            fc.property(text, (source) => {
                const start = process.cpuUsage();
                const manifests = read(source);
                if (typeof manifests === "string") {
                    refused++;
                    expect(manifests)
                        .to.match(/^a\.yaml:\d+: /)
                        .and.not.include(CANARY);
                } else {
                    checked++;
                    const said = everything(manifests);
                    if (!manifests.objects.some(({ body }) => isNamed(body))) expect(said).to.not.include(CANARY);
                }
                const { user, system } = process.cpuUsage(start);
                expect((user + system) / 1e6).to.be.below(MOST_SECONDS);
            }),
            { numRuns: 600 },
        );
        // Neither half of the property is empty.
        expect(Math.min(checked, refused)).to.be.greaterThan(50);
    });

    const start = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: shop}\n";
    const pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: a, env: [";
    const many = (count: number, part: (index: number) => string): string =>
        Array.from({ length: count }, (_, index) => part(index)).join("");
    /** Texts of a number of parts that took the square of it. */
    const growing: Readonly<Record<string, (parts: number) => string>> = {
        "objects of JSON": (parts) =>
            many(parts / 4, (i) => `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a${i}"}}`),
        anchors: (parts) => `${start}data:\n${many(parts, (i) => `  a${i}: &a${i} x\n  b${i}: *a${i}\n`)}`,
        "one alias": (parts) => `${start}data:\n  a: &a x\n${many(parts, (i) => `  a${i}: *a\n`)}`,
        "spaces in a line": (parts) => `${start}data:\n  a: |\n    a=x${" ".repeat(parts * 20)}y\n    b=c\n`,
        "what may become a URL": (parts) => `${start}data: {a: "${"a.".repeat(parts * 20)}"}\n`,
        "errors in one object": (parts) => `${pod}${"{nme: V},".repeat(parts / 4)}]}]}\n`,
    };
    for (const [what, textOf] of Object.entries(growing))
        it(`takes four times as long for four times as many ${what}, and not sixteen times`, () => {
            const seconds = (parts: number): number => {
                const source = textOf(parts);
                const begin = process.cpuUsage();
                const manifests = read(source);
                if (typeof manifests !== "string") everything(manifests);
                const { user, system } = process.cpuUsage(begin);
                return user + system;
            };
            for (const parts of [500, 500, 500]) seconds(parts);
            // What else the machine does makes some of them longer.
            const few = Math.max(seconds(2000), seconds(2000));
            const most = Math.min(seconds(8000), seconds(8000));
            expect(most / few).to.be.below(9);
        });

    it("refuses a text that is nested more than 500 levels deep, with the line, and no less deep one", () => {
        const flow = (depth: number): string => `${start}data: ${"{a: ".repeat(depth)}x${"}".repeat(depth)}\n`;
        const block = (depth: number): string => `${start}data:\n${many(depth, (i) => `${" ".repeat(i + 1)}a:\n`)}`;
        for (const textOf of [flow, block]) {
            expect(read(textOf(1000))).to.match(/^a\.yaml:\d+: .*nested more than 500 levels deep$/);
            const manifests = read(textOf(450));
            expect(manifests).to.have.nested.property("objects.length", 1);
            if (typeof manifests !== "string") everything(manifests);
        }
    });

    for (const [what, brackets] of [
        ["closes", "["],
        ["opens", "]\n"],
    ] as const)
        it(`refuses 1.9 MB of brackets that nothing ${what} at once`, () => {
            const source = `a:\n  ${brackets.repeat(1_900_000 / brackets.length)}\n`;
            const begin = process.cpuUsage();
            expect(read(source)).to.match(/^a\.yaml:2: this is not YAML/);
            const { user, system } = process.cpuUsage(begin);
            expect((user + system) / 1e6).to.be.below(MOST_SECONDS);
        });

    for (const [what, part] of [
        ["tags", "!!a "],
        ["escapes that YAML does not have", "\\q"],
    ] as const)
        it(`refuses a text of many ${what}, an error each, within the time for a list of this length`, () => {
            const seconds = (source: string): number => {
                const begin = process.cpuUsage();
                read(source);
                const { user, system } = process.cpuUsage(begin);
                return user + system;
            };
            const many = (repeated: string): string => repeated.repeat(600_000 / repeated.length);
            const wrong = part.startsWith("!") ? `a: ${many(part)}` : `a: "${many(part)}"`;
            expect(read(wrong)).to.match(/^a\.yaml:1: this is not YAML/);
            expect(seconds(wrong)).to.be.below(seconds(many("- x\n")));
        });

    it("names the line of a bracket too much, also where no document is left that it could belong to", () => {
        expect(read(`${start}---\n}\n`)).to.match(/^a\.yaml:5: this is not YAML/);
    });

    it("refuses a text whose aliases stand for too much, and no more than that", () => {
        const nested = many(9, (i) => `a${i + 1}: &a${i + 1} [${`*a${i},`.repeat(9)}]\n`);
        expect(read(`${start}a0: &a0 x\n${nested}`)).to.contain("aliases stand for more than");
        expect(read(`${start}data:\n  a: &a x\n${many(5000, (i) => `  a${i}: *a\n`)}`)).to.have.property("objects");
        expect(read(`${start}data: &a {b: *a}\n`)).to.contain("an alias stands for no value before it");
    });

    it("reads the objects that kubectl reads, or refuses the text", async () => {
        const kubectl = await kubectlProgram(createReport());
        const directory = mkdtempSync(path.join(os.tmpdir(), "policy-text-"));
        const file = path.join(directory, "a.yaml");
        let compared = 0;
        try {
            fc.assert(
                fc.property(fc.oneof(manifest, damaged), (source) => {
                    const manifests = read(source);
                    if (typeof manifests === "string") return;
                    writeFileSync(file, source);
                    const wanted = readByKubectl(kubectl, file);
                    if (wanted === undefined) return;
                    compared++;
                    // There may be more: kubectl reads nothing behind `...`, where another document may begin.
                    const found = manifests.objects.map(({ body }) => plain(body));
                    expect(found).to.deep.include.members([...wanted]);
                    expect(found.length).to.be.at.least(wanted.length);
                }),
                { numRuns: 50 },
            );
        } finally {
            rmSync(directory, { recursive: true });
        }
        expect(compared).to.be.greaterThan(3);
    });
});
