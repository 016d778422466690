/** Every command of the guides is run by a test, or listed with the reason why not. Those for stack files run here. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import { parseConfig } from "../../config/parse.ts";
import { type Config, configuration, raw, requiredSecrets, root } from "../support/configuration.ts";
import { blocksOf, isConfiguration, pages, shellBlock, shellBlocks, withValues } from "../support/guide.ts";
import { runWords } from "../support/pulumiConfig.ts";

/** Generated; tests/unit/reference.test.ts runs its commands one by one. */
const generated = "docs/configuration.md";

/** Blocks that no test takes from their page, by their first words, with the reason. */
const notRun: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    "README.md": { "make up ": "`make test` is what runs the tests; lifecycle.test.ts runs what `make up` does" },
    "docs/delivery.md": { "npm run --silent render": "golden.test.ts renders, compare.test.ts compares" },
    "docs/drills.md": { "npm run drill": "faults.test.ts and drain.test.ts run the drills on the stack local" },
    "docs/getting-started.md": {
        "curl --resolve": "a public name; https.test.ts asks for its own in the same way",
    },
    "docs/releases.md": { "gitsign verify-tag": "Sigstore, and signatures of the public npm registry" },
    "docs/secrets.md": {
        "npm run rotate": "rotation.test.ts rotates by the functions behind it",
        "kubectl create secret generic database-clients": "moves.test.ts makes the same Secret of its own certificates",
    },
    "policy-pack/README.md": {
        "(cd policy-pack && npm pack)":
            "installing asks the npm registry; package.test.ts links what is installed here",
        "npx tradestream-policy": "a chart and manifests of the reader; cli.test.ts gives its own to the same commands",
    },
};

/** Blocks that tests take from their page, as their sources say it. */
function taken(): ReadonlySet<string> {
    const files = readdirSync(path.join(root, "tests"), { recursive: true, encoding: "utf8" });
    const sources = files
        .filter((file) => file.endsWith(".ts"))
        .map((file) => readFileSync(path.join(root, "tests", file), "utf8"));
    const found = sources.flatMap((source) => {
        const page = /^const page = "([^"]*)";$/m.exec(source)?.[1] ?? "";
        const calls = source.matchAll(/\bshellBlock(s?)\(\s*(?:page|"([^"]*)"),\s*("[^"]*")/g);
        return [...calls].flatMap(([, all, file = page, text]) => {
            const words = JSON.parse(text!) as string;
            return all === "s" ? shellBlocks(file, words) : [shellBlock(file, words)];
        });
    });
    return new Set(found);
}

interface Block {
    readonly page: string;
    readonly text: string;
}

const blocks = pages
    .filter((page) => page !== generated)
    .flatMap((page) => blocksOf(page).map((text): Block => ({ page, text })));
const isListed = ({ page, text }: Block) => Object.keys(notRun[page] ?? {}).some((start) => text.startsWith(start));
const titleOf = ({ page, text }: Block) => `${page}: ${text.split(/\n| +#/)[0]}`;

describe("every command of the guides", () => {
    const run = [...taken()];
    const isRun = (text: string) => run.some((block) => block.includes(text));
    const missing = (given: readonly Block[]) =>
        given.filter((block) => !isConfiguration(block.text) && !isRun(block.text) && !isListed(block)).map(titleOf);

    it("is run by a test that takes it from its page, or listed with the reason why not", () => {
        expect(missing(blocks)).to.deep.equal([]);
    });

    it("would be missed: the control", () => {
        const added = { page: "docs/releases.md", text: "npm publish\n" };
        expect(missing([...blocks, added])).to.deep.equal(["docs/releases.md: npm publish"]);
    });

    it("is not listed where it is run, or is gone", () => {
        const idle = Object.entries(notRun).flatMap(([page, reasons]) =>
            Object.keys(reasons)
                .filter((start) => missing([{ page: "", text: shellBlock(page, start) }]).length === 0)
                .map((start) => `${page}: ${start}`),
        );
        expect(idle).to.deep.equal([]);
    });
});

/** What is typed, or comes from standard input, where a command has no value. */
const typed: Readonly<Record<string, string>> = {
    ...requiredSecrets,
    backupPassphrase: "passphrase-of-the-tests",
    backupAccessKey: "access-key-4711",
    backupSecretKey: "secret-key-4711",
    databaseUrl: "postgresql://app:p%40ss@db.example.com:5432/tradestream?sslmode=verify-full",
    "databaseUrls.gatewayApi": "postgresql://api:p@db.example.com:5432/tradestream?sslmode=verify-full",
    "databaseUrls.notificationWorker": "postgresql://worker:p@db.example.com:5432/tradestream?sslmode=verify-full",
    "databaseUrls.databaseMigration": "postgresql://owner:p@db.example.com:5432/tradestream?sslmode=verify-full",
    redisUrl: "rediss://:p%40ss@redis.example.com:6379/0",
    logAuthorization: "Bearer token-4711",
    "imagePullSecret.password": "pass-of-the-registry",
    "caBundle.pem": readFileSync(path.join(root, "tests/fixtures/authority.pem"), "utf8"),
    "chartSecrets.coinmarketcap.apiKey": "key-4711",
    'chartSecrets["influxdb-admin-secret"].admin-token': "token-4711",
    'chartSecrets["influxdb-admin-secret"].admin-password': "pass-4711",
};

