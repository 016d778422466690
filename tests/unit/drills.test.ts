/** Drills on a cluster in memory: what is refused, what is asked of kubectl, and what is made of the answers. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { expect } from "chai";
import { execa } from "execa";
import type { DrillRecord } from "../../scripts/drills/records.ts";
import { type DrillOptions, type Outcome, runDrill } from "../../scripts/drills/index.ts";
import { type DrillName, drills } from "../../scripts/drills/table.ts";
import { root } from "../support/configuration.ts";
import { silent } from "../support/reports.ts";

type Tree = Record<string, unknown>;
type Answer = string | object | Error | undefined;
/** Answers what is asked first, one word after the other; undefined leaves it to the healthy stack. */
type Handler = (line: string, input: string | undefined) => Answer;

const ready = [{ type: "Ready", status: "True" }];
const items = (...list: Tree[]) => ({ items: list });

function workload(kind: string, name: string, replicas = 1, readyReplicas = replicas): Tree {
    const template = {
        metadata: { labels: { app: "x" } },
        spec: { containers: [{ name, image: "x", volumeMounts: [{ name: "data", mountPath: "/data" }] }] },
    };
    return {
        kind,
        metadata: { name: `tradestream-${name}`, generation: 1, creationTimestamp: "2026-11-29T00:00:00Z" },
        spec: { replicas, template, volumeClaimTemplates: [{ metadata: { name: "data" } }] },
        status: { observedGeneration: 1, readyReplicas, updatedReplicas: readyReplicas },
    };
}

function pod(name: string, { uid = "1", restartCount = 0, node = "a", claim = "" } = {}): Tree {
    const volumes = claim === "" ? [] : [{ persistentVolumeClaim: { claimName: claim } }];
    return {
        kind: "Pod",
        metadata: { name: `tradestream-${name}`, uid, creationTimestamp: "2026-11-29T00:00:00Z" },
        spec: { nodeName: node, volumes },
        status: { phase: "Running", conditions: ready, containerStatuses: [{ name, ready: true, restartCount }] },
    };
}

function node(name: string, spec: Tree = {}): Tree {
    return { metadata: { name, labels: { "kubernetes.io/hostname": name } }, spec, status: { conditions: ready } };
}

function restoreTest(lastSuccessfulTime?: string): readonly Tree[] {
    const at = { creationTimestamp: "2026-11-29T00:00:00Z", labels: { "app.kubernetes.io/component": "backup" } };
    return ["full", "restore-test"].map((name) => ({
        kind: "CronJob",
        metadata: { name: `tradestream-backup-${name}`, ...at },
        spec: { schedule: "0 0 * * *" },
        status: { ...(lastSuccessfulTime && { lastSuccessfulTime }) },
    }));
}

const sets = [
    workload("StatefulSet", "postgresql"),
    workload("StatefulSet", "redis-master"),
    workload("Deployment", "gateway-api", 2),
];

/** A healthy stack; it notes what it is asked. */
function cluster(handler: Handler = () => undefined, objects: readonly Tree[] = sets) {
    const asked: string[] = [];
    const pods = [pod("postgresql-0"), pod("redis-master-0"), pod("gateway-api-1", { node: "b" })];
    const usual = (line: string): Answer => {
        if (line.includes("get deployments,statefulsets,cronjobs")) return items(...objects, ...pods);
        if (line.includes("get deployments,statefulsets"))
            return items(...objects.filter(({ kind }) => kind !== "CronJob"));
        if (/get (gateways|certificates)/.test(line)) return new Error(`the server doesn't have a resource type "x"`);
        if (/get secrets? /.test(line)) return "";
        if (/get (jobs|events|persistentvolume|nodes)/.test(line)) return items();
        if (line.includes("get pods")) return items(...pods);
        if (line.includes("get pod "))
            return pods.find(({ metadata }) => line.includes((metadata as Tree)["name"] as string));
        if (line.includes("get statefulset")) return objects[0];
        return "";
    };
    const kubectl = (args: readonly string[], input?: string): Promise<string> => {
        const line = args.filter((word, index) => word !== "-n" && args[index - 1] !== "-n").join(" ");
        asked.push(line);
        const answer = handler(line, input) ?? usual(line);
        if (answer instanceof Error) return Promise.reject(answer);
        return Promise.resolve(typeof answer === "string" ? answer : JSON.stringify(answer));
    };
    return { asked, kubectl, changes: () => asked.filter((line) => !/^(get|logs) |exec .* (df|psql) /.test(line)) };
}

