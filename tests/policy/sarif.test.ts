/** Reports in SARIF: as the standard's schema wants them, and as GitHub takes them. */
import path from "node:path";
import { Ajv } from "ajv";
import { expect } from "chai";
import schemaFile from "@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json" with { type: "json" };

import { FORMATS, type Located, type Outcome } from "../../policy-pack/formats.ts";
import { RULES } from "../../policy-pack/rules/index.ts";
import { goodStack, pick, reportOn, set } from "./stack.ts";

interface Result {
    readonly ruleId: string;
    readonly level: string;
    readonly locations: readonly {
        readonly physicalLocation: {
            readonly artifactLocation: { readonly uri: string };
            readonly region: { readonly startLine: number };
        };
    }[];
    readonly partialFingerprints: { readonly primaryLocationLineHash: string };
}
interface Log {
    readonly runs: readonly {
        readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
        readonly invocations: readonly { readonly toolExecutionNotifications: readonly unknown[] }[];
        readonly results: readonly Result[];
    }[];
}

// The schema is of an older draft, which differs from the library's in these two keys alone.
const schema = Object.fromEntries(Object.entries(schemaFile).filter(([key]) => key !== "$schema" && key !== "id"));
const isValid = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false }).compile(schema);

function outcomeOf(file: string, copies = 1): Outcome {
    const stack = goodStack();
    set(pick(stack, "Deployment"), ["spec", "template", "spec", "hostPID"], true);
    set(pick(stack, "Deployment"), ["spec", "template", "metadata", "labels", "checked"], "not a label!");
    const { findings, exempted } = reportOn(stack, { rules: { "object-shape": "advisory" } });
    expect(findings.map(({ level }) => level)).to.have.members(["mandatory", "advisory"]);
    const located = findings.map((finding): Located => ({ finding, file, line: 3 }));
    return { findings: Array.from({ length: copies }, () => located).flat(), exempted, objects: [], rules: 1 };
}
function logOf(outcome: Outcome): Log {
    return JSON.parse(FORMATS.sarif(outcome)) as Log;
}
function uriOf(file: string): string | undefined {
    const [result] = logOf(outcomeOf(file)).runs[0]?.results ?? [];
    return result?.locations[0]?.physicalLocation.artifactLocation.uri;
}

describe("a report in SARIF", function () {
    this.timeout(60_000);

    it("fits the schema of SARIF 2.1.0, which a wrong one does not", () => {
        const log = logOf(outcomeOf("a.yaml"));
        expect(isValid(log), JSON.stringify(isValid.errors)).to.equal(true);
        expect(isValid({ ...log, version: "2.0.0" })).to.equal(false);
        expect(isValid({ ...log, runs: [{ results: [] }] })).to.equal(false);
    });

    it("has every rule once, and each finding with its rule, level, file and line", () => {
        const [run] = logOf(outcomeOf("a.yaml")).runs;
        expect(run?.tool.driver.rules.map(({ id }) => id)).to.deep.equal(RULES.map(({ name }) => name));
        const results = run?.results.map(({ ruleId, level, locations }) => {
            const { artifactLocation, region } = locations[0]?.physicalLocation ?? {};
            return [ruleId, level, artifactLocation?.uri, region?.startLine];
        });
        expect(results).to.deep.equal([
            ["host-namespaces", "error", "a.yaml", 3],
            ["object-shape", "warning", "a.yaml", 3],
        ]);
    });

    it("tells findings apart that are alike, and gives each the same fingerprint in every run", () => {
        const prints = (): readonly string[] =>
            logOf(outcomeOf("a.yaml", 2)).runs[0]?.results.map(
                (it) => it.partialFingerprints.primaryLocationLineHash,
            ) ?? [];
        expect(new Set(prints()).size).to.equal(4);
        expect(prints()).to.deep.equal(prints());
    });

    it("keeps what GitHub takes at most, the mandatory findings first, and says how many are left out", () => {
        const log = logOf(outcomeOf("a.yaml", 13_000));
        const [run] = log.runs;
        expect(run?.results).to.have.length(25_000);
        expect(run?.results.filter(({ level }) => level === "error")).to.have.length(13_000);
        expect(JSON.stringify(run?.invocations[0]?.toolExecutionNotifications)).to.include(
            "1000 findings are left out",
        );
        expect(logOf(outcomeOf("a.yaml")).runs[0]?.invocations[0]?.toolExecutionNotifications).to.deep.equal([]);
    });

    for (const [file, uri] of [
        ["k8s/api.yaml", "k8s/api.yaml"],
        ["./k8s/../api.yaml", "api.yaml"],
        [path.resolve("k8s/api.yaml"), "k8s/api.yaml"],
        ["/srv/a b.yaml", "file:///srv/a%20b.yaml"],
        ["a:b#c?d é.yaml", "a%3Ab%23c%3Fd%20%C3%A9.yaml"],
        ["..data/a.yaml", "..data/a.yaml"],
        ["stdin", "stdin"],
    ] as const)
        it(`names ${file} as ${uri}`, () => expect(uriOf(file)).to.equal(uri));
});
