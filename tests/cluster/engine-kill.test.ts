/** The engine is killed in the middle, again and again: the next run always ends where an undisturbed one does. */
import { expect } from "chai";
import fs from "node:fs";
import { record } from "../evidence.ts";
import { engine, engineOk, eventually, get, kubectl } from "./support/commands.ts";
import { args, features, namespace, stateFile, withFixture } from "./support/engine-fixture.ts";
import { disturbed, killed, momentsOf, type Moment, type Run } from "./support/interrupted.ts";
import { clusterSnapshot, differences, stateSnapshot, type Snapshot } from "./support/snapshot.ts";
import { isSoak } from "./support/tradestream.ts";

const suite = "Engine killed";
const points = isSoak ? 20 : 3;
const parts = features("slow", "binding", "chart");

interface Resource {
    readonly urn: string;
    readonly initErrors?: readonly string[];
}
interface State {
    deployment: {
        resources: readonly Resource[];
        pending_operations?: readonly { type: string; resource: Resource }[];
    };
}
const readState = (): State => JSON.parse(fs.readFileSync(stateFile(), "utf8")) as State;

describe("engine, killed", function () {
    this.timeout(points * 120_000 + 120_000);
    withFixture();

    const undisturbed: { up?: Run; destroy?: Run; state: Snapshot; cluster: Snapshot } = { state: {}, cluster: {} };
    const found: string[] = [];
    const killedIn = { up: 0, destroy: 0 };
    let inTheMiddle = 0;

    function count(command: "up" | "destroy", run: Run): void {
        if (run.signal !== "SIGKILL") return;
        killedIn[command]++;
        if ((readState().deployment.pending_operations ?? []).length > 0) inTheMiddle++;
    }

    /** Its last wait is for the namespace to go, one second or three: where that was over first, again and half as late. */
    async function killedDestroy(moment: Moment, tries = 4): Promise<Run> {
        const run = await killed(args("destroy", "--yes"), moment);
        if (run.signal === "SIGKILL" || tries === 1) return run;
        await engineOk(args("up", "--yes", ...parts));
        return killedDestroy({ ...moment, delay: Math.floor((moment.delay ?? 0) / 2) }, tries - 1);
    }

    it("first: an undisturbed run, to compare with", async () => {
        undisturbed.up = await disturbed(args("up", "--yes", ...parts));
        expect(undisturbed.up.code, undisturbed.up.stdout + undisturbed.up.stderr).to.equal(0);
        undisturbed.state = stateSnapshot(stateFile());
        undisturbed.cluster = await clusterSnapshot(namespace);
        expect(Object.keys(undisturbed.state)).to.have.length(15);
        expect(undisturbed.cluster).to.include.keys("ConfigMap slow-4", "Secret helm release fixture-chart");
        undisturbed.destroy = await disturbed(args("destroy", "--yes"));
        expect(undisturbed.destroy.code).to.equal(0);
    });

    for (let point = 0; point < points; point++) {
        it(`up and destroy at point ${point + 1} of ${points}`, async () => {
            const moment = momentsOf(undisturbed.up!, points)[point]!;
            count("up", await killed(args("up", "--yes", ...parts), moment));
            await engineOk(args("up", "--yes", ...parts));
            await engineOk(args("up", "--yes", "--expect-no-changes", ...parts));
            const wrong = [
                ...differences(undisturbed.state, stateSnapshot(stateFile())),
                ...differences(undisturbed.cluster, await clusterSnapshot(namespace)),
            ];
            found.push(...wrong);
            expect(wrong, JSON.stringify(moment)).to.deep.equal([]);
            count("destroy", await killedDestroy(momentsOf(undisturbed.destroy!, points)[point]!));
            await engineOk(args("destroy", "--yes"));
            expect(stateSnapshot(stateFile())).to.deep.equal({});
            expect(await kubectl("get", "namespace", namespace, "--ignore-not-found")).to.equal("");
        });
    }

    it("was killed each time, and mostly while something was being done", () => {
        // The last moments are close to the end of a run, which may be faster than the one they were taken from.
        expect(killedIn.up).to.be.at.least(Math.floor(points * 0.9));
        expect(killedIn.destroy).to.be.at.least(Math.floor(points * 0.9));
        expect(inTheMiddle).to.be.at.least(points);
        record({ suite, name: "points at which `up` was killed", value: killedIn.up });
        record({ suite, name: "points at which `destroy` was killed", value: killedIn.destroy });
        record({ suite, name: "of all these, with something half done in the cluster", value: inTheMiddle });
        const name = "resources lost, doubled or orphaned after the next run";
        record({ suite, name, value: found.length, requirement: "0" });
    });

    it("control: without its notes of what was begun, the next run would not know its own", async () => {
        const run = killed(args("up", "--yes", ...features("workload")), { line: /workload creating/, delay: 1000 });
        await eventually(
            30,
            async () => (await get("deployment", "fixture", "-n", namespace)).length === 1 || undefined,
        );
        expect((await run).signal).to.equal("SIGKILL");
        const text = fs.readFileSync(stateFile(), "utf8");
        const state = readState();
        expect(state.deployment.pending_operations?.map(({ type }) => type)).to.deep.equal(["creating"]);
        delete state.deployment.pending_operations;
        fs.writeFileSync(stateFile(), JSON.stringify(state));
        const refused = await engine(args("up", "--yes", ...features("workload", "no-await")));
        expect(refused.code).to.equal(1);
        expect(refused.stdout).to.match(/workload: .*already exists and is not in this stack's state/);
        fs.writeFileSync(stateFile(), text);
        const { stderr } = await engineOk(args("up", "--yes", ...features("workload", "no-await")));
        expect(stderr).to.contain("workload: its creation was interrupted; it exists and is taken up");
        await engineOk(args("destroy", "--yes"));
    });

    it("by SIGINT: finishes what is under way, writes it down, releases the lock, exits with 130", async () => {
        const { code } = await killed(
            args("up", "--yes", ...features("workload")),
            { line: /workload creating/ },
            "SIGINT",
        );
        expect(code).to.equal(130);
        expect(fs.existsSync(stateFile().replace(/json$/, "lock"))).to.equal(false);
        const { resources } = readState().deployment;
        expect(resources.find((resource) => resource.urn.endsWith("::workload"))).to.have.property("initErrors");
        await engineOk(args("up", "--yes", ...features("workload", "no-await")));
        await engineOk(args("destroy", "--yes"));
    });
});
