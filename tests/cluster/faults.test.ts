/** Parts of the cluster and of the platform are killed while it serves: everything comes back by itself, with its data. */
import { expect } from "chai";
import { record } from "../evidence.ts";
import { eventually, get, kubectl, serviceUrl, type KubeObject } from "./support/commands.ts";
import { redis, sql } from "./support/databases.ts";
import { drill } from "./support/drills.ts";
import { runOf, startRun } from "./support/jobs.ts";
import { Load, pause } from "./support/load.ts";
import { killComponent, killContainer } from "./support/node.ts";
import { onSmallVolume } from "./support/small-volume.ts";
import { isReady, isSoak, namespace, podsOf, settled, start } from "./support/tradestream.ts";

const suite = "Faults";
/** What the platform promises. Seconds. */
const promised = { podReady: 60, recovered: 300 };
/** Label `component` of each kind of pod. */
const kinds = {
    "gateway-api": "gateway-api",
    "agent-dashboard": "agent-dashboard",
    postgresql: "primary",
    redis: "master",
};
/** The autoscaler would add pods while these tests count them. */
const quiet = { "gatewayApi.autoscaling.targetCPUUtilization": 400 };
type Kind = keyof typeof kinds;
const web: readonly Kind[] = ["gateway-api", "agent-dashboard"];

/** How often the containers of a pod were started again. */
function restarts({ status }: KubeObject): number {
    const containers = (status["containerStatuses"] ?? []) as readonly { restartCount: number }[];
    return containers.reduce((sum, { restartCount }) => sum + restartCount, 0);
}

/** Which pods there are, and how often each was started again. */
async function vitals(): Promise<readonly string[]> {
    const pods = (await Promise.all(Object.values(kinds).map(podsOf))).flat();
    return pods.map((pod) => `${pod.metadata.name} ${pod.metadata.uid}, ${restarts(pod)} restarts`).sort();
}

/** Addresses that a Service sends to at the moment. */
async function addresses(service: string): Promise<readonly string[]> {
    const slices = await get("endpointslices", "-n", namespace, "-l", `kubernetes.io/service-name=${service}`);
    type Endpoint = { readonly addresses: string[]; readonly conditions: { readonly ready?: boolean } };
    return slices
        .flatMap((slice) => (slice as unknown as { endpoints?: Endpoint[] }).endpoints ?? [])
        .filter(({ conditions }) => conditions.ready === true)
        .flatMap((endpoint) => endpoint.addresses);
}

