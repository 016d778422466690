/** The status of a stack, from objects as the API server gives them. */
import { expect } from "chai";
import { PassThrough } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { type Alertmanager, alertmanagerOf } from "../../scripts/status/alerts.ts";
import { readStatus, type Status } from "../../scripts/status/index.ts";
import { statusLines } from "../../scripts/status/text.ts";

/** For api.example.com, from 28 November 2026 for 90 days. */
const pem = `-----BEGIN CERTIFICATE-----
MIIBpjCCAUugAwIBAgIUS9vJbDYyAg0eFjQCPvydD2f8B+YwCgYIKoZIzj0EAwIw
GjEYMBYGA1UEAwwPYXBpLmV4YW1wbGUuY29tMB4XDTI2MTEyODIzMDU0N1oXDTI3
MDIyNjIzMDU0N1owGjEYMBYGA1UEAwwPYXBpLmV4YW1wbGUuY29tMFkwEwYHKoZI
zj0CAQYIKoZIzj0DAQcDQgAEnSyTAsoMJHG1qTLLJ0zVHLzlu+ojBYaomLjVh3o2
1n7YMjM2BzbO/39NkBAE2IRTUat7/KfS7fr1c7eebGWkmKNvMG0wHQYDVR0OBBYE
FICYjCs3WKaNlVZI6CTsVCp42bCQMB8GA1UdIwQYMBaAFICYjCs3WKaNlVZI6CTs
VCp42bCQMA8GA1UdEwEB/wQFMAMBAf8wGgYDVR0RBBMwEYIPYXBpLmV4YW1wbGUu
Y29tMAoGCCqGSM49BAMCA0kAMEYCIQDq+2dm+XA3yuelO0JA5Vk3eITfTaoBvZyw
NTPpq72ifAIhALqmYB4pBQAVyn7eb/aSyZgY/trRhKxXVSp5khMN68ze
-----END CERTIFICATE-----
`;
const fresh = new Date("2026-12-01T12:00:00Z");

type Tree = Record<string, unknown>;

const labels = (component: string): Tree => ({ "app.kubernetes.io/component": component });

function object(kind: string, name: string, spec: Tree, status: Tree = {}, more: Tree = {}): Tree {
    return { kind, metadata: { name, uid: name, creationTimestamp: "2026-12-01T09:00:00Z", ...more }, spec, status };
}

function pod(name: string, component: string, ready = true, tag = "v1.2.3"): Tree {
    return object(
        "Pod",
        name,
        { containers: [{ name: component, image: `registry.example.com/${component}:${tag}` }] },
        {
            phase: "Running",
            conditions: [{ type: "Ready", status: ready ? "True" : "False" }],
            containerStatuses: [
                {
                    ...{ name: component, ready, restartCount: ready ? 1 : 4, state: { running: {} } },
                    imageID: `registry.example.com/${component}@sha256:${"0123456789abcdef".repeat(4)}`,
                },
            ],
        },
        { labels: labels(component) },
    );
}

function deployment(component: string, replicas: number, readyReplicas = replicas): Tree {
    const containers = [{ name: component, image: `registry.example.com/${component}:v1.2.3` }];
    const spec = { replicas, selector: { matchLabels: labels(component) }, template: { spec: { containers } } };
    return object("Deployment", `tradestream-${component}`, spec, { readyReplicas });
}

function cronJob(name: string, component: string, status: Tree, spec: Tree = {}): Tree {
    return object("CronJob", name, { schedule: "0 * * * *", ...spec }, status, { labels: labels(component) });
}

const backupLabels = { labels: { ...labels("backup"), "app.kubernetes.io/managed-by": "pulumi" } };
const complete = { completionTime: "2026-12-01T09:01:00Z", conditions: [{ type: "Complete", status: "True" }] };

