/** What production has with each part that it can be given, under its own policies. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import { parseAllDocuments } from "yaml";
import { check } from "../../policy-pack/check.ts";
import { fromManifests } from "../../policy-pack/model/object.ts";
import { parseSettings } from "../../policy-pack/settings.ts";
import { goldenFile, type Variant, variantNames } from "../golden/render.ts";
import { root } from "../support/configuration.ts";
import { exemptions } from "../support/logging.ts";
import { type Body, set, TODAY } from "./stack.ts";

const { kubernetes } = JSON.parse(readFileSync(path.join(root, "policy-config.json"), "utf8")) as {
    kubernetes: { readonly exemptions: readonly object[] };
};
const load = (name: string): readonly Body[] =>
    parseAllDocuments(readFileSync(goldenFile(name), "utf8")).map((document) => document.toJS() as Body);

/** The golden file has only what differs. */
function whole(name: Variant): readonly Body[] {
    const own = load(name);
    const keyOf = ({ kind, metadata }: Body): string => {
        const { namespace, name } = metadata as { readonly namespace?: string; readonly name: string };
        return [kind, namespace, name].join(" ");
    };
    const replaced = new Set(own.map(keyOf));
    const rest = load("production").filter(
        (body) => !replaced.has(keyOf(body)) && !(name === "production-gateway" && body["kind"] === "Ingress"),
    );
    return [...rest, ...own];
}

function findings(name: Variant, bodies: readonly Body[], overrides?: object): readonly string[] {
    const given = name === "production-logging" ? exemptions() : [];
    const config = { ...kubernetes, exemptions: [...kubernetes.exemptions, ...given] };
    return check(fromManifests(bodies), parseSettings(config, TODAY, { environment: "production" }, overrides))
        .findings.filter(({ level }) => overrides === undefined || level === "mandatory")
        .map(({ rule, path: place }) => `${rule} ${place}`);
}

for (const name of variantNames)
    describe(name, () => {
        const stack = whole(name);

        it("has no finding with its own configuration, and breaks nothing mandatory in the preset strict", () => {
            expect(findings(name, stack)).to.deep.equal([]);
            expect(findings(name, stack, { preset: "strict" })).to.deep.equal([]);
        });

        it("would have one if its last object were in the namespace default", () => {
            const mutant = structuredClone(stack);
            const last = mutant.findLast(({ metadata }) => Object.hasOwn(metadata as object, "namespace"));
            set(last, ["metadata", "namespace"], "default");
            expect(findings(name, mutant)).to.include("namespace-default metadata.namespace");
        });
    });
