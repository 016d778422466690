/** `npm run set-image` on copies of the stack files. */
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect } from "chai";
import { setImage as set } from "../../scripts/set-image.ts";
import { root, stacks } from "../support/configuration.ts";

const digest = `sha256:${"0123456789abcdef".repeat(4)}`;
const name = "Pulumi.production.yaml";

describe("set-image", () => {
    const home = process.cwd();
    let directory: string;

    beforeEach(() => {
        directory = mkdtempSync(path.join(os.tmpdir(), "set-image-"));
        process.chdir(directory);
        for (const file of ["Pulumi.yaml", "policy-config.json", ...stacks.map((stack) => `Pulumi.${stack}.yaml`)])
            copyFileSync(path.join(root, file), file);
        symlinkSync(path.join(root, "charts"), "charts");
    });

    afterEach(() => {
        process.chdir(home);
        rmSync(directory, { recursive: true });
    });

    const read = () => readFileSync(name, "utf8");
    const setImage = (service: string, image: string) => set("production", service, image);
    function edit(from: string, to: string): void {
        expect(read()).to.contain(from);
        writeFileSync(name, read().replace(from, to));
    }
    /** Lines that a change takes away and adds. */
    function changes(before: string): readonly string[] {
        const [old, now] = [before.split("\n"), read().split("\n")];
        return [
            ...old.filter((line) => !now.includes(line)).map((line) => `-${line.trim()}`),
            ...now.filter((line) => !old.includes(line)).map((line) => `+${line.trim()}`),
        ];
    }
    /** Expects that a change is refused, and leaves all files as they were. */
    function refused(service: string, image: string, reason: string | RegExp): void {
        const [names, before] = [readdirSync("."), read()];
        expect(() => setImage(service, image)).to.throw(reason);
        expect(readdirSync(".")).to.have.members(names);
        expect(read()).to.equal(before);
    }

    it("pins a digest, and changes no other line; the second time nothing", () => {
        const before = read();
        expect(setImage("gateway-api", digest)).to.equal(
            `changed: gatewayApi.image in ${name}: digest unset -> ${digest}`,
        );
        expect(changes(before)).to.deep.equal([`+digest: ${digest}`]);
        expect(read().replace(`      digest: ${digest}\n`, "")).to.equal(before);
        const pinned = read();
        expect(setImage("gatewayApi", digest)).to.equal(`unchanged: gatewayApi.image in ${name}`);
        expect(read()).to.equal(pinned);
        expect(readdirSync(".").filter((file) => file.startsWith("."))).to.deep.equal([]);
    });

    it("sets a tag, without the digest that would win over it, and keeps comments", () => {
        edit("      tag: v1.0.0\n", `      tag: v1.0.0 # from the release\n      digest: ${digest}\n`);
        const before = read();
        setImage("gatewayApi", "1.10");
        expect(changes(before)).to.deep.equal([
            "-tag: v1.0.0 # from the release",
            `-digest: ${digest}`,
            '+tag: "1.10" # from the release',
        ]);
    });

    it("sets a whole reference, of a service that the file does not name too", () => {
        const image = "registry.example.com:5000/team/curl";
        edit("  tradestream:smokeTest:\n    enabled: true\n", "");
        setImage("smokeTest", `${image}:v2@${digest}`);
        const fields = `repository: ${image}\n      tag: v2\n      digest: ${digest}\n`;
        expect(read().endsWith(`  tradestream:smokeTest:\n    image:\n      ${fields}`)).to.equal(true);
    });

    it("quotes what Pulumi would take for another type", () => {
        for (const tag of ["2026-11-29", "1e3", "1_000", "yes"]) {
            setImage("gatewayApi", tag);
            expect(read()).to.contain(`      tag: "${tag}"\n`);
        }
    });

    for (const [what, image] of [
        ["a short digest", "sha256:0123"],
        ["a repository alone", "team/gateway-api"],
        ["what could be a tag or a repository", `v2@${digest}`],
        ["a bad digest of a reference", "team/gateway-api:v1@sha256:0123"],
        ["an upper-case repository", "Team/gateway-api:v1"],
        ["nothing", ""],
    ] as const)
        it(`refuses ${what}`, () => refused("gatewayApi", image, "is no image: give a digest"));

    it("refuses a configuration that is wrong", () => {
        edit("replicaCount: 2", "replicaCount: two");
        refused("agentDashboard", digest, /has 1 error; nothing was changed[^]*gatewayApi\.replicaCount/);
    });

    it("does not take an encrypted value for a missing one", () => {
        edit("    schedule:", '    telegramChatId: "4711"\n    schedule:');
        refused("gatewayApi", digest, "telegramBotToken is missing");
        edit("config:\n", "encryptionsalt: v1:x\nconfig:\n  tradestream:telegramBotToken:\n    secure: v1:abc\n");
        expect(setImage("gatewayApi", digest)).to.contain("changed:");
    });

    it("refuses an image that another service shares by an alias, and what is no map", () => {
        const image = (service: string) => `    image:\n      repository: tradestreamhq/${service}\n`;
        edit(image("gateway-api"), image("gateway-api").replace("image:", "image: &image"));
        edit(`${image("database-migration")}      tag: v1.0.0\n`, "    image: *image\n");
        refused("gatewayApi", digest, "an alias or a merge key is in the way");
        refused("databaseMigration", digest, "is not written as a map");
        writeFileSync(name, "config:\n  tradestream:gatewayApi: '{}'\n");
        refused("gatewayApi", digest, "is not written as a map");
    });

    it("tells a bot by its exit status what came of it", function () {
        this.timeout(60_000);
        const run = (...args: readonly string[]) => {
            const command = [path.join(root, "scripts/set-image.ts"), ...args];
            const { status, stdout, stderr } = spawnSync(process.execPath, command, { encoding: "utf8" });
            return { status, output: stdout + stderr };
        };
        expect(run("gateway-api", digest, "--stack", "production")).to.deep.equal({
            status: 0,
            output: `changed: gatewayApi.image in ${name}: digest unset -> ${digest}\n`,
        });
        expect(run("gatewayApi", digest, "--stack", "none"))
            .to.include({ status: 1 })
            .and.property("output")
            .match(/^error: there is no stack none/);
        expect(run("gateway", digest, "--stack", "production"))
            .to.include({ status: 2 })
            .and.property("output")
            .contain("Allowed choices are gatewayApi, gateway-api");
    });
});