/** Values for what the pages leave open. */
const values = {
    "<GatewayClass>": "traefik",
    "<name>": "shared",
    "<namespace>": "gateways",
    "<listener with TLS>": "https",
    "<listener of plain HTTP>": "http",
    "pass show registry": "printf pass-of-the-registry",
    ISSUER: "letsencrypt-prod",
};

/** What the text around a block has had done before it, by its first words. */
const earlier: Readonly<Record<string, string>> = {
    "pulumi config set --stack production --secret resendApiKey": Object.keys(requiredSecrets)
        .map((key) => `pulumi config rm ${key}`)
        .join("\n"),
    "pulumi config rm --path gatewayApi.ingress.annotations": `
        pulumi config set exposure both
        pulumi config set --path gateway.className traefik
        pulumi config set --path 'gateway.annotations["cert-manager.io/cluster-issuer"]' letsencrypt-prod`,
    "pulumi config set --path postgresExporter.enabled": "pulumi config set --path monitoring.enabled true",
    "pulumi config set --path monitoring.dashboards": "pulumi config set --path monitoring.enabled true",
    "pulumi config set --path smokeTest.enabled": "pulumi config set --path smokeTest.enabled false",
    "pulumi config set --secret --path databaseUrls.gatewayApi": "pulumi config set --secret databaseUrl",
    "pulumi config set --stack production --path authSecrets.create": "pulumi config rm resendApiKey",
    "pulumi config set --secret backupPassphrase": `
        pulumi config set --path backup.enabled true
        pulumi config set --path backup.s3.endpoint https://s3.eu-central-1.amazonaws.com
        pulumi config set --path backup.s3.bucket tradestream-backups
        pulumi config set --path backup.s3.region eu-central-1
        pulumi config set --path chart.values.postgresql.image.registry registry.example.com
        pulumi config set --path chart.values.postgresql.image.repository postgresql-pgbackrest
        pulumi config set --path chart.values.postgresql.image.tag --type string 17.11`,
};

/** Beside those that do nothing else. */
const alsoConfiguration: readonly Block[] = [
    {
        page: "docs/secrets.md",
        text: shellBlock("docs/secrets.md", "pulumi config set --stack production --path imagePullSecret.registry"),
    },
    {
        page: "docs/getting-started.md",
        text: shellBlock("docs/getting-started.md", "for service in gatewayApi agentDashboard"),
    },
];

/** What a shell makes of the commands of a block, with a `pulumi` that only prints its words. */
function commandsOf(block: string): readonly (readonly string[])[] {
    // It reads what is piped into it: what writes there would end with an error otherwise.
    const pulumi = "pulumi() { cat > /dev/null; printf '%s\\0' pulumi \"$@\"; printf '\\n\\0'; }; cp() { :; };";
    const said = execFileSync("bash", ["-euo", "pipefail", "-c", `${pulumi}\n${withFile(block)}`], {
        encoding: "utf8",
    });
    return said
        .split("\n\0")
        .slice(0, -1)
        .map((words) => words.split("\0").slice(0, -1));
}

/** The operator's file is not there: what it holds is among what is typed. */
const withFile = (block: string): string => block.replace("< company-ca.pem", "< /dev/null");

/** Runs a command on a configuration. A stack or file that it names is that of the test. */
function runOn(config: Config, words: readonly string[]): void {
    const named = words.findIndex((word) => word === "--stack" || word === "--config-file");
    const own = words.filter(
        (word, index) => word !== "--secret" && (named < 0 || (index !== named && index !== named + 1)),
    );
    const value = words[2] === "set" ? typed[own.at(-1)!] : undefined;
    runWords(config, [...own, ...(value === undefined ? [] : ["--", value])]);
}

describe("the configuration that the guides' commands make of the production stack", () => {
    const refused = (config: Config) =>
        parseConfig(raw(config), { placeholders: config["placeholderSecrets"] === "true" }).errors;

    const run = taken();
    const own = blocks.filter(({ text }) => isConfiguration(text) && !run.has(text));
    for (const block of [...own, ...alsoConfiguration])
        it(`is right after ${titleOf(block)}`, () => {
            const config = configuration("production");
            const first = Object.entries(earlier).filter(([start]) => block.text.startsWith(start));
            for (const command of first.flatMap(([, commands]) => commandsOf(commands))) runOn(config, command);
            const given = structuredClone(config);
            const inUse = Object.entries(values).filter(([name]) => block.text.includes(name));
            for (const command of commandsOf(withValues(block.text, Object.fromEntries(inUse))))
                // What is deployed or shown in between has to be right as well.
                if (command[1] === "config") runOn(config, command);
                else expect(refused(config), command.join(" ")).to.deep.equal([]);
            expect(refused(config)).to.deep.equal([]);
            expect(config).not.to.deep.equal(given);
        });

    it("would be found wrong: the control", () => {
        const config = configuration("production");
        runOn(config, commandsOf("pulumi config set --stack production --path gatewayApi.replicaCount two")[0]!);
        expect(refused(config)).to.have.length(1);
    });
});
