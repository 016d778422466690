/** What the policies find in routes of the Gateway API that are almost those of production. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import { parseAllDocuments } from "yaml";
import { check, type Finding } from "../../policy-pack/check.ts";
import { fromManifests } from "../../policy-pack/model/object.ts";
import { parseSettings } from "../../policy-pack/settings.ts";
import { goldenFile } from "../golden/render.ts";
import { type Body, set, TODAY } from "./stack.ts";

const root = path.resolve(import.meta.dirname, "../..");
const { kubernetes: config } = JSON.parse(readFileSync(path.join(root, "policy-config.json"), "utf8")) as {
    kubernetes: unknown;
};

const load = (name: string): readonly Body[] =>
    parseAllDocuments(readFileSync(goldenFile(name), "utf8")).map((document) => document.toJS() as Body);

describe("production with routes", () => {
    const stack = [...load("production").filter(({ kind }) => kind !== "Ingress"), ...load("production-gateway")];
    const findings = (bodies: readonly Body[]): readonly Finding[] =>
        check(fromManifests(bodies), parseSettings(config, TODAY, { environment: "production" })).findings;

    const annotations = ["metadata", "annotations", "cert-manager.io/cluster-issuer"];
    const mutants: Readonly<
        Record<string, readonly [name: string, place: readonly (string | number)[], value: unknown]>
    > = {
        "gateway-redirect": [
            "tradestream-gateway-api-api.tradestream.io",
            ["spec", "parentRefs", 0, "sectionName"],
            "http",
        ],
        "gateway-tls": ["tradestream-gateway", ["spec", "listeners", 1, "tls", "certificateRefs"], []],
        "ingress-issuer": ["tradestream-gateway", annotations, "letsencrypt-staging"],
        "route-backend": [
            "tradestream-gateway-api-api.tradestream.io",
            ["spec", "rules", 1, "backendRefs", 0, "port"],
            8001,
        ],
    };
    for (const [rule, [name, place, value]] of Object.entries(mutants))
        it(`breaks ${rule} with one value changed`, () => {
            const mutant = structuredClone(stack);
            const body = mutant.find(({ metadata }) => (metadata as { readonly name: string }).name === name);
            set(body, place, value);
            expect(findings(mutant).map((finding) => finding.rule)).to.deep.equal([rule]);
        });
});