describe("the drills of docs/drills.md", () => {
    /** Rows of a table by the drills in their first column, one for each. */
    const rowsBelow = (text: string, header: string): Readonly<Record<string, string>> => {
        const [, table = ""] = text.split(`\n| ${header} |\n`);
        const rows = table.split("\n\n")[0]!.matchAll(/^\| (`.*?`) \| (.*) \|$/gm);
        return Object.fromEntries(
            [...rows].flatMap(([, names, row]) => [...names!.matchAll(/[\w-]+/g)].map(([name]) => [name, row!])),
        );
    };
    const page = readFileSync(path.join(root, "docs/drills.md"), "utf8");
    const tables = ["Drill | What it does | What users notice | Target", "Drill | Rights beside", "Drill | What to do"];

    for (const header of tables)
        it(`are all in the table "${header}"`, () =>
            expect(Object.keys(rowsBelow(page, header))).to.have.members(Object.keys(drills)));

    it("have their targets there; with the control that another one would be noticed", () => {
        const targetsIn = (text: string) =>
            Object.entries(rowsBelow(text, tables[0]!)).map(([name, row]) => [name, / (\d+) s$/.exec(row)?.[1]]);
        const targets = Object.entries(drills).map(([name, { targetSeconds }]) => [name, String(targetSeconds)]);
        expect(targetsIn(page)).to.have.deep.members(targets);
        expect(targetsIn(page.replace("1800 s |", "900 s |"))).not.to.have.deep.members(targets);
    });
});

