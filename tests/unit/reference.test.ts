import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import { parse } from "yaml";
import { parseConfig } from "../../config/parse.ts";
import { reference, type Row } from "../../config/reference.ts";
import { knownKeys, settingsSchema } from "../../config/schema.ts";
import { secretKeys } from "../../config/secrets.ts";
import { schemaAt } from "../../config/tree.ts";
import { generatedFiles } from "../../scripts/docs/config.ts";
import { examples } from "../../scripts/docs/examples.ts";
import { configuration, raw, root } from "../support/configuration.ts";
import { runCommands } from "../support/pulumiConfig.ts";

const entries = reference();
const rows: readonly Row[] = entries.flatMap(({ row, rows }) => [row, ...rows]);
const rowAt = (place: string) => rows.find((row) => row.path === place);

describe("the reference", () => {
    it("has every key, in the order of the schema", () => {
        expect(entries.map(({ key }) => key)).to.deep.equal(knownKeys);
    });

    it("says of everything what it is for", () => {
        expect(rows.filter(({ description }) => description === "").map((row) => row.path)).to.deep.equal([]);
    });

    it("names no place twice", () => {
        expect(new Set(rows.map((row) => row.path)).size).to.equal(rows.length);
    });

    it("gives types, forms, ranges and defaults", () => {
        expect(rowAt("environment")).to.deep.include({
            type: "one of `local`, `staging`, `production`",
            required: true,
            default: undefined,
        });
        expect(rowAt("gatewayApi.service.port")).to.deep.include({
            type: "integer, 1 to 65535",
            required: false,
            default: 8000,
        });
        expect(rowAt("gatewayApi.ingress.hosts[].host")).to.deep.include({
            type: "host name such as api.example.com (lower case, no scheme, no wildcard)",
            required: true,
        });
        expect(rowAt("gatewayApi.ingress.hosts[].paths")?.default).to.deep.equal([{ path: "/", pathType: "Prefix" }]);
        expect(rowAt("notificationWorker.resources.limits.ephemeral-storage")?.default).to.equal("256Mi");
        expect(rowAt("agentDashboard.autoscaling.enabled")?.default).to.equal(false);
        expect(rowAt("gatewayApi.autoscaling.enabled")?.default).to.equal(true);
        expect(rowAt("gatewayApi.env")).to.deep.include({ type: "map of strings or objects", default: {} });
        expect(rowAt("chartSecrets")?.type).to.equal("map of maps of strings");
    });

    it("gives defaults that hold: a stack that sets all of them is right and no other", () => {
        const config = configuration("production");
        const before = parseConfig(raw(config), { placeholders: false });
        for (const { key, row } of entries) {
            config[key] ??= row.default;
        }
        const given = Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined));
        expect(parseConfig(raw(given), { placeholders: false })).to.deep.equal(before);
    });
});

describe("generated files", () => {
    it("are those that are committed (npm run docs:config)", async () => {
        for (const [file, text] of Object.entries(await generatedFiles())) {
            expect(readFileSync(path.join(root, file), "utf8"), file).to.equal(text);
        }
    });

    it("show code as it is typed: only a bar has a backslash there", () => {
        const page = readFileSync(path.join(root, "docs/configuration.md"), "utf8");
        const spans = [...page.matchAll(/`[^`\n]+`/g)].map(([span]) => span);
        expect(spans).to.include("`*/5 * * * *`");
        expect(spans.filter((span) => /\\[^|"]|&lt;/.test(span))).to.deep.equal([]);
    });
});

describe("examples", () => {
    for (const [key, commands] of Object.entries(examples)) {
        it(`of ${key} set it, and leave the stack right`, () => {
            expect(knownKeys).to.include(key);
            for (const command of commands.filter((command) => / config set (?!--secret)/.test(command))) {
                const config = configuration("production");
                runCommands(config, command);
                expect(parseConfig(raw(config), { placeholders: false }).errors, command).to.deep.equal([]);
                expect(command).to.match(new RegExp(`[ ']${key}\\b`));
            }
        });
    }

    it("are there for every plain key", () => {
        const plain = entries.filter(({ secret }) => !secret).map(({ key }) => key);
        expect(Object.keys(examples)).to.include.members(plain);
    });
});

