/** The stack local, killed on its way or without its API server: it always ends as an undisturbed run does. */
import { expect } from "chai";
import { createReport } from "../../local/report.ts";
import { kubectlFor } from "../../scripts/kubectl.ts";
import { recover } from "../../scripts/recover.ts";
import { record } from "../evidence.ts";
import { kubectl } from "../cluster/support/commands.ts";
import { killTree } from "../cluster/support/kill.ts";
import { pause } from "../cluster/support/load.ts";
import { keepDown } from "../cluster/support/node.ts";
import { type Ended, TestStack } from "../cluster/support/pulumi.ts";
import { clusterSnapshot, differences, type Snapshot, stateSnapshot } from "../cluster/support/snapshot.ts";
import { clear, isSoak, namespace, settled } from "../cluster/support/tradestream.ts";

const suite = "Interruptions";
const kills = isSoak ? 20 : 1;
const secondsAway = 10;
const commands = { up: ["up", "--yes", "--skip-preview"], destroy: ["destroy", "--yes", "--skip-preview"] } as const;

describe("TradeStream, interrupted", function () {
    this.timeout(isSoak ? 5_400_000 : 900_000);
    let stack: TestStack;
    let state: Snapshot = {};
    let objects: Snapshot = {};
    let interruptions = 0;
    /** How long each takes when nothing disturbs it; the short form takes the time of `up` for both. */
    const seconds = { up: 0, destroy: 0 };
    const wrong: string[] = [];

    before(async () => {
        await clear();
        stack = await TestStack.of("local");
    });
    after(() => {
        const name = `resources lost, duplicated or orphaned by ${interruptions} interruptions`;
        record({ suite, name, value: wrong.length, requirement: "0" });
    });

    async function timed(command: keyof typeof commands): Promise<void> {
        const start = performance.now();
        await stack.ok(commands[command]);
        seconds[command] = (performance.now() - start) / 1000;
    }

    /** What `make up` and `npm run recover` do. */
    async function repair(): Promise<string[]> {
        const report = createReport();
        return recover(stack.command(), await kubectlFor({ env: {}, context: undefined }, report), namespace, report);
    }

    /** Runs a command that is killed when `moment` has come, unless it ends before. */
    async function killed(command: keyof typeof commands, moment: Promise<unknown> | number): Promise<boolean> {
        let pid = 0;
        let ended: Ended | undefined;
        const run = stack.run(commands[command], {}, (id) => (pid = id)).then((end) => (ended = end));
        await (typeof moment === "number" ? pause(moment) : moment);
        if (ended !== undefined) return false;
        expect(killTree(pid), "processes of the run").to.be.at.least(2);
        expect((await run).signal).to.equal("SIGKILL");
        interruptions++;
        return true;
    }

    /** Kills a command again and again, each time a part further, with a repair after each. */
    async function killedOnTheWay(command: keyof typeof commands): Promise<void> {
        const share = (seconds[command] * 1000) / (kills + 1);
        let met = 0;
        for (let number = 1; number <= kills; number++) {
            if (await killed(command, share * number)) met++;
            await repair();
        }
        expect(met, "the control: runs were killed").to.be.at.least(1);
        await stack.ok(commands[command]);
    }

    async function expectAsUndisturbed(): Promise<void> {
        await stack.up("--expect-no-changes");
        await settled("gateway-api");
        const found = [
            ...differences(state, stateSnapshot(await stack.state())),
            ...differences(objects, await clusterSnapshot(namespace)),
            // What is there is compared, not each field: Helm takes over what a killed installation has left.
        ].filter((difference) => !difference.startsWith("differs: "));
        wrong.push(...found);
        expect(found.join("\n")).to.equal("");
    }

    it("first: an undisturbed run, to compare with", async () => {
        await timed("up");
        await settled("gateway-api");
        state = stateSnapshot(await stack.state());
        objects = await clusterSnapshot(namespace);
        expect(Object.keys(state)).to.have.length.greaterThan(40);
        expect(objects).to.include.keys("Deployment tradestream-gateway-api", "Secret helm release tradestream");
    });

    it("a repair without need changes nothing", async () => {
        expect(await repair()).to.deep.equal([]);
        await expectAsUndisturbed();
    });

    it("destroy, killed on its way, leaves nothing", async () => {
        if (isSoak) {
            await timed("destroy");
            await stack.up();
        } else seconds.destroy = seconds.up;
        await killedOnTheWay("destroy");
        expect(stateSnapshot(await stack.state())).to.deep.equal({});
        expect(await kubectl("get", "namespace", namespace, "--ignore-not-found")).to.equal("");
    });

    it("up, killed within Helm's installation, is refused until a repair, and then ends as it should", async () => {
        const installing = async (): Promise<void> => {
            const label = "owner=helm,status=pending-install";
            for (let tries = 0; tries < 600; tries++) {
                const found = await kubectl("get", "secrets", "-n", namespace, "-l", label, "-o", "name").catch(
                    () => "",
                );
                if (found.trim() !== "") return;
                await pause(50);
            }
            throw new Error("Helm's installation was not seen");
        };
        expect(await killed("up", installing())).to.equal(true);
        const refused = await stack.run(commands.up);
        expect(refused.code).not.to.equal(0);
        expect(refused.stderr + refused.stdout).to.match(/locked/);
        // The record of another release, whose installation may be under way.
        const foreign = "sh.helm.release.v1.foreign.v1";
        await kubectl("create", "secret", "generic", foreign, "-n", namespace);
        const label = ["owner=helm", "status=pending-install", "name=foreign"];
        await kubectl("label", "secret", foreign, "-n", namespace, ...label);
        const repaired = (await repair()).join("\n");
        expect(repaired)
            .to.match(/removed the lock/)
            .and.match(/Helm operation that did not end/);
        await kubectl("delete", "secret", foreign, "-n", namespace); // fails where the repair has deleted it
        await stack.up();
        await expectAsUndisturbed();
    });

    // In the short form its one kill would come within Helm's installation, as the one above does; faults.test.ts kills
    // the API server of a running stack.
    if (isSoak) {
        it("up, killed on its way, ends as an undisturbed one", async () => {
            await clear();
            stack = await TestStack.of("local");
            await killedOnTheWay("up");
            await expectAsUndisturbed();
        });

        it(`up, without the API server for ${secondsAway} s, can be repeated and ends as an undisturbed one`, async () => {
            await clear();
            stack = await TestStack.of("local");
            const run = stack.run(commands.up);
            await pause((seconds.up * 1000) / 3);
            expect(await keepDown("kube-apiserver", secondsAway), "the control: it was kept away").to.be.greaterThan(0);
            interruptions++;
            if ((await run).code !== 0) {
                await repair();
                await stack.up();
            }
            await expectAsUndisturbed();
        });
    }
});
