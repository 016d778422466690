import { readFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";

import { renew } from "../../policy-pack/catalogue.ts";
import { RULES } from "../../policy-pack/rules/index.ts";
import { coveredBy, UNION } from "../../policy-pack/union.ts";
import { PACK } from "./analyzer.ts";

/** How many rules each scanner's catalogue had when it was read. */
const SIZES: Readonly<Record<string, number>> = {
    "kube-linter": 63,
    "kube-score": 39,
    Polaris: 44,
    Kyverno: 38,
    Pulumi: 11,
};

describe("the union of all scanners", () => {
    const names = new Set(RULES.map((rule) => rule.name));

    for (const { name, rules } of UNION)
        describe(name, () => {
            it("is mapped as a whole", () => {
                expect(Object.keys(rules)).to.have.length(SIZES[name] ?? 0);
            });

            for (const [rule, ours] of Object.entries(rules))
                if ("leftOut" in ours)
                    it(`${rule} is left out for a reason`, () => {
                        expect(ours.leftOut).to.match(/^[A-Z].{30,}\.$/);
                    });
                else
                    it(`${rule} is covered by ${coveredBy(ours).join(", ")}`, () => {
                        expect(coveredBy(ours)).to.not.be.empty;
                        for (const own of coveredBy(ours)) expect(names).to.include(own);
                        if ("otherwise" in ours) expect(ours.otherwise).to.match(/^[A-Z].{20,}\.$/);
                    });
        });

    it("leaves out few", () => {
        const left = UNION.flatMap(({ rules }) => Object.values(rules)).filter((ours) => "leftOut" in ours);
        expect(left.length).to.be.at.most(13);
    });
});

describe("the README of the pack", () => {
    const readme = readFileSync(path.join(PACK, "README.md"), "utf8");

    it("has the catalogue that the rules give (npm run docs:policy)", () => {
        expect(renew(readme)).to.equal(readme);
    });

    it("names every rule", () => {
        for (const { name } of RULES) expect(readme).to.include(`#### \`${name}\``);
    });

    it("says that its generated part is missing, when it is", () => {
        expect(() => renew("# Nothing")).to.throw("the README needs the lines");
    });
});