/** A namespace in which all is well. */
const whole: readonly Tree[] = [
    deployment("gateway-api", 2),
    deployment("agent-dashboard", 0),
    pod("gateway-1", "gateway-api"),
    pod("gateway-2", "gateway-api"),
    object("Service", "tradestream-gateway-api", { clusterIP: "10.0.0.7", ports: [{ port: 8000 }] }),
    cronJob("tradestream-notification-worker", "notification-worker", {
        ...{ lastScheduleTime: "2026-12-01T11:55:00Z", lastSuccessfulTime: "2026-12-01T11:55:08Z" },
    }),
    object("Job", "tradestream-database-migration-1", {}, complete, { labels: labels("database-migration") }),
    object(
        "Ingress",
        "tradestream-gateway-api",
        { rules: [{ host: "api.example.com" }], tls: [{ hosts: ["api.example.com"], secretName: "api-tls" }] },
        { loadBalancer: { ingress: [{ ip: "192.0.2.10" }] } },
    ),
];

const route = (spec: Tree): Tree =>
    object("HTTPRoute", "route", { hostnames: ["api.example.com"], parentRefs: [{ name: "edge", ...spec }] });

function gateway(name: string, programmed = true, namespace?: string): Tree {
    const listeners = [
        { name: "api", tls: { certificateRefs: [{ kind: "Secret", name: "api-tls" }] } },
        { name: "http" },
    ];
    const conditions = [{ type: "Programmed", status: programmed ? "True" : "Unknown" }];
    const status = { addresses: [{ value: "192.0.2.20" }], conditions };
    return object("Gateway", name, { listeners }, status, { ...(namespace && { namespace }) });
}

const resources: Readonly<Record<string, string>> = {
    ...{ deployments: "Deployment", statefulsets: "StatefulSet", cronjobs: "CronJob", jobs: "Job", pods: "Pod" },
    ...{ services: "Service", ingresses: "Ingress", gateways: "Gateway", httproutes: "HTTPRoute" },
};

/** What a cluster with these objects answers; it notes what it is asked. */
function cluster(
    objects: readonly Tree[],
    { crt = pem, release = "1 superseded\n2 deployed\n", routes = true, deployments = "", alerts = "" } = {},
    alertmanager?: Alertmanager,
) {
    const asked: string[] = [];
    const kubectl = (args: readonly string[]): Promise<string> => {
        asked.push(args.join(" "));
        const [verb, kinds = "", name = ""] = args;
        const items = kinds.split(",").flatMap((resource) => {
            const kind = resources[resource.split(".")[0]!];
            return objects.filter((each) => each["kind"] === kind);
        });
        if (kinds === "--raw" && !alerts.startsWith("["))
            return Promise.reject(new Error(`services "alertmanager-operated" not found`));
        if (kinds === "--raw") return Promise.resolve(alerts);
        if (verb === "logs") return Promise.resolve("");
        if (name === "tradestream-deployments") return Promise.resolve(deployments);
        if (kinds === "secret") return Promise.resolve(Buffer.from(crt).toString("base64"));
        if (kinds === "secrets") return Promise.resolve(release);
        if (kinds.startsWith("gateways") && !name.startsWith("-"))
            return Promise.resolve(JSON.stringify(gateway(name)));
        if (kinds.startsWith("gateways") && !routes)
            return Promise.reject(new Error(`error: the server doesn't have a resource type "gateways"`));
        return Promise.resolve(JSON.stringify({ items }));
    };
    const target = { stack: "production", namespace: "tradestream", releaseName: "tradestream", alertmanager };
    const read = (now = fresh): Promise<Status> => readStatus(target, kubectl, now);
    return { asked, read };
}

const problemsOf = async (objects: readonly Tree[], options = {}, now = fresh): Promise<readonly string[]> =>
    (await cluster(objects, options).read(now)).problems;

const without = (unwanted: string): readonly Tree[] => whole.filter(({ kind }) => kind !== unwanted);

