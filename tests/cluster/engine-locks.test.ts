/** One run at a time changes a stack; the lock of one that has died is taken over or broken, and that is said. */
import { expect } from "chai";
import fs from "node:fs";
import path from "node:path";
import { record } from "../evidence.ts";
import { engine, engineOk } from "./support/commands.ts";
import { args, cleanUp, features, stateFile, withFixture } from "./support/engine-fixture.ts";
import { disturbed, killed } from "./support/interrupted.ts";

const lockFile = (): string => stateFile().replace(/json$/, "lock");
/** Busy for five seconds with a Deployment that is never ready. */
const busy = args("up", "--yes", ...features("small", "workload"));
const busyAt = { line: /workload creating/ };
const quick = args("up", "--yes", ...features("small"));

describe("engine, locks", function () {
    this.timeout(240_000);
    withFixture();
    afterEach(cleanUp);

    it("a second run is refused while one is at work, and says who it is", async () => {
        const refusals: string[] = [];
        const first = await disturbed(busy, busyAt, async (pid) => {
            for (const command of ["up", "destroy"]) {
                const { code, stderr } = await engine(args(command, "--yes"));
                expect(code).to.equal(1);
                expect(stderr).to.match(new RegExp(`locked by "up", process ${pid} on .*use "cancel"`));
                refusals.push(command);
            }
        });
        expect(refusals).to.have.length(2);
        expect(first.code, "the first goes on as if nothing was").to.equal(1);
        expect(first.stdout).to.contain("workload: Deployment engine-fixture/fixture: not ready");
        expect(fs.existsSync(lockFile())).to.equal(false);
        const name = "second runs refused while one was at work";
        record({ suite: "Locks", name, value: refusals.length, requirement: "2" });
    });

    it("control: without the lock both would run", async () => {
        let second: string | undefined;
        await disturbed(busy, busyAt, async (pid) => {
            const { stderr } = await engineOk(args("cancel", "--yes"));
            expect(stderr).to.contain(`broke the lock of "up", process ${pid}`).and.contain("was not stopped");
            second = (await engine(quick)).stderr;
        });
        expect(second).to.be.a("string").and.not.contain("locked by");
    });

    it("that of a run that was killed on this machine is taken over, with a note", async () => {
        await killed(busy, busyAt);
        expect(fs.existsSync(lockFile())).to.equal(true);
        const { stderr } = await engineOk(quick);
        expect(stderr).to.match(/warning: the lock of a run that has died is taken over: "up", process \d+ on/);
    });

    it("that of a run elsewhere stays until `cancel`, which asks first and says what it does", async () => {
        fs.mkdirSync(path.dirname(lockFile()), { recursive: true });
        const holder = {
            pid: 1,
            host: "elsewhere",
            command: "up",
            time: "2026-01-01T00:00:00.000Z",
            processStart: "1",
        };
        fs.writeFileSync(lockFile(), JSON.stringify(holder));
        const described = '"up", process 1 on elsewhere, since 2026-01-01T00:00:00.000Z';
        const refused = await engine(quick);
        expect([refused.code, refused.stderr.includes(`locked by ${described}`)]).to.deep.equal([1, true]);
        const asked = await engine(args("cancel"));
        expect(asked.code, "there is no terminal to ask on").to.equal(2);
        expect(asked.stderr).to.contain(`held by ${described}`).and.contain("lets two runs change the stack at once");
        expect(fs.existsSync(lockFile())).to.equal(true);
        const { stderr } = await engineOk(args("cancel", "--yes"));
        expect(stderr)
            .to.contain(`broke the lock of ${described}`)
            .and.contain("that run itself was not stopped")
            .and.contain("What it had begun is looked into by the next run");
        await engineOk(quick);
        expect((await engineOk(args("cancel"))).stderr).to.contain("stack test is not locked");
    });

    it("that is damaged stops nobody", async () => {
        fs.mkdirSync(path.dirname(lockFile()), { recursive: true });
        fs.writeFileSync(lockFile(), '{"pid":');
        expect((await engineOk(args("cancel"))).stderr).to.contain("removed a damaged lock");
        fs.writeFileSync(lockFile(), '{"pid":');
        await engineOk(quick);
    });
});