describe("faults", function () {
    this.timeout(600_000);

    before(async () => {
        await start(quiet);
        await eventually(120, async () => (await settled("gateway-api")).size === 2 || undefined);
    });

    /** Keeps both web services busy while `action` runs; returns what went wrong for clients. */
    async function busy(action: (failed: () => number) => Promise<void>): Promise<readonly string[]> {
        const options = { freshPath: "/health", workers: 2 };
        const loads = await Promise.all([
            Load.start({ ...options, url: await serviceUrl("tradestream-gateway-api"), keptPath: "/api/status" }),
            Load.start({ ...options, url: await serviceUrl("tradestream-agent-dashboard"), keptPath: "/" }),
        ]);
        let problem: unknown;
        await action(() => loads[0].failed + loads[1].failed).catch((error: unknown) => (problem = error));
        const results = await Promise.all(loads.map((load) => load.stop()));
        if (problem !== undefined) throw problem as Error;
        expect(results.every(({ requests }) => requests > 10)).to.equal(true);
        return results.flatMap(({ failures }) => failures);
    }

    describe("of the cluster", () => {
        for (const component of ["etcd", "kube-apiserver", "kubelet", "containerd"]) {
            it(`${component} killed: pods run on, and answer all the while`, async () => {
                const before = await vitals();
                const failures = await busy(async () => {
                    await killComponent(component);
                    // The API server, the kubelet and containerd all take part in this.
                    await eventually(promised.recovered, async () => (await sql("select 1")) === "1" || undefined);
                    await pause(3000); // a kubelet that comes back looks at all its pods anew
                    await Promise.all(Object.values(kinds).map(settled));
                });
                expect(await vitals()).to.deep.equal(before);
                expect(failures).to.deep.equal([]);
                const name = `failed requests while ${component} is killed`;
                record({ suite, name, value: failures.length, requirement: "0" });
            });
        }
    });

    describe("of pods", () => {
        for (const kind of web) {
            for (const how of ["crashes", "is removed at once"] as const) {
                it(`a pod of ${kind} that ${how} comes back; requests fail only while it is still asked`, async () => {
                    const service = `tradestream-${kind}`;
                    const [victim] = await podsOf(kind);
                    const address = String(victim!.status["podIP"]);
                    let late = -1;
                    const failures = await busy(async (failed) => {
                        if (how === "crashes") killContainer(victim!);
                        else await kubectl("delete", "pod", victim!.metadata.name, "-n", namespace, "--force");
                        await eventually(promised.podReady, async () => {
                            const pod = (await podsOf(kind)).find(
                                ({ metadata }) => metadata.uid === victim!.metadata.uid,
                            );
                            const isBack = pod !== undefined && restarts(pod) > restarts(victim!) && isReady(pod);
                            return isBack || !(await addresses(service)).includes(address) || undefined;
                        });
                        await pause(2000); // kube-proxy learns of it at most a second later
                        const explained = failed();
                        await eventually(promised.podReady, async () => (await settled(kind)).size === 2 || undefined);
                        await pause(1000);
                        late = failed() - explained;
                    });
                    expect(late, failures.join("\n")).to.equal(0);
                    const name = `requests failed when a pod of ${kind} ${how}; after its address was withdrawn`;
                    record({ suite, name, value: `${failures.length}; ${late}`, requirement: "any; 0" });
                });
            }
        }

        it("control: when all pods of a service crash at once, requests fail", async () => {
            const failures = await busy(async () => {
                (await podsOf("agent-dashboard")).forEach(killContainer);
                await pause(3000);
                await eventually(
                    promised.podReady,
                    async () => (await settled("agent-dashboard")).size === 2 || undefined,
                );
            });
            expect(failures).not.to.deep.equal([]);
        });

        it("a run of the notification worker that is killed is done again", async () => {
            await startRun("tradestream-notification-worker", "killed", (job) => {
                delete job.metadata.ownerReferences; // it is none of the schedule's
                for (const container of job.spec.template.spec.containers)
                    (container.env ??= []).push({ name: "STAND_IN_HANG_SECONDS", value: "5" });
            });
            const pod = await eventually(60, async () => {
                const [first] = await get("pods", "-n", namespace, "-l", "batch.kubernetes.io/job-name=killed");
                return first?.status["phase"] === "Running" ? first : undefined;
            });
            await pause(1000);
            killContainer(pod);
            const ended = await eventually(promised.recovered, async () => {
                const run = runOf((await get("job", "killed", "-n", namespace))[0]!);
                return run.ended === undefined ? undefined : run;
            });
            expect(ended.failure).to.equal(undefined);
            const [last] = await get("pods", "-n", namespace, "-l", "batch.kubernetes.io/job-name=killed");
            expect(restarts(last!), "the control: it was killed").to.equal(1);
            await kubectl("delete", "job", "killed", "-n", namespace);
        });
    });

    describe("of databases", () => {
        /** Waits until a database's container was started again and gateway-api is ready, and says after how long. */
        async function recovery(of: Kind, cause: () => Promise<void> | void): Promise<number> {
            const url = `${await serviceUrl("tradestream-gateway-api")}/ready`;
            const [before] = await podsOf(kinds[of]);
            const gateways = (await podsOf("gateway-api")).map((pod) => `${pod.metadata.uid} ${restarts(pod)}`).sort();
            const start = performance.now();
            await cause();
            await eventually(promised.recovered, async () => {
                const [pod] = await podsOf(kinds[of]);
                const isNew = pod?.metadata.uid !== before!.metadata.uid || restarts(pod) > restarts(before!);
                return (isNew && isReady(pod!)) || undefined;
            });
            await eventually(promised.recovered, async () => ((await fetch(url)).ok ? true : undefined));
            const seconds = (performance.now() - start) / 1000;
            await settled("gateway-api");
            const after = (await podsOf("gateway-api")).map((pod) => `${pod.metadata.uid} ${restarts(pod)}`).sort();
            expect(after, "gateway-api is ready again by itself, not by a restart").to.deep.equal(gateways);
            return Math.round(seconds);
        }

        function recordRecovery(what: string, seconds: number): void {
            const name = `${what}: gateway-api ready again after`;
            record({ suite, name, value: seconds, unit: "s", requirement: `at most ${promised.recovered} s` });
            expect(seconds).to.be.at.most(promised.recovered);
        }

        it("PostgreSQL killed: every row that was confirmed is there, gateway-api is ready again by itself", async () => {
            // The control: a table that PostgreSQL empties when it was not shut down in good order.
            await sql("create unlogged table control as select generate_series(1, 100) as number");
            await sql(
                "insert into signals (symbol, action, score) select 'FAULT/' || n, 'hold', 50 from generate_series(1, 1000) n",
            );
            const count = "select count(*) from signals where symbol like 'FAULT/%'";
            const [pod] = await podsOf(kinds.postgresql);
            recordRecovery("PostgreSQL killed", await recovery("postgresql", () => killContainer(pod!)));
            const rows = await sql(count);
            expect(rows).to.equal("1000");
            expect(await sql("select count(*) from control")).to.equal("0");
            record({
                suite,
                name: "rows lost of 1000 (an unlogged table, the control, lost all)",
                value: 1000 - Number(rows),
                requirement: "0",
            });
        });

        it("PostgreSQL's pod removed at once: the next one has the same data", async () => {
            const remove = ["delete", "pod", "tradestream-postgresql-0", "-n", namespace, "--force"];
            const seconds = await recovery("postgresql", async () => void (await kubectl(...remove)));
            recordRecovery("PostgreSQL's pod removed", seconds);
            expect(await sql("select count(*) from signals where symbol like 'FAULT/%'")).to.equal("1000");
        });

        it("Redis killed, then its pod removed: what was written is there each time", async () => {
            const id = async (): Promise<string> => /run_id:(\w+)/.exec(await redis("info", "server"))![1]!;
            expect(await redis("set", "fault", "kept")).to.equal("OK");
            const first = await id();
            const [pod] = await podsOf(kinds.redis);
            recordRecovery("Redis killed", await recovery("redis", () => killContainer(pod!)));
            expect(await redis("get", "fault")).to.equal("kept");
            const remove = ["delete", "pod", pod!.metadata.name, "-n", namespace, "--force"];
            recordRecovery("Redis' pod removed", await recovery("redis", async () => void (await kubectl(...remove))));
            expect(await redis("get", "fault")).to.equal("kept");
            expect(await id(), "the control: it is another process").not.to.equal(first);
        });
    });

    describe("in drills", () => {
        it("kill-database: PostgreSQL recovers from its log, and the record says when", async () => {
            await sql("create unlogged table crashed as select 1 as number");
            const url = `${await serviceUrl("tradestream-gateway-api")}/api/status`;
            // After the test before, gateway-api may still look for Redis.
            await eventually(60, async () => ((await fetch(url)).ok ? true : undefined));
            const { code, said, record: made } = await drill("kill-database", ["--url", url]);
            expect(code, said).to.equal(0);
            expect(made).to.include({ drill: "kill-database", stack: "local", targetSeconds: 300, met: true });
            expect(made!.failedRequests).to.be.a("number");
            expect(await sql("select count(*) from crashed"), "the control: it was a crash").to.equal("0");
            expect(await sql("select count(*) from signals where symbol like 'FAULT/%'")).to.equal("1000");
            const name = "drill kill-database: every workload ready again after";
            record({ suite, name, value: made!.recoveredSeconds!, unit: "s", requirement: "at most 300 s" });
        });

        it("lose-redis: another pod has what was written", async () => {
            expect(await redis("set", "drill", "kept")).to.equal("OK");
            const [before] = await podsOf(kinds.redis);
            const { code, said, record: made } = await drill("lose-redis");
            expect(code, said).to.equal(0);
            expect(made).to.include({ drill: "lose-redis", met: true });
            expect(await redis("get", "drill")).to.equal("kept");
            expect((await podsOf(kinds.redis))[0]!.metadata.uid).not.to.equal(before!.metadata.uid);
        });

        it("control: lose-redis says that Redis does not come back, where no pod may be made", async () => {
            const quota = ["resourcequota", "no-more-pods", "-n", namespace];
            await kubectl("create", "quota", "no-more-pods", "-n", namespace, "--hard=pods=0");
            try {
                const { code, said, record: made } = await drill("lose-redis", ["--target", "5"]);
                expect(code, said).to.equal(1);
                expect(said).to.match(/has not recovered: .*the target of 5 s is missed/);
                expect(made).to.include({ recoveredSeconds: null, met: false });
            } finally {
                await kubectl("delete", ...quota);
                // The controller of a StatefulSet tries again after a pause, and at once when something has changed.
                await kubectl("annotate", "statefulset", "tradestream-redis-master", "-n", namespace, "tried=again");
            }
            await settled(kinds.redis);
        });

        it("drain-node and restore are refused where there is one node and no backup, and touch nothing", async () => {
            for (const [name, reason] of [
                ["drain-node", /1 node that takes pods/],
                ["restore", /has no backups/],
            ] as const) {
                const { code, said, record: made } = await drill(name);
                expect([code, made], said).to.deep.equal([2, undefined]);
                expect(said).to.match(reason);
            }
            const [node] = await get("nodes");
            expect(node!.spec).not.to.have.property("unschedulable");
        });

        if (isSoak)
            it("fill-volume: PostgreSQL cannot write while its volume is full, and can when there is room again", async () => {
                await onSmallVolume("tradestream-postgresql", 64, async () => {
                    const { code, said, record: made } = await drill("fill-volume");
                    expect(code, said).to.equal(0);
                    expect(made).to.include({ drill: "fill-volume", met: true });
                    expect(await sql("select count(*) from signals where symbol like 'FAULT/%'")).to.equal("1000");
                });
            });
    });
});
