/** Which warnings of what creates pods `diagnose` shows. The pods' own lines are tried in tests/cluster and tests/commands. */
import { spawnSync } from "node:child_process";
import { expect } from "chai";
import { diagnose } from "../../scripts/diagnose.ts";
import { root } from "../../scripts/platform/target.ts";

const set = { kind: "StatefulSet", name: "database", uid: "1" };

function pod(created: string, owner = set.uid): object {
    return {
        metadata: {
            ...{ name: "database-0", uid: "2", creationTimestamp: created },
            ownerReferences: [{ kind: set.kind, uid: owner }],
        },
        status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }] },
    };
}

const refused = (at: string): object => ({
    ...{ type: "Warning", reason: "FailedCreate", message: "the claim is being deleted" },
    ...{ involvedObject: set, lastTimestamp: at },
});

function diagnosed(
    pods: readonly object[],
    events: readonly object[],
    jobs: readonly object[] = [],
): Promise<readonly string[]> {
    const items: Readonly<Record<string, readonly object[]>> = { pods, events, jobs };
    return diagnose(([, kind]) => Promise.resolve(JSON.stringify({ items: items[kind!] })), "shop");
}

describe("diagnose", () => {
    const other = pod("2026-11-29T12:05:00Z", "another");

    it("names what cannot create its pods", async () => {
        const said = ["StatefulSet database: FailedCreate: the claim is being deleted"];
        expect(await diagnosed([other], [refused("2026-11-29T12:00:00Z")])).to.deep.equal(said);
        const before = pod("2026-11-29T11:59:59Z");
        expect(await diagnosed([before, other], [refused("2026-11-29T12:00:00Z")])).to.deep.equal(said);
    });

    it("is silent about runs of a schedule that are over", async () => {
        const run = { kind: "Job", name: "run", uid: "run" };
        const events = [{ ...refused("2026-11-29T12:00:00Z"), involvedObject: run }];
        const metadata = { name: "run", uid: "run", creationTimestamp: "2026-11-29T12:00:00Z" };
        const job = (succeeded: number): object => ({ metadata, status: { succeeded } });
        expect(await diagnosed([other], events, [job(0)])).to.deep.equal([
            "Job run: FailedCreate: the claim is being deleted",
        ]);
        expect(await diagnosed([other], events, [job(1)])).to.deep.equal([]);
        expect(await diagnosed([other], events), "it is gone").to.deep.equal([]);
    });

    it("is silent about what has created one since, also about warnings of others", async () => {
        const unexpected = { ...refused("2026-11-29T12:00:00Z"), reason: "UnexpectedJob" };
        const events = [refused("2026-11-29T12:00:00Z"), unexpected];
        expect(await diagnosed([pod("2026-11-29T12:00:00Z")], events)).to.deep.equal([]);
    });

    it("ends with 2 where it could not look, as it says in its help", () => {
        const run = (...args: readonly string[]) =>
            spawnSync(process.execPath, ["scripts/platform/cli.ts", "diagnose", ...args], {
                cwd: root,
                encoding: "utf8",
            });
        const { status, stdout, stderr } = run("--stack", "nowhere");
        expect([status, stdout]).to.deep.equal([2, ""]);
        expect(stderr).to.match(/^error: there is no stack nowhere: /);
        expect(run("--help").stdout.replaceAll(/\s+/g, " ")).to.include("2 when the cluster cannot be asked");
    });
});