describe("Pulumi.yaml", () => {
    const project = parse(readFileSync(path.join(root, "Pulumi.yaml"), "utf8")) as {
        readonly main: string;
        readonly config: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
    };

    it("declares every key with its description, and leaves all errors to the program", () => {
        expect(Object.keys(project.config)).to.deep.equal(knownKeys);
        for (const [key, declaration] of Object.entries(project.config)) {
            const isSecret = (secretKeys as readonly string[]).includes(key);
            expect(declaration["description"], key).to.be.a("string").that.is.not.empty;
            expect(declaration["secret"], key).to.equal(isSecret ? true : undefined);
            // The CLI would stop at the first key of a wrong type, or without value and default.
            expect(declaration, key).to.have.property("default").and.not.to.have.property("type");
        }
    });

    it("has defaults that the program takes as nothing said", () => {
        const defaults = Object.entries(project.config).flatMap(([key, declaration]) =>
            "default" in declaration ? [[key, declaration["default"]]] : [],
        );
        const config = configuration("production");
        const merged = { ...(Object.fromEntries(defaults) as object), ...config };
        const options = { placeholders: false };
        expect(parseConfig(raw(merged), options)).to.deep.equal(parseConfig(raw(config), options));
    });

    it("names a program that is there", () => {
        expect(existsSync(path.join(root, project.main))).to.equal(true);
    });
});

describe("guides", () => {
    const pages = ["README.md", ...readdirSync(path.join(root, "docs")).map((file) => `docs/${file}`)];
    const textOf = (page: string) => readFileSync(path.join(root, page), "utf8");
    const manifest = JSON.parse(textOf("package.json")) as { readonly scripts: object };
    const makefile = textOf("Makefile");

    it("name every secret", () => {
        const names = [...textOf("docs/secrets.md").matchAll(/`(\w+)/g)].map(([, name]) => name);
        expect(names).to.include.members([...secretKeys]);
    });

    const places = pages.filter((file) => file.endsWith(".md"));

    /** Keys that commands of a page set, and names after `npm run` and `make`, that are not there. */
    function unknownNames(text: string): readonly string[] {
        const sets = text.matchAll(
            /pulumi config (?:set|rm) (?:--(?:stack|config-file) \S+ |--(?!stack|config-file)\w+ )*['"]?([A-Za-z][\w.[\]"/-]*)/g,
        );
        const keys = [...sets].map(([, key = ""]) => key);
        const scripts = [...text.matchAll(/npm run (?:-s |--silent )?([\w:-]+)/g)].map(([, name = ""]) => name);
        const targets = [...text.matchAll(/(?:^|`)make ([a-z]+)/gm)].map(([, name = ""]) => name);
        return [
            ...keys.filter((key) => !isKey(key)),
            ...scripts.filter((name) => !(name in manifest.scripts)),
            ...targets.filter((name) => !makefile.includes(`\n${name}: `)),
        ];
    }

    function isKey(key: string): boolean {
        const parts = [...key.matchAll(/\["([^"]+)"\]|[^.[\]]+/g)].map(([part, quoted]) => quoted ?? part);
        // What is below these has a form of its own: the chart's, or a secret's.
        const isOpen = key.startsWith("chart.values.") || (secretKeys as readonly string[]).includes(parts[0]!);
        return isOpen || schemaAt(settingsSchema, parts) !== undefined;
    }

    it("give commands with keys, scripts and targets that exist", () => {
        // The first example of an error is about a key that is misspelt.
        const found = places.flatMap((page) => unknownNames(textOf(page)));
        expect(found).to.deep.equal(["gatewayApi.replcaCount"]);
    });

    it("control: each that does not exist is found", () => {
        const text =
            "pulumi config set --path gatewayApi.replicas 3\n`npm run --silent none`\n`make none`\n" +
            "pulumi config set --path 'gatewayApi.podLabels[\"a/b\"]' x, `make up`, `npm run status`";
        expect(unknownNames(text)).to.deep.equal(["gatewayApi.replicas", "none", "none"]);
    });
});
