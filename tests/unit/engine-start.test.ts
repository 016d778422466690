/** How the engine starts: with compiled code from where only its owner can have put it. */
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";
import { compileCacheHome } from "../../local/home.ts";
import { root } from "../support/configuration.ts";

describe("the engine's start", () => {
    let home: string;

    beforeEach(() => {
        home = mkdtempSync(path.join(os.tmpdir(), "engine-home-"));
    });

    afterEach(() => rmSync(home, { recursive: true, force: true }));

    it("keeps what Node.js compiles below the home, and nowhere else", async () => {
        const env = { ...process.env, TRADESTREAM_HOME: home };
        const { stdout } = await promisify(execFile)(process.execPath, ["local/engine/main.js", "--help"], {
            cwd: root,
            env,
        });
        expect(stdout).to.include("preview");
        expect(readdirSync(home)).to.deep.equal([path.basename(compileCacheHome())]);
        expect(readdirSync(path.join(home, path.basename(compileCacheHome())))).not.to.deep.equal([]);
    });
});
