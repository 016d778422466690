/** The short commands: which cluster and which state they mean, and what they forget. */
import { expect } from "chai";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { forget, whereItLives } from "../../local/local-state.ts";
import { target } from "../../local/target.ts";

const root = path.resolve(import.meta.dirname, "../..");

describe("the short commands", () => {
    let directory: string;
    let inherited: string | undefined;
    let file: string;
    before(() => {
        inherited = process.env["TRADESTREAM_STACKS"];
        directory = mkdtempSync(path.join(os.tmpdir(), "platform-test-"));
        process.env["TRADESTREAM_STACKS"] = directory;
        file = path.join(directory, "tradestream", "local.json");
        mkdirSync(path.dirname(file));
    });
    after(() => {
        if (inherited === undefined) delete process.env["TRADESTREAM_STACKS"];
        else process.env["TRADESTREAM_STACKS"] = inherited;
        rmSync(directory, { recursive: true });
    });

    /** A state with a provider that leads to the cluster of a context, or to one that it does not name. */
    function state(context?: string): void {
        const outputs = context === undefined ? {} : { __cluster: { uid: "u", context, server: "https://a:1" } };
        const type = "pulumi:providers:kubernetes";
        const urn = `urn:pulumi:local::tradestream::${type}::cluster`;
        const hidden = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "v1:x:y" };
        const resources = [
            { urn: "urn:pulumi:local::tradestream::a::b", type: "a", inputs: { hidden } },
            { urn, type, outputs },
        ];
        writeFileSync(file, JSON.stringify({ version: 3, deployment: { resources } }));
        writeFileSync(`${file}.bak`, "{}");
    }

    it("know where the stack lives without its passphrase", () => {
        expect(whereItLives()).to.equal("unknown");
        state();
        expect(whereItLives()).to.equal("unknown");
        state("tradestream-local");
        expect(whereItLives()).to.equal("here");
        state("mine");
        expect(whereItLives()).to.deep.equal({ context: "mine" });
    });

    it("forget the state with the copy of the one before, which holds its secrets as well", () => {
        state("tradestream-local");
        forget();
        expect([existsSync(file), existsSync(`${file}.bak`)]).to.deep.equal([false, false]);
    });

    it("keep a state of the stack local for each context, whatever its name, and one for all of other stacks", () => {
        const stacks = (...args: Parameters<typeof target>): string => target(...args).env["TRADESTREAM_STACKS"]!;
        const names = [undefined, "a", "b", "a/b", "..", "arn:aws:eks:eu-central-1:1:cluster/x"];
        const found = names.map((name) => stacks(name));
        expect(new Set(found).size).to.equal(names.length);
        expect(found[0]).to.equal(directory);
        for (const each of found.slice(1)) expect(path.dirname(each)).to.equal(directory);
        expect(stacks("a", "production")).to.equal(directory);
    });

    it("give a context's name to the shell as one word", () => {
        const name = `it's a, "b"; echo $HOME`;
        const env = { ...process.env, MAKEFLAGS: "", MAKELEVEL: "0" }; // these tests may be run by make
        const given = [`CONTEXT=${name.replace("$", "$$$$")}`, "STACK=a b"];
        const shown = execFileSync("make", ["-n", "preview", ...given], { cwd: root, env, encoding: "utf8" });
        const line = shown.split("\n").find((each) => each.includes("local/cli.ts"))!;
        const words = execFileSync("sh", ["-c", line.replace(/^\s*node/, 'printf "%s\\n"')], { encoding: "utf8" });
        expect(words.trimEnd().split("\n").slice(1)).to.deep.equal(["preview", "--stack", "a b", "--context", name]);
    });
});
