/** The start of program and policy pack: compiled code is kept in the home of this user, parts of the SDK load late. */
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";
import { parse } from "yaml";
import { compileCacheHome } from "../../local/home.ts";
import { root } from "../support/configuration.ts";

const run = promisify(execFile);
const manifest = parse(readFileSync(path.join(root, "Pulumi.yaml"), "utf8")) as {
    readonly runtime: { readonly options: { readonly nodeargs: string } };
};
const preload = manifest.runtime.options.nodeargs.split(" ");

describe("the compile cache", function () {
    this.timeout(30_000);
    let home: string;
    beforeEach(() => {
        home = mkdtempSync(path.join(os.tmpdir(), "start-test-"));
    });
    afterEach(() => rmSync(home, { recursive: true, force: true }));

    const environment = (): NodeJS.ProcessEnv => {
        const env: NodeJS.ProcessEnv = { ...process.env, TRADESTREAM_HOME: home };
        delete env["NODE_COMPILE_CACHE"];
        return env;
    };
    const expectCacheOnly = (): void => {
        const cache = path.basename(compileCacheHome());
        expect(readdirSync(home)).to.deep.equal([cache]);
        expect(readdirSync(path.join(home, cache), { recursive: true })).to.have.length.above(1);
    };

    it("of the program is in the home", async () => {
        const program = ["--input-type=module", "-e", 'await import("./config/index.ts");'];
        await run(process.execPath, [...preload, ...program], { cwd: root, env: environment() });
        expectCacheOnly();
    });

    it("of the policy pack is in the home", async () => {
        const program =
            'const pack = await import("./policy-pack/main.js"); await pack["module.exports"](); process.exit();';
        await run(process.execPath, ["--input-type=module", "-e", program], { cwd: root, env: environment() });
        expectCacheOnly();
    });

    it("does not stop a start where the home cannot be written", async () => {
        const env = { ...environment(), TRADESTREAM_HOME: "/dev/null" };
        const { stdout } = await run(process.execPath, [...preload, "-p", "'started'"], { cwd: root, env });
        expect(stdout).to.equal("started\n");
    });
});

describe("the SDK's hook for stack traces", function () {
    this.timeout(60_000);
    const file = "tests/fixtures/failing-program.ts";
    const start = async (...flags: string[]): Promise<{ hooked: boolean; stack: string }> => {
        const { stdout } = await run(process.execPath, [...flags, file], { cwd: root });
        return JSON.parse(stdout) as { hooked: boolean; stack: string };
    };

    it("is off, and an error names the file and line of its TypeScript all the same", async () => {
        const { hooked, stack } = await start(...preload);
        expect(hooked).to.equal(false);
        expect(stack).to.include(`${file}:13:`);
    });

    it("is on without the preload: the control", async () => {
        expect((await start()).hooked).to.equal(true);
    });
});

describe("the parts of the SDK that serialize functions", function () {
    this.timeout(30_000);
    const packages = ["typescript", "@npmcli/arborist"];
    const program = `
        const pulumi = require("@pulumi/pulumi");
        const paths = ${JSON.stringify(packages)}.map((name) => require.resolve(name));
        const waiting = () => paths.filter((file) => util.types.isProxy(require.cache[file].exports)).length;
        const before = waiting();
        const captured = require("typescript").SyntaxKind.Unknown;
        pulumi.runtime
            .serializeFunction(() => captured)
            .then(({ text }) => console.log(JSON.stringify({ before, after: waiting(), text })));
    `;
    const start = async (...flags: string[]): Promise<{ before: number; after: number; text: string }> => {
        const { stdout } = await run(process.execPath, [...flags, "-e", program], { cwd: root });
        return JSON.parse(stdout) as { before: number; after: number; text: string };
    };

    it("load late, and serialize as ever", async () => {
        const [late, ever] = [await start(...preload), await start()];
        expect(late.before).to.equal(packages.length);
        expect(late.after).to.be.below(packages.length);
        expect(ever).to.deep.include({ before: 0, after: 0 });
        expect(late.text).to.equal(ever.text).and.include("captured");
    });
});