describe("a drill", function () {
    this.timeout(60_000);
    const directory = mkdtempSync(path.join(os.tmpdir(), "tradestream-drills-"));
    const file = path.join(directory, "deeper", "records.jsonl");

    afterEach(() => rmSync(path.dirname(file), { recursive: true, force: true }));
    after(() => rmSync(directory, { recursive: true }));

    function run(
        name: DrillName,
        { kubectl }: Pick<ReturnType<typeof cluster>, "kubectl">,
        options: Partial<DrillOptions> = {},
    ): Promise<Outcome> {
        const place = { stack: "trial", kubectl, namespace: "trial", releaseName: "tradestream" };
        const site = () => Promise.reject(new Error("no deployment here"));
        const all = { file, confirm: () => Promise.resolve(true), ...options };
        return runDrill(name, { ...place, site }, all, silent);
    }

    const records = (): readonly DrillRecord[] =>
        !existsSync(file)
            ? []
            : readFileSync(file, "utf8")
                  .split("\n")
                  .filter((line) => line !== "")
                  .map((line) => JSON.parse(line) as DrillRecord);

    const refusal = (work: Promise<unknown>): Promise<string> =>
        work.then(
            () => "none",
            (error: unknown) => (error as Error).message,
        );

    /** PostgreSQL is another process from the third look on after it was ended. */
    function crashing(isBack = (looks: number): boolean => looks > 2) {
        let looks = 0;
        let isKilled = false;
        const handler: Handler = (line) => {
            if (line.includes("kill -QUIT")) isKilled = true;
            if (!isKilled || !line.includes("get pod tradestream-postgresql-0")) return undefined;
            return pod("postgresql-0", { restartCount: isBack(++looks) ? 1 : 0 });
        };
        return { handler, isDown: () => isKilled && !isBack(looks) };
    }

    it("measures the recovery and the requests that fail, and records them", async () => {
        const { handler, isDown } = crashing();
        const server = http.createServer((_, response) => response.writeHead(isDown() ? 503 : 204).end()).listen(0);
        const { port } = server.address() as AddressInfo;
        const url = `http://127.0.0.1:${port}/`;
        const { met, said } = await run("kill-database", cluster(handler), { url }).finally(() => server.close());
        expect(met, said).to.equal(true);
        expect(said).to.match(/has recovered after [\d.]+ s; the target of 300 s is met\. \d+ of \d+ requests/);
        const [record, ...more] = records();
        expect(more).to.deep.equal([]);
        expect(record).to.include({ drill: "kill-database", stack: "trial", targetSeconds: 300, met: true });
        expect(record!.recoveredSeconds).to.be.greaterThan(0.9);
        expect(record!.failedRequests).to.be.greaterThan(0);
        expect(Date.now() - Date.parse(record!.started)).to.be.within(0, 20_000);
    });

    it("says that the target is missed where the stack recovers late, and records it", async () => {
        const { met, said } = await run("kill-database", cluster(crashing().handler), { targetSeconds: 0.9 });
        expect(met, said).to.equal(false);
        expect(said).to.contain("the target of 0.9 s is missed");
        expect(records()[0]).to.include({ targetSeconds: 0.9, met: false }).and.not.have.property("failedRequests");
        expect(records()[0]!.recoveredSeconds).to.be.greaterThan(0.9);
    });

    it("says what is missing where the stack does not recover, a workload that was stopped meanwhile too", async () => {
        for (const [change, why] of [
            [workload("StatefulSet", "redis-master", 0), "StatefulSet tradestream-redis-master is to have no pods"],
            [workload("StatefulSet", "redis-master", 1, 0), "tradestream-redis-master has 0 of 1 pods ready"],
        ] as const) {
            const { handler, isDown } = crashing((looks) => looks > 0);
            let isKilled = false;
            const changing: Handler = (line, input) => {
                isKilled ||= line.includes("kill -QUIT");
                if (isKilled && /get deployments,statefulsets -o/.test(line)) return items(sets[0]!, change, sets[2]!);
                return handler(line, input);
            };
            const { met, said } = await run("kill-database", cluster(changing), { targetSeconds: 0.3 });
            expect([met, isDown()]).to.deep.equal([false, false]);
            expect(said).to.contain(why);
            expect(records().at(-1)).to.include({ recoveredSeconds: null, met: false });
        }
    });

    describe("is refused before it touches anything", () => {
        const cases: readonly [DrillName, string, RegExp, (Handler | undefined)?, (readonly Tree[])?][] = [
            [
                "kill-database",
                "a stack that is not healthy",
                /not as it should be.*\n.*0 of 1/,
                undefined,
                [workload("StatefulSet", "postgresql", 1, 0)],
            ],
            ["kill-database", "no database", /no StatefulSet tradestream-postgresql/, undefined, sets.slice(1)],
            ["fill-volume", "no database", /no StatefulSet tradestream-postgresql/, undefined, sets.slice(1)],
            ["lose-redis", "no Redis", /no StatefulSet tradestream-redis-master/, undefined, sets.slice(0, 1)],
            [
                "drain-node",
                "a single node",
                /1 node that takes pods/,
                (line) => (line.includes("get nodes") ? items(node("a")) : undefined),
            ],
            [
                "drain-node",
                "a second node that is cordoned, and a third with a taint",
                /1 node that takes pods/,
                (line) =>
                    line.includes("get nodes")
                        ? items(
                              node("a"),
                              node("b", { unschedulable: true }),
                              node("c", { taints: [{ effect: "NoExecute" }] }),
                          )
                        : undefined,
            ],
            [
                "drain-node",
                "volumes that no other node mounts",
                /no other node can mount/,
                (line) => {
                    if (line.includes("get nodes")) return items(node("a"), node("b"));
                    if (line.includes("get pods")) return items(pod("postgresql-0", { claim: "data" }));
                    if (line.includes("persistentvolumeclaims"))
                        return items({ metadata: { name: "data" }, spec: { volumeName: "v" } });
                    const matchExpressions = [{ key: "kubernetes.io/hostname", operator: "In", values: ["a"] }];
                    const nodeAffinity = { required: { nodeSelectorTerms: [{ matchExpressions }] } };
                    return line.includes("persistentvolumes")
                        ? items({ metadata: { name: "v" }, spec: { nodeAffinity } })
                        : undefined;
                },
            ],
            ["expire-certificate", "no cert-manager", /no cert-manager/],
            [
                "expire-certificate",
                "no certificates",
                /no certificate/,
                (line) => (line.includes("get certificates") ? items() : undefined),
            ],
            [
                "fill-volume",
                "a volume that is a directory of the node",
                /no file system of its own: it has 10240 MiB, and the claim 1Gi/,
                (line) =>
                    line.includes(" df ")
                        ? "Filesystem 1024-blocks\n/dev/x 10485760 1 2 1% /data"
                        : line.includes("capacity")
                          ? "1Gi ReadWriteOnce"
                          : undefined,
            ],
            [
                "fill-volume",
                "a volume for one pod",
                /for one pod only/,
                (line) => (line.includes("capacity") ? "1Gi ReadWriteOncePod" : undefined),
            ],
            [
                "fill-volume",
                "a server that takes no writes anyway",
                /refuses a temporary table/,
                (line) => {
                    if (line.includes("psql")) return new Error("password authentication failed");
                    if (line.includes(" df ")) return "Filesystem 1024-blocks\n/dev/x 1040000 1 2 1% /data";
                    return line.includes("capacity") ? "1Gi ReadWriteOnce" : undefined;
                },
            ],
            ["bad-release", "no good release", /no good release is remembered/],
            ["bad-release", "no service", /no Deployment tradestream-gateway-api/, undefined, sets.slice(0, 2)],
            ["restore", "no backups", /has no backups/],
            [
                "restore",
                "no backup that has succeeded",
                /no backup has succeeded/,
                undefined,
                [...sets, ...restoreTest()],
            ],
        ];
        for (const [name, what, message, handler, objects] of cases)
            it(`${name}: ${what}`, async () => {
                const there = cluster(handler, objects);
                expect(await refusal(run(name, there))).to.match(message);
                expect(there.changes()).to.deep.equal([]);
                expect(records()).to.deep.equal([]);
            });

        it("without the confirmation, or where the address does not answer, or the record has no place", async () => {
            const there = cluster();
            const no = () => Promise.resolve(false);
            expect(await refusal(run("kill-database", there, { confirm: no }))).to.contain("nothing was changed");
            const url = "http://127.0.0.1:9/";
            expect(await refusal(run("kill-database", there, { url }))).to.contain("does not answer before the drill");
            const bad = path.join(import.meta.filename, "records.jsonl");
            expect(await refusal(run("kill-database", there, { file: bad }))).to.match(/EEXIST|ENOTDIR/);
            expect(there.changes()).to.deep.equal([]);
        });

        it("control: every drill is among these, and one that is not refused does change something", async () => {
            expect(new Set(cases.map(([name]) => name))).to.deep.equal(new Set(Object.keys(drills)));
            const there = cluster(crashing().handler);
            await run("kill-database", there);
            expect(there.changes()).to.have.length(1);
        });
    });

    it("takes no wrong arguments, and asks nobody who is not there", async () => {
        const cases: readonly [readonly string[], RegExp][] = [
            [["kill-everything", "--stack", "local"], /Allowed choices are kill-database, .*restore/],
            [["kill-database", "--stack", "local", "--url", "ftp://x"], /Give an address such as https:/],
            [["kill-database", "--stack", "local", "--target", "0"], /Give seconds, above 0/],
            [["kill-database", "--stack", "local"], /nobody is there to be asked: --yes/],
            [
                ["bad-release", "--stack", "staging", "--yes", "--context", "x"],
                /Pulumi\.staging\.yaml names the context/,
            ],
        ];
        const cli = path.join(root, "scripts/platform/cli.ts");
        const ended = await Promise.all(
            cases.map(([args]) => execa(process.execPath, [cli, "drill", ...args], { reject: false, stdin: "ignore" })),
        );
        for (const [index, [args, message]] of cases.entries()) {
            expect(ended[index]!.exitCode, args.join(" ")).to.equal(2);
            expect(ended[index]!.stderr).to.match(message);
        }
    });

    describe("drain-node", () => {
        /** Two nodes; the pods of `a` leave when they are evicted, the first one at the second try. */
        function draining(onEviction = (): void => undefined) {
            let left = [pod("postgresql-0"), pod("redis-master-0"), pod("gateway-api-1", { node: "b" })];
            let isBusy = true;
            return cluster((line, input) => {
                if (line.includes("get nodes")) return items(node("a"), node("b"));
                if (line.startsWith("get pods")) return items(...left);
                if (!line.startsWith("create --raw")) return undefined;
                onEviction();
                if (isBusy) {
                    isBusy = false;
                    return new Error("Cannot evict pod as it would violate the pod's disruption budget.");
                }
                const { metadata } = JSON.parse(input!) as { metadata: { name: string } };
                left = left.filter((each) => (each["metadata"] as Tree)["name"] !== metadata.name);
                return "";
            });
        }
        const path = (name: string) => `create --raw /api/v1/namespaces/trial/pods/tradestream-${name}/eviction -f -`;

        it("evicts the pods of the node that has most of them, as budgets allow, and lets it take pods again", async () => {
            const there = draining();
            expect((await run("drain-node", there)).met).to.equal(true);
            const [first, second] = ["postgresql-0", "redis-master-0"].map(path);
            expect(there.changes()).to.deep.equal(["cordon a", first, second, first, "uncordon a"]);
        });

        it("lets the node take pods again when it is interrupted, and records nothing", async () => {
            const there = draining(() => process.emit("SIGINT"));
            const { met, said } = await run("drain-node", there);
            expect([met, there.changes().at(-1)]).to.deep.equal([false, "uncordon a"]);
            expect(said).to.contain("interrupted");
            expect(records()).to.deep.equal([]);
        });

        it("says so where the node stays cordoned", async () => {
            const { kubectl } = draining();
            const failing = (args: readonly string[], input?: string): Promise<string> =>
                args[0] === "uncordon" ? Promise.reject(new Error("connection refused")) : kubectl(args, input);
            const { met, said } = await run("drain-node", { kubectl: failing });
            expect(met).to.equal(false);
            expect(said).to.contain("could not be taken back: connection refused");
        });
    });

    it("expire-certificate renews the one that expires first, and waits until it is issued", async () => {
        let revision = 1;
        const certificate = (name: string, notAfter: string, now = 1): Tree => ({
            metadata: { name },
            spec: { secretName: `${name}-tls` },
            status: { notAfter, revision: now, conditions: ready },
        });
        const there = cluster((line) => {
            if (line.startsWith("patch")) revision = 2;
            if (line.includes("cert-manager.io soon")) return certificate("soon", "2027-01-01T00:00:00Z", revision);
            if (!line.includes("get certificates")) return undefined;
            return items(certificate("late", "2027-02-01T00:00:00Z"), certificate("soon", "2027-01-01T00:00:00Z"));
        });
        expect((await run("expire-certificate", there)).met).to.equal(true);
        const [patch, ...more] = there.changes();
        expect(patch).to.match(/^patch certificates.cert-manager.io soon .*"Ready".*"Issuing"/);
        expect(more).to.deep.equal([]);
    });

    describe("restore", () => {
        const backedUp = [...sets, ...restoreTest("2026-11-28T00:00:00Z")];
        const ending = (type: string) =>
            cluster((line) => {
                if (line.startsWith("logs")) return "invalid checksum";
                return line.startsWith("get job/") ? { status: { conditions: [{ type, status: "True" }] } } : undefined;
            }, backedUp);

        it("is the restore test, which stays with its log", async () => {
            const there = ending("Complete");
            expect((await run("restore", there)).met).to.equal(true);
            expect(there.changes()).to.have.length(1);
            expect(there.changes()[0]).to.match(/^create job \S+ --from=cronjob\/tradestream-backup-restore-test$/);
        });

        it("says why it fails, and records that", async () => {
            const { met, said } = await run("restore", ending("Failed"));
            expect(met).to.equal(false);
            expect(said).to.contain("invalid checksum");
            expect(records()[0]).to.include({ recoveredSeconds: null, met: false });
        });
    });

    describe("fill-volume", () => {
        /** The Job runs for two looks; PostgreSQL cannot write meanwhile if the volume `isFull`. */
        function filling(isFull: boolean, onLook = (): void => undefined) {
            let looks = 0;
            return cluster((line) => {
                if (line.includes(" df ")) return "Filesystem 1024-blocks\n/dev/x 1040000 1 2 1% /data";
                if (line.includes("capacity")) return "1Gi ReadWriteOnce";
                if (line.startsWith("logs job/")) return "the volume is full";
                if (line.includes("psql"))
                    return isFull && looks > 0 && looks < 3 ? new Error("No space left on device") : "";
                if (!line.startsWith("get job/")) return undefined;
                onLook();
                return { status: { conditions: ++looks < 3 ? [] : [{ type: "Complete", status: "True" }] } };
            });
        }

        it("waits until PostgreSQL cannot write, and until it can again; the Job is removed", async () => {
            const there = filling(true);
            const { met, said } = await run("fill-volume", there);
            expect(met, said).to.equal(true);
            expect(there.changes().at(-1)).to.match(/^delete job tradestream-drill-fill-volume-\d+ .*foreground/);
        });

        it("does not take a volume for full that PostgreSQL can write to", async () => {
            const { met, said } = await run("fill-volume", filling(false));
            expect(met).to.equal(false);
            expect(said).to.contain("no volume was full");
        });

        it("removes the Job, and with it the file, when it is interrupted", async () => {
            const there = filling(true, () => process.emit("SIGINT"));
            expect((await run("fill-volume", there)).met).to.equal(false);
            expect(there.changes().at(-1)).to.match(/^delete job/);
        });
    });
});
