/**
 * Bad releases under load: they go no further than their first pod, and give way. https.test.ts has good ones, and the control
 * of such a load.
 */
import { rmSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import type { Report } from "../../local/report.ts";
import { deploy, exitCodes, type Outcome, type Site } from "../../scripts/deploy/index.ts";
import { runDrill } from "../../scripts/drills/index.ts";
import { record } from "../evidence.ts";
import { silent } from "../support/reports.ts";
import { Repository } from "../support/repository.ts";
import { get, type KubeObject, serviceUrl } from "./support/commands.ts";
import { Load, type LoadResult } from "./support/load.ts";
import { stacksHome, TestStack } from "./support/pulumi.ts";
import { siteOf } from "./support/site.ts";
import { Streams, type StreamsResult } from "./support/streams.ts";
import { clear, isReady, isSoak, namespace, podsOf, settled } from "./support/tradestream.ts";

const suite = "Rolling updates";
const services = ["gateway-api", "agent-dashboard"] as const;
type Changes = Readonly<Record<string, unknown>>;

/** The autoscaler keeps out: what counts here is which pods a release replaces. */
const base = { "gatewayApi.autoscaling.targetCPUUtilization": 400 };

interface Noticed {
    readonly api: LoadResult;
    readonly dashboard: LoadResult;
    readonly streams: StreamsResult;
    /** Everything that a client would have noticed. */
    readonly failures: readonly string[];
}

/** Keeps both services busy, on new and kept-alive connections and with open streams, while `action` runs. */
async function underLoad(action: () => Promise<void>): Promise<Noticed> {
    const apiUrl = await serviceUrl("tradestream-gateway-api");
    const dashboardUrl = await serviceUrl("tradestream-agent-dashboard");
    const api = await Load.start({ url: apiUrl, freshPath: "/health", keptPath: "/api/status" });
    const dashboard = await Load.start({ url: dashboardUrl, freshPath: "/", keptPath: "/portfolio", workers: 1 });
    const streams = new Streams(`${apiUrl}/api/signals/stream`, 4);
    const results = async (): Promise<Noticed> => {
        const [a, d, s] = await Promise.all([api.stop(), dashboard.stop(), streams.stop()]);
        return { api: a, dashboard: d, streams: s, failures: [...a.failures, ...d.failures, ...s.failures] };
    };
    try {
        await action();
    } catch (error) {
        await results();
        throw error;
    }
    return results();
}

/** The pods that serve: those of a release that has failed are left out. */
async function servingPods(service: string): Promise<ReadonlySet<string>> {
    return new Set((await podsOf(service)).filter(isReady).map(({ metadata }) => metadata.uid));
}

interface BadRelease {
    readonly kind: string;
    readonly change: Changes;
    /** Files of its commit. */
    readonly files?: Readonly<Record<string, string>>;
    /** Services whose first new pod fails, with what the diagnosis has to say of it. */
    readonly failing: readonly {
        readonly service: (typeof services)[number];
        readonly reason: RegExp;
        readonly event: RegExp;
    }[];
    readonly log: RegExp;
    /** Whether its pods serve before it is found bad. */
    readonly serves?: boolean;
    /** Whether only the long form tries it. */
    readonly isLong?: boolean;
}

/** Helm runs it before an upgrade, which fails with it. */
const failingHook = `apiVersion: batch/v1
kind: Job
metadata: { name: broken, annotations: { helm.sh/hook: pre-upgrade } }
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      automountServiceAccountToken: false
      securityContext: { runAsNonRoot: true, runAsUser: 10001, seccompProfile: { type: RuntimeDefault } }
      containers:
        - name: broken
          image: debian.tradestream.local/curl:7
          command: [sh, -c, echo the hook fails; exit 1]
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: [ALL] }, readOnlyRootFilesystem: true }
`;

const badReleases: readonly BadRelease[] = [
    {
        kind: "that crashes, beside an image that does not exist",
        change: { "gatewayApi.env": { STAND_IN_FAIL: "crash" }, "agentDashboard.image.tag": "v9.9.9" },
        failing: [
            { service: "gateway-api", reason: /CrashLoopBackOff|exit code 1/, event: /Back-off restarting/ },
            { service: "agent-dashboard", reason: /ErrImagePull|ImagePullBackOff/, event: /v9\.9\.9/ },
        ],
        log: /STAND_IN_FAIL/,
    },
    {
        kind: "that is never ready",
        // The switched-on failure is reported there; production's probe asks only whether the process answers.
        change: { "gatewayApi.env": { STAND_IN_FAIL: "ready" }, "gatewayApi.readinessProbe.path": "/ready" },
        failing: [{ service: "gateway-api", reason: /its readiness probe fails/, event: /statuscode: 503/ }],
        log: /a failure is switched on/,
        isLong: true,
    },
    {
        kind: "whose smoke test fails",
        change: { "gatewayApi.env": { STAND_IN_FAIL: "sign-in" }, "smokeTest.enabled": true },
        failing: [],
        log: /FAILED {2}sign-in with google/,
        serves: true,
    },
    {
        kind: "whose chart cannot be upgraded",
        change: {},
        files: { "charts/tradestream/templates/hook.yaml": failingHook },
        failing: [],
        log: /the hook fails/,
    },
];

/** The provider's timeout is the deadline and 30 s for each pod that there may be. */
const good = {
    ...base,
    "gatewayApi.autoscaling.maxReplicas": 3,
    "gatewayApi.progressDeadlineSeconds": 20,
    "agentDashboard.progressDeadlineSeconds": 20,
};

describe("rolling updates", function () {
    this.timeout(900_000);
    let repository: Repository;

    before(async () => {
        repository = await Repository.copy();
        const first = await deployed(good).catch(() => undefined);
        if (first?.code !== exitCodes.good) {
            await clear();
            const { code, said } = await deployed(good);
            expect(code, said).to.equal(exitCodes.good);
        }
        await Promise.all(services.map(settled));
    });

    // A broken chart is one release's alone.
    afterEach(async () => {
        for (const file of badReleases.flatMap(({ files = {} }) => Object.keys(files)))
            rmSync(path.join(repository.directory, file), { force: true });
        await repository.commit();
    });

    after(() => repository.remove());

    interface Deployed extends Outcome {
        /** What it printed. */
        readonly lines: readonly string[];
        /** Pods of each service when it began to go back. */
        readonly tried: ReadonlyMap<string, readonly KubeObject[]>;
    }

    const siteWith = async (change: Changes): Promise<Site> =>
        siteOf(await TestStack.of("local", change), repository.directory);

    /** Runs `npm run deploy` on the repository with a change of the stack file. */
    async function deployed(change: Changes): Promise<Deployed> {
        const lines: string[] = [];
        let looking: Promise<[string, readonly KubeObject[]][]> = Promise.resolve([]);
        const line = (text: string): void => {
            lines.push(text);
            if (!text.startsWith("Going back")) return;
            looking = Promise.all(services.map(async (service) => [service, await podsOf(service)]));
        };
        const report: Report = { ...silent, info: line, warn: line };
        const outcome = await deploy(await siteWith(change), { rollback: true, policies: [] }, report);
        return { ...outcome, lines, tried: new Map(await looking) };
    }

    const tried = badReleases.filter(({ isLong }) => isSoak || isLong !== true);
    for (const { kind, change, files, failing, log, serves } of tried) {
        it(`a release ${kind} says why and gives way to the last good one, and nobody notices`, async () => {
            const old = new Map(
                await Promise.all(services.map(async (each) => [each, await servingPods(each)] as const)),
            );
            await repository.commit(files);
            let release: Deployed | undefined;
            const outcome = await underLoad(async () => {
                release = await deployed({ ...good, ...change });
            });
            const { code, said, lines, tried } = release!;
            expect(code, [said, ...lines].join("\n")).to.equal(exitCodes.wentBack);
            for (const { service, reason, event } of failing) {
                // The control: without going back, the bad pod would stay.
                const pods = tried.get(service)!;
                const fresh = pods.filter((pod) => !old.get(service)!.has(pod.metadata.uid));
                expect(fresh, `new pods of ${service}`).to.have.length(1);
                expect(lines.join("\n"))
                    .to.contain(`pod ${fresh[0]!.metadata.name}`)
                    .and.match(reason)
                    .and.match(event);
                const serving = pods.filter((pod) => old.get(service)!.has(pod.metadata.uid) && isReady(pod));
                expect(serving, `old pods of ${service}`).to.have.length(old.get(service)!.size);
            }
            expect(lines.filter((line) => line.startsWith("  log ")).join("\n")).to.match(log);
            for (const service of services) {
                const left = await settled(service);
                if (serves !== true) expect(left, service).to.deep.equal(old.get(service));
                const [deployment] = await get("deployment", `tradestream-${service}`, "-n", namespace);
                expect(JSON.stringify(deployment!.spec)).not.to.match(/STAND_IN_FAIL|v9\.9\.9/);
            }
            const requests = outcome.api.requests + outcome.dashboard.requests;
            const lost = outcome.api.failures.length + outcome.dashboard.failures.length;
            const name = `failed requests of ${requests} while a release ${kind} is tried and taken back`;
            record({ suite, name, value: lost, requirement: "0" });
            expect(outcome.failures).to.deep.equal([]);
        });
    }

    it("a release behind an irreversible migration stays, and the migration is named", async () => {
        const change = {
            "gatewayApi.env": { STAND_IN_FAIL: "sign-in" },
            "smokeTest.enabled": true,
            "databaseMigration.image.tag": "v1.0.1",
            "databaseMigration.irreversible": true,
        };
        const { code, said, lines } = await deployed({ ...good, ...change });
        expect(code, [said, ...lines].join("\n")).to.equal(exitCodes.stays);
        expect(said).to.match(/Not gone back to .*: the migration \S+ \(\S+\/database-migration:v1\.0\.1\) has run/);
        // The control: nothing has gone back.
        const [deployment] = await get("deployment", "tradestream-gateway-api", "-n", namespace);
        expect(JSON.stringify(deployment!.spec)).to.contain("STAND_IN_FAIL");
    });

    if (isSoak)
        it("the drill bad-release gives way to the last good release, and nobody notices", async () => {
            const { code, said } = await deployed(good);
            expect(code, said).to.equal(exitCodes.good);
            const file = path.join(stacksHome(), "drills.jsonl");
            const site = await siteWith(good);
            const place = { ...site, stack: "local", site: () => Promise.resolve(site) };
            const old = await Promise.all(services.map(servingPods));
            const outcome = await underLoad(async () => {
                const options = { file, confirm: () => Promise.resolve(true) };
                const drilled = await runDrill("bad-release", place, options, silent);
                expect(drilled.met, drilled.said).to.equal(true);
            });
            expect(await Promise.all(services.map(settled))).to.deep.equal(old);
            expect(outcome.failures).to.deep.equal([]);
        });
});
