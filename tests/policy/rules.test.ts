import { expect } from "chai";

import type { Finding } from "../../policy-pack/check.ts";
import { RULES } from "../../policy-pack/rules/index.ts";
import type { Changes } from "./rules/cases.ts";
import { stackOf, TABLES } from "./rules/tables.ts";
import { goodStack, reportOn, type Body } from "./stack.ts";

const RUN_RULES = new Set(RULES.filter((rule) => rule.scope === "run").map((rule) => rule.name));

/** Rules that have a test file of their own, as they need more than objects. */
const ELSEWHERE: Readonly<Record<string, string>> = {
    "unknown-values": "check.test.ts",
    exemptions: "check.test.ts",
    "release-render": "wire.test.ts",
    "secret-in-release-values": "check.test.ts",
    "stateful-protected": "check.test.ts",
};

function findings(
    rule: string,
    wanted: string,
    changes: Changes,
): { found: readonly Finding[]; pod: string; target: Body } {
    const { stack, target, pod } = stackOf(wanted, changes);
    // Only the one rule runs: there are too many tests for all rules in each.
    const rules = Object.fromEntries(RULES.filter(({ name }) => name !== rule).map(({ name }) => [name, "disabled"]));
    // What the run itself finds comes from the reads of all rules.
    const config = RUN_RULES.has(rule) ? {} : { rules };
    const report = reportOn(stack, { preset: "strict", ...config, ...changes.config });
    return { found: report.findings.filter((f) => f.rule === rule && f.object.body === target), pod, target };
}

for (const table of TABLES)
    describe(`rule ${table.rule}`, () => {
        for (const kind of table.on) {
            for (const broken of table.breaks)
                it(`${kind}: ${broken.says}, at ${broken.at}, ${JSON.stringify(broken.set)}`, () => {
                    const { found, pod } = findings(table.rule, kind, broken);
                    const path = broken.at.replace(/^pod:/, `${pod}spec.`).replace(/^meta:/, `${pod}metadata.`);
                    expect(found.map(({ path, message }) => `${path}: ${message}`)).to.include(
                        `${path}: ${broken.says}`,
                    );
                });
            for (const kept of table.keeps)
                it(`${kind}: fine with ${JSON.stringify(kept)}`, () => {
                    const { found } = findings(table.rule, kind, kept);
                    expect(found.map(({ path, message }) => `${path}: ${message}`)).to.deep.equal([]);
                });
        }
    });

describe("the rules", () => {
    it("all have tests with breaches and with objects that just pass", () => {
        const tested = new Set(TABLES.filter((t) => t.breaks.length > 0).map((t) => t.rule));
        const passing = new Set(TABLES.filter((t) => t.keeps.length > 0).map((t) => t.rule));
        const missing = RULES.map((rule) => rule.name).filter(
            (name) => !(tested.has(name) && passing.has(name)) && ELSEWHERE[name] === undefined,
        );
        expect(missing).to.deep.equal([]);
    });

    it("are tested on every kind that they apply to", () => {
        const gaps = RULES.flatMap((rule) => {
            if (rule.scope !== "object" || rule.kinds === undefined || ELSEWHERE[rule.name] !== undefined) return [];
            const kinds = new Set(
                TABLES.filter((t) => t.rule === rule.name).flatMap((t) => t.on.map((on) => on.split("/")[0])),
            );
            return rule.kinds.filter((kind) => !kinds.has(kind)).map((kind) => `${rule.name}: ${kind}`);
        });
        expect(gaps).to.deep.equal([]);
    });

    it("have names of their own, in kebab case, that are those of their files", () => {
        const names = RULES.map((rule) => rule.name);
        expect(new Set(names).size).to.equal(names.length);
        for (const name of names) expect(name).to.match(/^[a-z]+(-[a-z]+)*$/);
    });

    it("say why, how to fix it and where to read on, in whole sentences", () => {
        for (const rule of RULES) {
            expect(rule.why, rule.name).to.match(/^[A-Z/].*[.]$/s);
            expect(rule.fix, rule.name).to.match(/^[A-Z].*[.]$/s);
            expect(rule.title, rule.name).to.match(/^[A-Z/].*[^.]$/s);
            expect(rule.link, rule.name).to.match(/^https:\/\//);
        }
    });

    it("grow no milder from preset to preset", () => {
        const rank = ["disabled", "advisory", "mandatory"];
        for (const { name, levels } of RULES) {
            const ranks = levels.map((level) => rank.indexOf(level));
            expect(ranks, name).to.deep.equal([...ranks].sort());
        }
    });

    it("have nothing against the good stack, at any preset", () => {
        for (const preset of ["baseline", "recommended", "strict"]) {
            const mandatory = reportOn(goodStack(), { preset }).findings.filter((f) => f.level === "mandatory");
            expect(mandatory.map((f) => `${f.rule} ${f.path}`)).to.deep.equal([]);
        }
        expect(reportOn(goodStack(), {}).findings.map((f) => `${f.rule} ${f.path}`)).to.deep.equal([]);
    });
});
