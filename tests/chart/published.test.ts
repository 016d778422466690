/** The stack of docs/published-chart.md, with a chart of the published one's contract. */
import { expect } from "chai";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parse, parseAllDocuments } from "yaml";
import { check } from "../../policy-pack/check.ts";
import { fromManifests, type KubeObject } from "../../policy-pack/model/object.ts";
import { parseSettings } from "../../policy-pack/settings.ts";
import { render } from "../golden/render.ts";
import { configuration, parseStack, project, raw, root } from "../support/configuration.ts";
import { buildTimeout, helmBinary } from "./helm.ts";

const page = readFileSync(path.join(root, "docs/published-chart.md"), "utf8");
const fixture = "tests/fixtures/published-chart";
const namespace = "tradestream";

/** The text of the page's block of a language. */
function block(language: string): string {
    return new RegExp(`\`\`\`${language}\n([^]*?)\n\`\`\``).exec(page)![1]!;
}

type Chart = Readonly<Record<string, unknown>>;
const keys = Object.fromEntries(
    Object.entries((parse(block("yaml")) as { readonly config: object }).config).map(([key, value]) => [
        key.slice(project.length + 1),
        value as unknown,
    ]),
);
const { values, timeoutSeconds } = keys["chart"] as Chart;
const chartSecrets = {
    coinmarketcap: { apiKey: "key" },
    "influxdb-admin-secret": { "admin-token": "token", "admin-password": "password" },
};
const given = JSON.parse(block("json")) as { readonly parameters: object; readonly exemptions: readonly object[] };
const rules = block("text").split("\n");

describe("the published chart's stack", function () {
    this.timeout(buildTimeout);
    const directory = mkdtempSync(path.join(os.tmpdir(), "published-chart-"));
    const policies = path.join(directory, "policies.json");
    const stack = { ...keys, "policy.config": policies };
    let objects: readonly KubeObject[];
    const ofChart = (kind: string) => objects.filter((object) => object.kind === kind && object.release !== undefined);

    function policyConfig(exemptions: readonly object[]): Record<string, unknown> {
        const own = JSON.parse(readFileSync(path.join(root, "policy-config.json"), "utf8")) as {
            readonly kubernetes: { readonly exemptions: readonly object[] };
        };
        const all = [...own.kubernetes.exemptions, ...exemptions];
        return { ...own.kubernetes, parameters: given.parameters, exemptions: all };
    }

    before(async () => {
        process.env["HELM"] = await helmBinary();
        writeFileSync(policies, JSON.stringify({ kubernetes: policyConfig(given.exemptions) }));
        const change = { ...stack, chart: { path: fixture, values, timeoutSeconds }, chartSecrets };
        const text = await render("production", root, raw(configuration("production", change)));
        objects = text.split(/^---\n/m).flatMap((document) => {
            const [, release] = /^# release (\S+)/.exec(document) ?? [];
            return fromManifests(
                parseAllDocuments(document).map((each) => each.toJS() as unknown),
                namespace,
                release,
            );
        });
    });
    after(() => rmSync(directory, { recursive: true }));

    it("is accepted with the Secrets of the page, and names each that is missing", () => {
        expect(parseStack("production", { ...stack, chartSecrets }).errors).to.deep.equal([]);
        const missing = parseStack("production", stack).errors.map(({ key }) => key);
        const commands = [...block("sh").matchAll(/--path '?(\S+?)'?$/gm)].map(([, key]) => key!);
        expect(missing.map(plain)).to.have.members(commands.map(plain)).and.have.length(3);
    });

    it("has the names that the services look for, and nothing twice", () => {
        expect(ofChart("Service").map(({ name }) => name)).to.include.members([
            "tradestream-postgresql",
            "tradestream-redis-master",
        ]);
        const all = objects.map(({ kind, name }) => `${kind} ${name}`);
        expect(all).to.have.length(new Set(all).size);
        expect(
            objects.filter(({ kind }) => kind === "Job"),
            "the migration and the smoke test",
        ).to.have.length(2);
        const text = JSON.stringify(objects.map(({ body }) => body));
        expect(text).to.include("max_connections=200").and.include("PLAINTEXT").and.not.include("kafka-0-tls");
    });

    it("breaks no rule with the exemptions of the page, and needs each of them", () => {
        const found = (names: readonly string[]) => {
            const [example] = given.exemptions;
            const exemptions = names.map((rule) => ({ ...example, rule }));
            const settings = parseSettings(policyConfig(exemptions), "2026-11-21", { environment: "production" });
            const { findings } = check(objects, settings);
            return findings.filter(({ level, rule }) => level === "mandatory" || rule === "exemptions");
        };
        expect(found(rules).map(({ rule, object, message }) => `${rule} ${object.name} ${message}`)).to.deep.equal([]);
        const broken = found([]);
        expect([...new Set(broken.map(({ rule }) => rule))].sort()).to.deep.equal(rules);
        expect(broken.filter(({ object }) => object.release === undefined)).to.deep.equal([]);
    });
});

/** A path without the ways of writing it. */
function plain(key: string): string {
    return key
        .replaceAll(/\["|"\]/g, ".")
        .replaceAll("..", ".")
        .replace(/\.$/, "");
}
