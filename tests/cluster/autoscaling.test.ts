/** The autoscaler under real CPU load: it adds pods in time, takes them away one by one, and no `up` undoes its work. */
import { expect } from "chai";
import { record } from "../evidence.ts";
import { eventually, get, kubectl, serviceUrl } from "./support/commands.ts";
import { Load, pause } from "./support/load.ts";
import { TestStack } from "./support/pulumi.ts";
import { isSoak, namespace, settled, start, upOk } from "./support/tradestream.ts";

const suite = "Autoscaling";
/** What is required: more pods within two minutes of load. Milliseconds. */
const longestScaleUp = 120_000;
const removalPeriodSeconds = 30;
/** How much the time of a removal, seen from outside, may be off. */
const lookSeconds = 4;

/** Short windows for the short form: the specification's own make it wait a minute to grow and five to shrink. */
const behavior = {
    ...(!isSoak && { "gatewayApi.autoscaling.behavior.scaleUp.stabilizationWindowSeconds": 0 }),
    "gatewayApi.autoscaling.behavior.scaleDown": {
        // A busy machine gives the pods less time; for a moment, they seem to need less.
        stabilizationWindowSeconds: 60,
        policies: [{ type: "Pods", value: 1, periodSeconds: removalPeriodSeconds }],
    },
};

async function replicas(): Promise<number> {
    const [deployment] = await get("deployment", "tradestream-gateway-api", "-n", namespace);
    return Number(deployment!.spec["replicas"]);
}

/** Waits until the number of pods has stayed the same for a period. Pods that were added within it do not count for the policy. */
async function unchanged(seconds: number): Promise<void> {
    let [last, since] = [await replicas(), performance.now()];
    await eventually(300, async () => {
        const now = await replicas();
        if (now !== last) [last, since] = [now, performance.now()];
        return performance.now() - since > seconds * 1000 || undefined;
    });
}

/** CPU in percent of the request, as the autoscaler sees it; `undefined` before its first reading. */
async function utilization(): Promise<number | undefined> {
    const [autoscaler] = await get("hpa", "tradestream-gateway-api", "-n", namespace);
    const metrics = (autoscaler!.status["currentMetrics"] ?? []) as {
        readonly resource?: { readonly name: string; readonly current: { readonly averageUtilization?: number } };
    }[];
    return metrics.find(({ resource }) => resource?.name === "cpu")?.resource?.current.averageUtilization;
}

describe("autoscaling", function () {
    this.timeout(900_000);
    let load: Load | undefined;

    before(async () => {
        await start(behavior);
        await settled("gateway-api");
    });

    after(() => load?.stop());

    it("keeps two pods while there is nothing to do", async () => {
        // Right after a start, the CPU of the start itself is what is read.
        await eventually(
            180,
            async () => (((await utilization()) ?? 100) < 70 && (await replicas()) === 2) || undefined,
        );
    });

    it("adds pods within two minutes of load", async () => {
        const url = await serviceUrl("tradestream-gateway-api");
        const start = performance.now();
        // Half a core or more, on a busy machine too: enough for the autoscaler, and not all that the other suite has.
        const work = "/api/work?ms=100";
        load = await Load.start({ url, freshPath: work, keptPath: work, workers: 1, pause: 150 });
        await eventually(longestScaleUp / 1000, async () => (await replicas()) > 2 || undefined);
        const seconds = Math.round((performance.now() - start) / 1000);
        const window = isSoak ? "the specification's window of 60 s" : "no window";
        record({
            suite,
            name: `from load to more pods, ${window}`,
            value: seconds,
            unit: "s",
            requirement: "at most 120 s",
        });
        await settled("gateway-api");
    });

    it("keeps them through an `up` that changes the Deployment", async () => {
        const before = await replicas();
        await upOk({ ...behavior, "gatewayApi.podAnnotations": { release: "2" } });
        expect(await replicas())
            .to.be.at.least(before)
            .and.be.greaterThan(2);
        record({ suite, name: "pods lost to an `up` in between", value: 0, requirement: "0" });
    });

    // It takes as long as the windows and periods of the policy.
    if (isSoak) {
        it("takes them away one by one when the load is gone", async () => {
            // From four to two at once is what the policy must prevent.
            await eventually(300, async () => (await replicas()) === 4 || undefined);
            await unchanged(removalPeriodSeconds);
            const { failures } = await load!.stop();
            load = undefined;
            const removals: { readonly at: number; readonly removed: number }[] = [];
            let last = await replicas();
            expect(last).to.be.greaterThan(2);
            const end = performance.now() + 300_000;
            while (last > 2 && performance.now() < end) {
                await pause((lookSeconds / 4) * 1000);
                const now = await replicas();
                if (now < last) removals.push({ at: performance.now(), removed: last - now });
                last = now;
            }
            expect(last).to.equal(2);
            const most = Math.max(...removals.map(({ removed }) => removed));
            expect(most).to.equal(1);
            const gaps = removals.slice(1).map(({ at }, index) => (at - removals[index]!.at) / 1000);
            expect(gaps.filter((gap) => gap < removalPeriodSeconds - lookSeconds)).to.deep.equal([]);
            record({ suite, name: "most pods taken away at once", value: most, requirement: "1, by the policy" });
            record({ suite, name: "failed requests under that load", value: failures.length });
        });
    }

    it("control: where the program gives a number, `up` does reset it", async () => {
        await load?.stop();
        load = undefined;
        // Two managers that want the same number do not conflict.
        const [wanted, other] = (await replicas()) === 3 ? [2, 3] : [3, 2];
        const fixed = { ...behavior, "gatewayApi.autoscaling.enabled": false, "gatewayApi.replicaCount": wanted };
        const stack = await TestStack.of("local", fixed);
        const up = ["up", "--yes", "--skip-preview"];
        // The autoscaler owns the number, and kubectl does after `scale`: docs/operations.md says to force such an update.
        const force = { PULUMI_K8S_ENABLE_PATCH_FORCE: "true" };
        const refused = await stack.run(up);
        expect(refused.code).not.to.equal(0);
        expect(refused.stdout + refused.stderr).to.match(
            /conflict.*kube-controller-manager|kube-controller-manager.*conflict/is,
        );
        await stack.ok(up, force);
        await kubectl("scale", "deployment", "tradestream-gateway-api", "-n", namespace, `--replicas=${other}`);
        await stack.ok([...up, "--refresh"], force);
        expect(await replicas()).to.equal(wanted);
    });
});
