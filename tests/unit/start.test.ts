/** How engine, program and policy pack start: with compiled code from where only its owner can have put it, and fast. */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";
import { parse } from "yaml";
import { compileCacheHome } from "../../local/home.ts";
import { root } from "../support/configuration.ts";

const manifest = parse(readFileSync(path.join(root, "Pulumi.yaml"), "utf8")) as {
    readonly runtime: { readonly options: { readonly nodeargs: string } };
};

describe("starts", () => {
    let home: string;
    let env: NodeJS.ProcessEnv;

    beforeEach(() => {
        home = mkdtempSync(path.join(os.tmpdir(), "engine-home-"));
        env = { ...process.env, TRADESTREAM_HOME: home };
        delete env["NODE_COMPILE_CACHE"];
    });

    afterEach(() => rmSync(home, { recursive: true, force: true }));

    const expectCacheOnly = (): void => {
        const cache = path.basename(compileCacheHome());
        expect(readdirSync(home)).to.deep.equal([cache]);
        const files = readdirSync(path.join(home, cache), { recursive: true });
        expect(files).to.have.length.above(1);
    };

    it("of the engine keep what Node.js compiles below the home, and nowhere else", async () => {
        const { stdout } = await promisify(execFile)(process.execPath, ["local/engine/main.js", "--help"], {
            cwd: root,
            env,
        });
        expect(stdout).to.include("preview");
        expectCacheOnly();
    });

    it("of the program by the official CLI do so too", async () => {
        const nodeArguments = manifest.runtime.options.nodeargs.split(" ");
        const program = ["--input-type=module", "-e", 'await import("./config.ts");'];
        await promisify(execFile)(process.execPath, [...nodeArguments, ...program], { cwd: root, env });
        expectCacheOnly();
    });

    it("of the program by the official CLI load what it uses, unless they are traced", async () => {
        const program = `
            import * as kubernetes from "@pulumi/kubernetes";
            import * as pulumi from "@pulumi/pulumi";
            import { createRequire } from "node:module";
            const { cache } = createRequire(import.meta.resolve("@pulumi/pulumi"));
            const loaded = (part) => Object.values(cache).some((entry) => entry.filename.includes(part) && entry.children.length > 0);
            console.log(loaded("/automation/"), loaded("/apps/v1/deployment"), typeof kubernetes.apps.v1.Deployment, loaded("/apps/v1/deployment"));`;
        const shown = async (more: NodeJS.ProcessEnv): Promise<string> => {
            const command = [...manifest.runtime.options.nodeargs.split(" "), "--input-type=module", "-e", program];
            const options = { cwd: root, env: { ...env, ...more } };
            return (await promisify(execFile)(process.execPath, command, options)).stdout.trim();
        };
        expect(await shown({})).to.equal("false false function true");
        expect(await shown({ TRACEPARENT: "00-1-1-01" })).to.equal("true false function true");
    });

    describe("keep compiled code", () => {
        /** Where a process keeps it that was started like the program; `none` for nowhere. */
        const place = async (more: NodeJS.ProcessEnv, shell = ""): Promise<string> => {
            const command = `${shell} exec "$0" ${manifest.runtime.options.nodeargs} -p 'require("node:module").getCompileCacheDir() ?? "none"'`;
            const options = { cwd: root, env: { ...env, ...more } };
            return (await promisify(execFile)("sh", ["-c", command, process.execPath], options)).stdout.trim();
        };

        it("where nobody else may write, whatever the umask", async () => {
            const made = path.join(home, "made");
            expect(await place({ TRADESTREAM_HOME: made }, "umask 0;")).to.include(path.join(made, "compiled"));
            for (const directory of [made, path.join(made, "compiled")])
                expect(statSync(directory).mode & 0o777, directory).to.equal(0o700);
        });

        for (const [who, mode] of Object.entries({ "their group": 0o770, everybody: 0o707 })) {
            it(`nowhere, where ${who} may write into what is there`, async () => {
                chmodSync(home, mode);
                expect(await place({})).to.equal("none");
                expect(readdirSync(home)).to.deep.equal([]);
            });
        }

        it("nowhere, where there is no home", async () => {
            expect(await place({ TRADESTREAM_HOME: "", HOME: "" })).to.equal("none");
            expect(await place({ TRADESTREAM_HOME: "/proc/none" })).to.equal("none");
        });
    });

    it("of the program leave it to others to say that the SDK is missing", async () => {
        cpSync(path.join(root, "start"), path.join(home, "start"), { recursive: true });
        const command = ["--import", "./start/index.js", "-p", "'started'"];
        const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: home, env });
        expect(stdout.trim()).to.equal("started");
    });

    it("of the policy pack do so although the engine kills it in the end", async () => {
        const runner = createRequire(import.meta.url).resolve("@pulumi/pulumi/cmd/run-policy-pack");
        const pack = spawn(process.execPath, [runner, "127.0.0.1:1", path.join(root, "policy-pack")], {
            env,
            stdio: ["ignore", "pipe", "inherit"],
        });
        const ended = once(pack, "close");
        try {
            const [port] = (await once(pack.stdout, "data")) as [Buffer];
            expect(Number(port)).to.be.above(0);
            // It prints its port before it has come back from loading the pack.
            const deadline = Date.now() + 20_000;
            while (readdirSync(home, { recursive: true }).length < 3 && Date.now() < deadline) {
                await new Promise((resolve) => setTimeout(resolve, 50));
            }
        } finally {
            pack.kill("SIGKILL");
            await ended;
        }
        expectCacheOnly();
    });
});
