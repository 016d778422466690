/** The stack local, disturbed: by hand, the engine killed, the API server away. It always ends as an undisturbed run does. */
import { expect } from "chai";
import { stateFile } from "../../local/engine/state/file.ts";
import { record } from "../evidence.ts";
import { engineOk, kubectl } from "./support/commands.ts";
import { type Document, ops } from "./support/engine-fixture.ts";
import { disturbed, killed, type Run } from "./support/interrupted.ts";
import { keepDown } from "./support/node.ts";
import { clusterSnapshot, differences, stateSnapshot, type Snapshot } from "./support/snapshot.ts";
import { destroy, isSoak, namespace, settled } from "./support/tradestream.ts";

const suite = "Interruptions";
const kills = isSoak ? 6 : 2;
const secondsAway = 10;
const args = (command: string): string[] => [command, "--stack", "local", "--yes"];

/** When the API server goes: helm is at work, a Job is waited for, a Deployment is waited for. */
const moments = isSoak
    ? [/chart creating/, /database-migration-job creating/, /gateway-api-deployment creating/]
    : [/chart creating/];

describe("TradeStream, disturbed", function () {
    this.timeout(isSoak ? 1_800_000 : 600_000);
    let state: Snapshot = {};
    let objects: Snapshot = {};
    let linesOfUp = 0;
    let disturbances = 0;
    const wrong: string[] = [];

    before(destroy);
    after(async () => {
        const name = `resources lost, doubled or orphaned by ${disturbances} interruptions`;
        record({ suite, name, value: wrong.length, requirement: "0" });
        await destroy();
    });

    /** Compares what there is with what the undisturbed run has left. */
    async function expectAsUndisturbed(): Promise<void> {
        await engineOk([...args("up"), "--expect-no-changes"]);
        await settled("gateway-api");
        const found = [
            ...differences(state, stateSnapshot(stateFile("tradestream", "local"))),
            ...differences(objects, await clusterSnapshot(namespace)),
        ];
        wrong.push(...found);
        expect(found).to.deep.equal([]);
    }

    /** Begins a run again and again; each gets on by so many lines of progress before it is killed, until one ends. */
    async function killedOnTheWay(command: string, linesEach: number): Promise<void> {
        for (let number = 0; number < kills; number++) {
            // Every second one a moment later, so that not only the beginnings of steps are hit.
            const run = await killed(args(command), { line: linesEach, delay: number % 2 === 0 ? 0 : 500 });
            if (run.signal === null) {
                expect(run.code, run.stderr).to.equal(0);
                expect(number, "the control: runs were killed").to.be.at.least(2);
                break;
            }
            expect(run.signal, run.stderr).to.equal("SIGKILL");
            disturbances++;
        }
        await engineOk(args(command));
    }

    it("first: an undisturbed run, to compare with", async () => {
        const run = await disturbed(args("up"));
        expect(run.code, run.stdout + run.stderr).to.equal(0);
        await settled("gateway-api");
        linesOfUp = run.lines.length;
        state = stateSnapshot(stateFile("tradestream", "local"));
        objects = await clusterSnapshot(namespace);
        expect(Object.keys(state)).to.have.length.greaterThan(40);
        expect(objects).to.include.keys("Deployment tradestream-gateway-api", "Secret helm release tradestream");
    });

    it("changed by hand: preview shows it, up mends it, and leaves alone what an autoscaler decides", async () => {
        const scale = (name: string, replicas: number): Promise<string> =>
            kubectl("scale", "deployment", `tradestream-${name}`, "-n", namespace, `--replicas=${replicas}`);
        await scale("gateway-api", 3);
        await scale("agent-dashboard", 1);
        await kubectl("delete", "networkpolicy", "tradestream-gateway-api", "-n", namespace);
        const { stdout } = await engineOk(["preview", "--stack", "local"]);
        expect(stdout)
            .to.match(/agent-dashboard-deployment changed in the cluster by "kubectl/)
            .and.match(/-\s+replicas: 1\n\s+\+\s+replicas: 2/)
            .and.match(/gateway-api-network-policy it is gone from the cluster/);
        const done = ops(JSON.parse((await engineOk([...args("up"), "--json"])).stdout) as Document);
        expect(done).to.deep.equal({ "agent-dashboard-deployment": "update", "gateway-api-network-policy": "create" });
        await expectAsUndisturbed();
    });

    it(`destroy, killed up to ${kills} times on its way, leaves nothing`, async () => {
        await killedOnTheWay("destroy", Math.floor(linesOfUp / (kills + 2)));
        expect(stateSnapshot(stateFile("tradestream", "local"))).to.deep.equal({});
        expect(await kubectl("get", "namespace", namespace, "--ignore-not-found")).to.equal("");
    });

    it(`up, killed up to ${kills} times on its way, ends where an undisturbed one does`, async () => {
        await killedOnTheWay("up", Math.floor(linesOfUp / (kills + 1)));
        await expectAsUndisturbed();
    });

    for (const moment of moments) {
        it(`up, the API server being away for ${secondsAway} s at "${moment.source}", waits for it`, async () => {
            await destroy();
            let deaths = 0;
            const run: Run = await disturbed(args("up"), { line: moment }, async () => {
                deaths = await keepDown("kube-apiserver", secondsAway);
            });
            expect(deaths, "the control: it was there, and kept away").to.be.greaterThan(0);
            expect(run.code, run.stdout + run.stderr).to.equal(0);
            disturbances++;
            await expectAsUndisturbed();
        });
    }
});
