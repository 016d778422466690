/** Production with alerts, under its own policies. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import { parseAllDocuments } from "yaml";
import { check } from "../../policy-pack/check.ts";
import { fromManifests } from "../../policy-pack/model/object.ts";
import { parseSettings } from "../../policy-pack/settings.ts";
import { goldenFile } from "../golden/render.ts";
import { root } from "../support/configuration.ts";
import { type Body, set, TODAY } from "./stack.ts";

const { kubernetes: config } = JSON.parse(readFileSync(path.join(root, "policy-config.json"), "utf8")) as {
    kubernetes: unknown;
};
const load = (name: string): readonly Body[] =>
    parseAllDocuments(readFileSync(goldenFile(name), "utf8")).map((document) => document.toJS() as Body);

describe("production with alerts", () => {
    const stack = [...load("production"), ...load("production-monitoring")];
    const findings = (bodies: readonly Body[]): readonly string[] =>
        check(fromManifests(bodies), parseSettings(config, TODAY, { environment: "production" })).findings.map(
            ({ rule, path }) => `${rule} ${path}`,
        );

    it("has both kinds of objects of the Prometheus operator", () => {
        expect(stack.filter(({ kind }) => /^(PrometheusRule|ServiceMonitor)$/.test(String(kind)))).to.have.length(2);
    });

    it("would have one with a ServiceMonitor that selects nothing", () => {
        const mutant = structuredClone(stack);
        const monitor = mutant.find(({ kind }) => kind === "ServiceMonitor");
        set(monitor, ["spec", "selector", "matchLabels", "app.kubernetes.io/component"], "gateway");
        expect(findings(mutant)).to.deep.equal(["service-monitor spec.selector"]);
    });
});
