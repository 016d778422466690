/** Production with the agent for logs, under its own policies and the exemptions of docs/logging.md. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import { parseAllDocuments } from "yaml";
import { check } from "../../policy-pack/check.ts";
import { fromManifests } from "../../policy-pack/model/object.ts";
import { parseSettings } from "../../policy-pack/settings.ts";
import { goldenFile } from "../golden/render.ts";
import { root } from "../support/configuration.ts";
import { exemptions } from "../support/logging.ts";
import { type Body, set, TODAY } from "./stack.ts";

const { kubernetes } = JSON.parse(readFileSync(path.join(root, "policy-config.json"), "utf8")) as {
    kubernetes: { readonly exemptions: readonly object[] };
};
const load = (name: string): readonly Body[] =>
    parseAllDocuments(readFileSync(goldenFile(name), "utf8")).map((document) => document.toJS() as Body);

describe("production with the agent for logs", () => {
    const stack = [...load("production"), ...load("production-logging")];
    const findings = (bodies: readonly Body[], given: readonly object[], overrides?: object): readonly string[] => {
        const config = { ...kubernetes, exemptions: [...kubernetes.exemptions, ...given] };
        return check(fromManifests(bodies), parseSettings(config, TODAY, { environment: "production" }, overrides))
            .findings.filter(({ level }) => overrides === undefined || level === "mandatory")
            .map(({ rule, path: place }) => `${rule} ${place}`);
    };

    it("has no finding with the exemptions, and breaks nothing mandatory in the preset strict", () => {
        expect(stack.filter(({ kind }) => kind === "DaemonSet")).to.have.length(1);
        expect(findings(stack, exemptions())).to.deep.equal([]);
        expect(findings(stack, exemptions(), { preset: "strict" })).to.deep.equal([]);
    });

    it("needs each of them, and no other", () => {
        expect(findings(stack, [])).to.have.members([
            "host-path spec.template.spec.volumes[2].hostPath",
            "file-system-group spec.template.spec.securityContext.supplementalGroups[0]",
        ]);
    });

    it("would have a finding if a service mounted the same path", () => {
        const mutant = structuredClone(stack);
        const service = mutant.find(({ kind }) => kind === "Deployment");
        set(service, ["spec", "template", "spec", "volumes", 0], { name: "tmp", hostPath: { path: "/var/log/pods" } });
        expect(findings(mutant, exemptions())).to.deep.equal(["host-path spec.template.spec.volumes[0].hostPath"]);
    });
});
