/** A new service takes a file with its schema and a name in the table of services; all else follows. */
import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { expect } from "chai";
import type { ConfigError } from "../../config/errors/index.ts";
import type { Parsed, ParseOptions, RawConfig } from "../../config/parse.ts";
import { type Change, configuration, raw, root } from "../support/configuration.ts";

const run = promisify(execFile);

const marketData = `import { z } from "../zod.ts";
import type { Service } from "./service.ts";
import { webService } from "./web.ts";
import * as workload from "./workload.ts";

export const marketData = {
    name: "market-data",
    kind: "web",
    uses: ["redis"],
    schema: z
        .strictObject(
            webService({
                repository: "tradestreamhq/market-data",
                port: 8080,
                uid: 10001,
                requests: ["100m", "128Mi"],
                limits: ["200m", "256Mi"],
                liveness: workload.probe("/health", { initialDelay: 5, period: 10, timeout: 5 }),
                readiness: workload.probe("/ready", { initialDelay: 3, period: 5, timeout: 3 }),
                autoscaled: true,
            }),
        )
        .prefault({})
        .describe("market-data: quotes"),
    variables: { REDIS_URL: "redis" },
} as const satisfies Service;
`;

describe("the service market-data, added to the table", function () {
    this.timeout(120_000);
    let copy: string;
    let parse: (raw: RawConfig, options: ParseOptions) => Parsed;

    const errors = (change: Change): readonly ConfigError[] =>
        parse(raw(configuration("production", structuredClone(change))), { placeholders: false }).errors;
    const errorOf = (key: string, change: Change) => errors(change).find((error) => error.key === key);
    const served = {
        "marketData.ingress": {
            hosts: [{ host: "quotes.tradestream.io" }],
            tls: [{ secretName: "quotes-tls", hosts: ["quotes.tradestream.io"] }],
        },
    };

    function writeService(text: string): void {
        writeFileSync(path.join(copy, "config/services/market-data.ts"), text);
    }

    before(async () => {
        copy = mkdtempSync(path.join(os.tmpdir(), "tradestream-config-"));
        cpSync(path.join(root, "config"), path.join(copy, "config"), { recursive: true });
        for (const name of ["node_modules", "policy-pack"]) symlinkSync(path.join(root, name), path.join(copy, name));
        const options = { extends: path.join(root, "tsconfig.json"), include: ["config"] };
        writeFileSync(path.join(copy, "tsconfig.json"), JSON.stringify(options));
        writeFileSync(path.join(copy, "package.json"), JSON.stringify({ type: "module" }));
        writeService(marketData);
        const table = path.join(copy, "config/services/index.ts");
        const text = readFileSync(table, "utf8")
            .replace("    databaseMigration,\n", "    databaseMigration,\n    marketData,\n")
            .replace("import { notif", 'import { marketData } from "./market-data.ts";\nimport { notif');
        writeFileSync(table, text);
        const parser = (await import(pathToFileURL(path.join(copy, "config/parse.ts")).href)) as {
            readonly parseConfig: typeof parse;
        };
        parse = parser.parseConfig;
    });

    after(() => rmSync(copy, { recursive: true, force: true }));

    it("is configured with its defaults", () => {
        const { settings, errors } = parse(raw(configuration("production", served)), { placeholders: false });
        expect(errors).to.deep.equal([]);
        expect(settings).to.have.nested.property("marketData.service.port", 8080);
    });

    it("obeys the rules of every web service", () => {
        expect(errorOf("marketData.ingress.hosts", {})?.problem).to.include("is empty");
        expect(errorOf("marketData.autoscaling.minReplicas", { ...served, "marketData.autoscaling.minReplicas": 1 }))
            .to.have.property("problem")
            .that.includes("production needs 2 or more");
        expect(
            errorOf("marketData.env.REDIS_URL", { ...served, "marketData.env.REDIS_URL": "redis://x" }),
        ).to.not.equal(undefined);
        const shared = { ...served, "marketData.ingress.hosts[0].host": "api.tradestream.io" };
        expect(errorOf("marketData.ingress.hosts[0].host", shared)).to.not.equal(undefined);
    });

    it("is left to the program by the chart", () => {
        expect(errorOf("chart.values.marketData", { ...served, "chart.values.marketData.enabled": true })).to.not.equal(
            undefined,
        );
    });

    it("is checked by the compiler: a schema that lacks what the rules read does not compile", async () => {
        const compile = () =>
            run(process.execPath, [path.join(root, "node_modules/typescript/bin/tsc"), "--noEmit"], { cwd: copy });
        await compile();
        writeService(marketData.replace('kind: "web"', 'kind: "cronJob"'));
        const output = await compile().then(
            () => "",
            (error: { readonly stdout: string }) => error.stdout,
        );
        expect(output).to.include("config/services/market-data.ts").and.include("schedule");
    });
});