/** The Secret of `npm run deploy`, as kubectl prints it. */
function deployments(releases: object): { readonly deployments: string } {
    const data = { releases: Buffer.from(JSON.stringify(releases)).toString("base64") };
    return { deployments: JSON.stringify({ data, metadata: { resourceVersion: "1" } }) };
}

describe("the status of a stack", () => {
    it("says of Jobs and schedules which digests they have run, of the image that they have now", async () => {
        const run = (name: string) => {
            const containers = [{ name, image: `registry.example.com/${name}:v1.2.3` }];
            return { spec: { containers } };
        };
        const job = object("Job", "migration", { template: run("database-migration") }, complete, {
            labels: labels("database-migration"),
        });
        const spec = { jobTemplate: { spec: { template: run("notification-worker") } } };
        const cron = cronJob("worker", "notification-worker", {}, spec);
        const pods = [pod("m-1", "database-migration"), pod("w-1", "notification-worker", true, "v1.2.2")];
        const { migration, schedules } = await cluster([job, cron, ...pods]).read();
        const digests = [`sha256:${"0123456789abcdef".repeat(4)}`];
        expect(migration!.images).to.deep.equal([{ image: "registry.example.com/database-migration:v1.2.3", digests }]);
        // Its pod has run an earlier image.
        expect(schedules[0]!.images).to.deep.equal([
            { image: "registry.example.com/notification-worker:v1.2.3", digests: [] },
        ]);
    });

    it("names the commit of the last good release and of an unfinished one, and nothing of their configuration", async () => {
        const [commit, unfinished] = ["0123456789abcdef", "fedcba9876543210"];
        const good = [{ commit, deployed: "2026-12-01T08:00:00Z", stackFile: "encrypted" }];
        const known = await cluster(whole, deployments({ good })).read();
        expect(known.deployed).to.deep.equal({ commit, time: "2026-12-01T08:00:00Z", unfinished: null });
        expect(JSON.stringify(known)).to.not.contain("encrypted");
        expect((await cluster(whole).read()).deployed).to.equal(null);
        const begun = await cluster(whole, deployments({ good, unfinished })).read();
        const text = statusLines(begun, new PassThrough()).map(stripVTControlCharacters).join("\n");
        expect(text).to.match(/last good release +0123456789, found good 2026-12-01T08:00:00Z/);
        expect(text).to.match(/unfinished +a deployment of fedcba9876$/m);
    });

    it("says what runs, in which versions, since when, and where", async () => {
        const { healthy, problems, ...status } = await cluster(whole, { routes: false }).read();
        expect({ healthy, problems }).to.deep.equal({ healthy: true, problems: [] });
        expect(status.workloads).to.deep.equal([
            {
                ...{
                    kind: "Deployment",
                    name: "tradestream-gateway-api",
                    ready: 2,
                    wanted: 2,
                    paused: false,
                    restarts: 2,
                },
                images: [
                    {
                        image: "registry.example.com/gateway-api:v1.2.3",
                        digests: [`sha256:${"0123456789abcdef".repeat(4)}`],
                    },
                ],
                address: "10.0.0.7:8000",
            },
            {
                ...{
                    kind: "Deployment",
                    name: "tradestream-agent-dashboard",
                    ready: 0,
                    wanted: 0,
                    paused: true,
                    restarts: 0,
                },
                images: [{ image: "registry.example.com/agent-dashboard:v1.2.3", digests: [] }],
                address: null,
            },
        ]);
        expect(status.release).to.deep.equal({ chart: null, revision: 2, status: "deployed" });
        expect(status.schedules[0]).to.include({ lastSuccess: "2026-12-01T11:55:08Z", suspended: false });
        expect(status.migration).to.include({ state: "succeeded", finished: "2026-12-01T09:01:00Z" });
        expect([status.smokeTest, status.backup]).to.deep.equal([null, null]);
        expect([status.schedules[0]!.images, status.migration!.images]).to.deep.equal([[], []]);
        expect(status.hosts).to.deep.equal([
            {
                ...{ host: "api.example.com", by: "Ingress tradestream-gateway-api" },
                ...{ addresses: ["192.0.2.10"], secretName: "api-tls", problem: null },
            },
        ]);
        expect(status.certificates[0]).to.include({
            notAfter: "2027-02-26T23:05:47.000Z",
            daysLeft: 87,
            problem: null,
        });
    });

    it("reads no key and no record of Helm", async () => {
        const { asked, read } = cluster(whole);
        await read();
        // What `npm run deploy` keeps is a stack file, whose secrets are encrypted.
        const secrets = asked.filter((line) => /^get secrets? (?!tradestream-deployments )/.test(line));
        expect(secrets).to.have.length(2);
        for (const line of secrets)
            expect(line)
                .to.match(/-o jsonpath=/)
                .and.not.match(/tls\.key|\.data\.release|\{\.data\}/);
    });

    it("knows the addresses of a Gateway, in another namespace too", async () => {
        const objects = without("Ingress");
        const own = await cluster([
            ...objects,
            gateway("edge"),
            route({ sectionName: "api" }),
            route({ sectionName: "http" }),
        ]).read();
        const host = { host: "api.example.com", addresses: ["192.0.2.20"], problem: null };
        expect(own.hosts).to.deep.equal([{ ...host, by: "Gateway edge", secretName: "api-tls" }]);
        const shared = await cluster([...objects, route({ namespace: "infra", sectionName: "api" })]).read();
        expect(shared.hosts).to.deep.equal([{ ...host, by: "Gateway infra/edge", secretName: null }]);
        expect(await problemsOf([...objects, gateway("edge", false), route({ sectionName: "api" })])).to.deep.equal([
            "api.example.com: Gateway edge is not programmed",
        ]);
    });

    it("takes a Gateway that serves without a published address for no problem", async () => {
        const conditions = [{ type: "Programmed", status: "True" }];
        const silent = { ...gateway("edge"), status: { conditions } };
        expect(await problemsOf([...without("Ingress"), silent, route({ sectionName: "api" })])).to.deep.equal([]);
    });

    describe("names as a problem", () => {
        const problems: Readonly<Record<string, () => Promise<readonly string[]>>> = {
            "Deployment tradestream-gateway-api has 1 of 2 pods ready": () =>
                problemsOf([...without("Deployment"), deployment("gateway-api", 2, 1)]),
            "pod gateway-3 is not ready (Running)": () =>
                problemsOf([...whole, pod("gateway-3", "gateway-api", false)]),
            "there are no pods in the namespace tradestream": () => problemsOf([], { release: "" }),
            "the release tradestream is pending-upgrade": () =>
                problemsOf(whole, { release: "9 deployed\n10 pending-upgrade\n" }),
            "the run of nightly at 2026-12-01T11:00:00Z did not succeed": () =>
                problemsOf([
                    ...whole,
                    cronJob("nightly", "x", {
                        lastScheduleTime: "2026-12-01T11:00:00Z",
                        lastSuccessfulTime: "2026-12-01T10:00:05Z",
                    }),
                ]),
            "the Job tradestream-database-migration-1 failed": () =>
                problemsOf([
                    ...without("Job"),
                    object(
                        ...(["Job", "tradestream-database-migration-1", {}] as const),
                        { conditions: [{ type: "Failed", status: "True" }] },
                        { labels: labels("database-migration") },
                    ),
                ]),
            "api.example.com: Ingress web has no address": () =>
                problemsOf([...whole, object("Ingress", "web", { rules: [{ host: "api.example.com" }] })]),
            "certificate api-tls: there is no certificate": () => problemsOf(whole, { crt: "" }),
            "certificate api-tls: tls.crt is no certificate": () => problemsOf(whole, { crt: "x" }),
            "certificate api-tls: it expires in 19 days and has not been renewed": () =>
                problemsOf(whole, {}, new Date("2027-02-07T12:00:00Z")),
            "certificate api-tls: it has expired": () => problemsOf(whole, {}, new Date("2027-02-27T12:00:00Z")),
            "certificate web-tls: it is not for www.example.com": () =>
                problemsOf([
                    ...whole,
                    object(
                        ...(["Ingress", "web"] as const),
                        {
                            rules: [{ host: "www.example.com" }],
                            tls: [{ hosts: ["www.example.com"], secretName: "web-tls" }],
                        },
                        { loadBalancer: { ingress: [{ hostname: "lb.example.com" }] } },
                    ),
                ]),
        };
        for (const [problem, find] of Object.entries(problems))
            it(problem, async () => expect(await find()).to.include(problem));
    });

    it("takes no run of a schedule for failed that is under way, suspended, or still to come", async () => {
        const lastScheduleTime = "2026-12-01T11:00:00Z";
        const fine = [
            cronJob("under-way", "x", { lastScheduleTime, active: [{}] }),
            cronJob("suspended", "x", { lastScheduleTime }, { suspend: true }),
            cronJob("new", "x", {}),
        ];
        expect(await problemsOf([...whole, ...fine])).to.deep.equal([]);
    });

    it("knows the age of the last backup: by the CronJobs that make one, or by the deployment's Job", async () => {
        const made = (lastSuccessfulTime?: string): Tree => ({ lastSuccessfulTime });
        const crons = [
            cronJob("tradestream-backup-full", "backup", made()),
            cronJob("tradestream-backup-restore-test", "backup", made("2026-12-01T11:59:00Z")),
        ];
        const first = object("Job", "tradestream-backup-1", {}, complete, backupLabels);
        const later = cronJob("tradestream-backup-incremental", "backup", made("2026-12-01T11:00:00Z"));
        const backup = async (...objects: Tree[]) => (await cluster([...whole, ...objects]).read()).backup;
        expect(await backup(...crons)).to.deep.equal({ lastSuccess: null, ageSeconds: null });
        expect(await backup(...crons, first)).to.deep.equal({
            lastSuccess: "2026-12-01T09:01:00Z",
            ageSeconds: 10_740,
        });
        expect(await backup(...crons, first, later)).to.include({ ageSeconds: 3600 });
    });

    describe("about alerts", () => {
        const alertmanager = { namespace: "monitoring", service: "alertmanager-operated:9093" };
        const firing = (alertname: string, severity: string, startsAt: string): Tree => ({
            ...{ labels: { alertname, severity }, startsAt, status: { state: "active" } },
            annotations: { summary: `${alertname} says so`, runbook_url: `docs/monitoring.md#${alertname}` },
        });
        const late = firing("Late", "warning", "2026-12-01T11:50:00.000Z");
        const early = firing("Early", "critical", "2026-12-01T12:40:00.000+01:00");
        const statusFrom = async (answer: string, from?: Alertmanager) => {
            const { asked, read } = cluster(whole, { alerts: answer }, from);
            const status = await read();
            const { alerts, alertsUnknown, healthy, problems } = status;
            const text = statusLines(status, new PassThrough()).map(stripVTControlCharacters).join("\n");
            return {
                alerts,
                alertsUnknown,
                healthy,
                problems,
                text,
                asked: asked.filter((each) => /--raw/.test(each)),
            };
        };

        it("lists those of its namespace that fire, the oldest first; a critical one is a problem", async () => {
            const firing = JSON.stringify([late, early]);
            const { alerts, healthy, problems, text, asked } = await statusFrom(firing, alertmanager);
            expect(alerts?.map(({ name }) => name)).to.deep.equal(["Early", "Late"]);
            expect(alerts?.[0]).to.deep.equal({
                ...{ name: "Early", severity: "critical", since: "2026-12-01T12:40:00.000+01:00" },
                ...{ summary: "Early says so", runbook: "docs/monitoring.md#Early" },
            });
            expect({ healthy, problems }).to.deep.equal({
                healthy: false,
                problems: ["the alert Early fires: Early says so"],
            });
            expect(text).to.match(
                /^Alerts\n {2}critical +Early +since 2026-12-01T12:40:00.000\+01:00 +Early says so +docs\S+#Early\n {2}warning +Late /m,
            );
            const proxy = "/api/v1/namespaces/monitoring/services/alertmanager-operated:9093/proxy/api/v2/alerts";
            const query = "active=true&silenced=false&inhibited=false&unprocessed=false";
            const filter = "filter=namespace%3D%22tradestream%22";
            expect(asked).to.deep.equal([`get --raw ${proxy}?${query}&${filter}`]);
        });

        it("takes a warning, and no alert at all, for no problem", async () => {
            const warned = await statusFrom(JSON.stringify([late]), alertmanager);
            expect([warned.alerts?.length, warned.healthy]).to.deep.equal([1, true]);
            const silent = await statusFrom("[]", alertmanager);
            expect([silent.alerts, silent.alertsUnknown, silent.healthy]).to.deep.equal([[], null, true]);
            expect(silent.text).to.match(/^Alerts\n {2}none fires$/m);
        });

        it("asks nobody where no Alertmanager is configured", async () => {
            const { alerts, alertsUnknown, asked, text } = await statusFrom("");
            expect([alerts, alertsUnknown, asked]).to.deep.equal([null, null, []]);
            expect(text).to.not.contain("Alert");
        });

        it("says in one line why they are not known, which is no problem of the stack", async () => {
            const { alerts, alertsUnknown, healthy, text } = await statusFrom("", alertmanager);
            const reason =
                "Alertmanager (alertmanager-operated:9093 in the namespace monitoring) cannot be asked: " +
                'services "alertmanager-operated" not found';
            expect([alerts, alertsUnknown, healthy]).to.deep.equal([null, reason, true]);
            expect(text).to.contain(`\nAlerts\n  ${reason}\n\nEverything is as it should be.`);
        });

        it("finds it where the configuration says: by default, that of the Prometheus operator", () => {
            const of = (monitoring: Tree, networkPolicy?: Tree) =>
                alertmanagerOf({ "x:monitoring": monitoring, "x:networkPolicy": networkPolicy }, "x");
            expect(of({ enabled: true })).to.deep.equal(alertmanager);
            expect(
                of({ enabled: true, alertmanager: "https:alerts:web" }, { monitoringNamespace: "watch" }),
            ).to.deep.equal({ namespace: "watch", service: "https:alerts:web" });
            for (const none of [
                {},
                { enabled: false, alertmanager: "alerts:9093" },
                { enabled: true, alertmanager: "" },
            ])
                expect(of(none)).to.equal(undefined);
        });
    });

    it("is coloured on a terminal only", async () => {
        const status = await cluster(whole, { crt: "" }).read();
        const lines = (isTTY: boolean): string =>
            statusLines(status, Object.assign(new PassThrough(), { isTTY, getColorDepth: () => 8 })).join("\n");
        expect(stripVTControlCharacters(lines(true))).to.equal(lines(false));
        expect(lines(false)).to.match(/^ {2}tradestream-gateway-api +2\/2 pods ready +10\.0\.0\.7:8000 +2 restarts$/m);
        expect(lines(false)).to.match(/^ {2}tradestream-agent-dashboard +paused$/m);
        expect(lines(false)).to.contain("Not as it should be:\n  certificate api-tls: there is no certificate");
    });

    it("throws where the cluster cannot be asked", async () => {
        const failing = (): Promise<string> => Promise.reject(new Error("Unable to connect to the server"));
        const failure = await readStatus({ stack: "x", namespace: "x", releaseName: "x" }, failing).catch(String);
        expect(failure).to.contain("Unable to connect");
    });
});
