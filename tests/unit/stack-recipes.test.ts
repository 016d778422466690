/** The commands of pages that set configuration, run on the stack files and read by the real parser. */
import { expect } from "chai";
import { parseConfig } from "../../config/parse.ts";
import type { Settings } from "../../config/schema.ts";
import { webServices } from "../../config/services/index.ts";
import { type Config, configuration, raw, type Stack } from "../support/configuration.ts";
import { shellBlocks, withValues } from "../support/guide.ts";
import { runCommands } from "../support/pulumiConfig.ts";

/** A configuration after those commands of a block that set plain values. */
function after(block: string, config: Config): Config {
    for (const line of block.split("\n").filter((line) => /^pulumi config (set|rm) (?!--secret)/.test(line)))
        runCommands(config, line.replace(/ --stack \S+/, "").replace(/\s+#.*/, ""));
    return config;
}

function parsed(config: Config): Settings {
    const { errors, settings } = parseConfig(raw(config), { placeholders: false });
    expect(errors).to.deep.equal([]);
    return settings!;
}

const hostsOf = (settings: Settings): readonly string[] =>
    webServices.flatMap((key) => settings[key].ingress.hosts.map(({ host }) => host));

/** Keys whose values differ between two trees. */
function differences(a: unknown, b: unknown, path = ""): readonly string[] {
    const isTree = (value: unknown): value is object => typeof value === "object" && value !== null;
    if (!isTree(a) || !isTree(b)) return a === b ? [] : [path];
    return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((key) =>
        differences(Reflect.get(a, key), Reflect.get(b, key), path === "" ? key : `${path}.${key}`),
    );
}

describe("the commands of docs/operations.md", () => {
    const [pullRequest = "", , region = ""] = shellBlocks(
        "docs/operations.md",
        "Another region, or a stack per pull request",
    );
    const uid = "0e7c1e0a-5b8f-4d2c-9a54-3f1d6c7b8e90";
    const read = '"$(kubectl --context us-cluster get namespace kube-system -o jsonpath={.metadata.uid})"';

    for (const [what, block, more] of [
        ["a pull request", pullRequest, ["namespace"]],
        ["a second region", withValues(region, { [read]: uid }), ["context", "clusterUid"]],
    ] as const)
        it(`make a stack for ${what} of a copied file: hosts of its own, and nothing else is another`, () => {
            const [, from = "", stack = ""] = /^cp Pulumi\.(.+)\.yaml Pulumi\.(.+)\.yaml$/m.exec(block) ?? [];
            expect(block).to.include(`pulumi stack init ${stack}\n`);
            const origin = parsed(configuration(from as Stack));
            const copy = parsed(after(block, configuration(from as Stack)));
            const shared = (settings: Settings) =>
                hostsOf(origin).filter((host) => JSON.stringify(settings).includes(`"${host}"`));
            expect(shared(copy)).to.deep.equal([]);
            expect(shared(origin), "the control").to.deep.equal(hostsOf(origin));
            expect(hostsOf(copy)).to.have.length(hostsOf(origin).length);
            for (const key of differences(origin, copy))
                expect(key).to.match(new RegExp(`^(${more.join("|")}|.*\\.(urls|origins|hosts)\\..*)$`));
            expect(differences(origin, copy)).to.include.members([...more]);
        });
});

describe("the commands of docs/logging.md", () => {
    it("send logs to Loki and to OpenSearch's Data Prepper", () => {
        const [loki = "", openSearch = ""] = shellBlocks("docs/logging.md", "Loki and OpenSearch");
        expect(parsed(after(loki, configuration("production"))).logging).to.deep.include({
            enabled: true,
            endpoint: "https://loki.example.com/otlp",
            headers: { "X-Scope-OrgID": "tradestream" },
        });
        expect(parsed(after(openSearch, configuration("production"))).logging).to.deep.include({
            enabled: true,
            endpoint: "https://data-prepper.example.com:21893",
            cidrs: ["10.30.0.0/16"],
        });
    });
});
