/** Locks of a backend of files, by processes that run, have ended, or are nobody's to collect. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect } from "chai";
import { deadLocks } from "../../scripts/locks.ts";

describe("locks", () => {
    let home: string;
    let cli: string;
    const started: ChildProcess[] = [];

    beforeEach(() => {
        home = mkdtempSync(path.join(os.tmpdir(), "tradestream-locks-"));
        mkdirSync(path.join(home, ".pulumi/locks/organization/shop/trial"), { recursive: true });
        cli = path.join(home, "pulumi");
        copyFileSync("/bin/sleep", cli);
    });

    afterEach(() => {
        for (const child of started.splice(0)) child.kill("SIGKILL");
        rmSync(home, { recursive: true });
    });

    function start(program: string, ...args: string[]): ChildProcess {
        const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
        started.push(child);
        return child;
    }

    function owners(pid: number): readonly string[] {
        const lock = { pid, username: "root", hostname: os.hostname() };
        writeFileSync(path.join(home, ".pulumi/locks/organization/shop/trial/lock.json"), JSON.stringify(lock));
        return deadLocks(`file://${home}`, "shop", "trial");
    }

    it("of a CLI that runs are respected", () => {
        const { pid } = start(cli, "60");
        expect(() => owners(pid!)).to.throw(`process ${pid} of root is updating this stack`);
    });

    it("of one that has ended, or whose id another program has, are nobody's", async () => {
        const ended = start(cli, "0");
        await once(ended, "close");
        for (const pid of [ended.pid!, start("/bin/sleep", "60").pid!])
            expect(owners(pid)).to.deep.equal([`process ${pid} of root`]);
    });

    it("of one that has ended, and that its parent does not collect, are nobody's", async function () {
        this.timeout(20_000);
        // It ends when the shell, which would collect it, is another program.
        const parent = start("/bin/sh", "-c", '"$0" 1 & echo $!; exec sleep 60', cli);
        const [line] = (await once(parent.stdout!, "data")) as [Buffer];
        const pid = Number(String(line));
        const end = performance.now() + 10_000;
        while (performance.now() < end) {
            try {
                expect(owners(pid)).to.deep.equal([`process ${pid} of root`]);
                // The control: the process is still there.
                expect(process.kill(pid, 0)).to.equal(true);
                return;
            } catch {
                await new Promise((resolve) => setTimeout(resolve, 50));
            }
        }
        expect.fail("it counts as running");
    });
});
