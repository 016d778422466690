import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect } from "chai";
import { tools, toolNames } from "../../local/tools/catalogue.ts";
import { isOlder, linkerFlags, moduleDirectory, proxiesOnly, toolVersion } from "../../local/tools/go.ts";
import { withLock } from "../../local/tools/lock.ts";

describe("the tools' catalogue", () => {
    for (const name of toolNames) {
        it(`knows the version of ${name} from its go.mod`, () => {
            expect(toolVersion(tools[name])).to.match(/^v\d/);
        });
    }

    it("names one release of Kubernetes throughout: the replaced modules fit the main one", () => {
        const text = readFileSync(path.join(moduleDirectory("kubernetes"), "go.mod"), "utf8");
        const release = toolVersion(tools.kubelet).replace(/^v1\./, "v0.");
        const replaced = [...text.matchAll(/^replace (k8s\.io\/\S+) => (\S+) (\S+)$/gm)];
        expect(replaced).to.have.length.above(30);
        for (const [, from, to, version] of replaced) expect([to, version]).to.deep.equal([from, release]);
    });

    it("tells Kubernetes programs their version, without which clients refuse them", () => {
        expect(linkerFlags(tools["kube-apiserver"])).to.match(/gitVersion=v1\.\d+\.\d+ .*gitMajor=1 .*gitMinor=\d+/);
    });
});

describe("Go's settings", () => {
    it("compares versions by number", () => {
        expect(isOlder("go1.26.8", "1.26.6")).to.equal(false);
        expect(isOlder("go1.9.1", "1.26.0")).to.equal(true);
        expect(isOlder("go1.26", "1.26.0")).to.equal(false);
        expect(isOlder("go1.26rc1", "1.27.0")).to.equal(true);
    });

    it("asks module proxies alone, unless there is none", () => {
        expect(proxiesOnly("https://proxy.example,direct")).to.equal("https://proxy.example");
        expect(proxiesOnly("https://a.example|https://b.example|direct")).to.equal(
            "https://a.example,https://b.example",
        );
        expect(proxiesOnly("direct")).to.equal("direct");
    });
});

describe("a lock between processes", () => {
    let directory = "";
    before(() => {
        directory = mkdtempSync(path.join(os.tmpdir(), "lock-test-"));
    });
    after(() => rmSync(directory, { recursive: true }));

    it("is held while the work runs and free afterwards, even when the work fails", async () => {
        const file = path.join(directory, "a", "lock");
        const isFree = (): boolean => {
            try {
                execFileSync("flock", ["--nonblock", file, "true"]);
                return true;
            } catch {
                return false;
            }
        };
        const failed = await withLock(file, async () => {
            expect(isFree()).to.equal(false);
            return Promise.reject(new Error("on purpose"));
        }).catch((error: unknown) => error);
        expect(failed).to.have.property("message", "on purpose");
        expect(isFree()).to.equal(true);
    });

    it("outlives Ctrl-C, which a terminal sends to the whole group, until the work has ended", async () => {
        const file = path.join(directory, "c");
        const module = JSON.stringify(path.resolve(import.meta.dirname, "../../local/tools/lock.ts"));
        const program = `const { withLock } = await import(${module});
            process.once("SIGINT", () => console.log("interrupted"));
            await withLock(${JSON.stringify(file)}, async () => {
                console.log("held");
                await new Promise((resolve) => process.stdin.once("data", resolve));
            });
            console.log("ended");
            process.exit();`;
        const holder = spawn(process.execPath, ["--input-type=module", "--eval", program], { detached: true });
        const said = async (text: string): Promise<void> => {
            const seen = (await once(holder.stdout, "data")) as [Buffer];
            expect(seen[0].toString()).to.equal(`${text}\n`);
        };
        try {
            await said("held");
            process.kill(-holder.pid!, "SIGINT");
            await said("interrupted");
            expect(() => execFileSync("flock", ["--nonblock", file, "true"])).to.throw();
            holder.stdin.write("go on");
            await said("ended");
            execFileSync("flock", ["--nonblock", file, "true"]);
        } finally {
            holder.kill("SIGKILL");
        }
    });

    it("is free again when its holder is killed", async () => {
        const file = path.join(directory, "b");
        const module = JSON.stringify(path.resolve(import.meta.dirname, "../../local/tools/lock.ts"));
        const program = `const { withLock } = await import(${module});
            await withLock(${JSON.stringify(file)}, () => { console.log("held"); return new Promise((r) => setTimeout(r, 1e6)); });`;
        const holder = spawn(process.execPath, ["--input-type=module", "--eval", program]);
        try {
            await new Promise((resolve) => holder.stdout.once("data", resolve));
            holder.kill("SIGKILL");
            expect(await withLock(file, () => Promise.resolve("mine"))).to.equal("mine");
        } finally {
            holder.kill("SIGKILL");
        }
    });
});
