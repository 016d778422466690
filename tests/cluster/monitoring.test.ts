/** Alerts as those who are called see them: a real Prometheus and Alertmanager watch the deployed stack. */
import { expect } from "chai";
import { createReport } from "../../local/report.ts";
import { sandboxImage } from "../../local/cluster/config/node.ts";
import { type AlertName, alertNames } from "../../config/monitoring.ts";
import { installHttps } from "../../local/https/index.ts";
import { certManager } from "../../local/https/objects.ts";
import { type Kubectl, kubectlFor } from "../../scripts/kubectl.ts";
import { alertmanagerOf, alertsOf } from "../../scripts/status/alerts.ts";
import { readStatus } from "../../scripts/status/index.ts";
import { record } from "../evidence.ts";
import { shellBlock } from "../support/guide.ts";
import { definitionFiles } from "../support/operator.ts";
import { type Seen, tryOut } from "./support/alerts.ts";
import { causesOf } from "./support/causes.ts";
import { cluster } from "./support/cluster-name.ts";
import { command, eventually, get, kubectl, type KubeObject } from "./support/commands.ts";
import { Enforcer } from "./support/enforcer.ts";
import { exporting, loadExporters } from "./support/exporters.ts";
import { networkOf } from "./support/node.ts";
import { onCluster } from "./support/objects.ts";
import { Operator } from "./support/operator.ts";
import { type Firing, Watch } from "./support/prometheus.ts";
import { configOf, TestStack } from "./support/pulumi.ts";
import { Sources } from "./support/sources.ts";
import { clear, namespace, settled, start, upOk } from "./support/tradestream.ts";

const suite = "Monitoring";
/** An alert of five minutes takes five seconds. */
const speed = 60;
const backups = { kind: "PersistentVolumeClaim", name: "backups" };
const on = {
    "monitoring.enabled": true,
    "monitoring.speed": speed,
    "monitoring.intervalSeconds": 1,
    // With a probe that asks the database, pods would soon get no requests that could fail.
    "gatewayApi.readinessProbe.path": "/health",
    // The number of pods stays.
    "gatewayApi.autoscaling.targetCPUUtilization": 400,
    ...exporting("postgres"),
    ...exporting("redis"),
    // What else there are alerts about, and small enough to be full soon.
    "database.tls.enabled": true,
    "gatewayApi.database.poolSize": 10,
    "gatewayApi.autoscaling.maxReplicas": 3,
    "database.maxConnections": 100,
    "database.reservedConnections": 5,
    "chart.values.redis.master.maxMemory": "32mb",
    "backup.enabled": true,
    "backup.volume.claimName": backups.name,
    "backup.scratchSize": "1Gi",
    // A backup each minute. One is too old after two.
    "backup.schedule": { full: "1-59/2 * * * *", incremental: "*/2 * * * *", restoreTest: "0 5 * * 0" },
    "backup.activeDeadlineSeconds": 60,
    "backup.archiveTimeoutSeconds": 10,
    backupPassphrase: "the-passphrase-of-the-tests",
};
/** Who asks: the namespace of Prometheus, and another one. */
const places = ["monitoring", "elsewhere"] as const;
const alertmanager = alertmanagerOf(configOf("local", on), "tradestream");

/** What alerts say of their cause. */
const says: Readonly<Partial<Record<AlertName, RegExp>>> = {
    TradeStreamErrorBudgetBurnFast: /^[\d.]+% of the requests fail/m,
    TradeStreamRouteErrors: /GET \/api\/status/,
};

/** As the operator makes it. */
const service = {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "alertmanager-operated", namespace: "monitoring" },
    spec: { clusterIP: "None", selector: { app: "prometheus" }, ports: [{ name: "http-web", port: 9093 }] },
};

const pods = places.flatMap((name) => [
    { apiVersion: "v1", kind: "Namespace", metadata: { name } },
    {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: "prometheus", namespace: name, labels: { app: "prometheus" } },
        spec: { containers: [{ name: "network", image: sandboxImage, imagePullPolicy: "Never" }] },
    },
]);
const objects = [...pods, service];

async function podIn(place: string): Promise<KubeObject> {
    await kubectl("wait", "pod/prometheus", "-n", place, "--for=condition=Ready", "--timeout=60s");
    return (await get("pod", "prometheus", "-n", place))[0]!;
}

describe("monitoring", function () {
    this.timeout(600_000);
    let enforcer: Enforcer;
    let watch: Watch | undefined;
    let sources: Sources | undefined;
    let asOperator: Kubectl;

    before(async () => {
        asOperator = await kubectlFor({ context: undefined, env: {} }, createReport());
        enforcer = await Enforcer.start();
        await loadExporters();
        await installHttps(cluster, createReport(), { certManagerOnly: true });
        await onCluster("delete", objects, "--ignore-not-found", "--now");
        await onCluster("create", objects);
        await start();
        const resources = { requests: { storage: "1Gi" } };
        const metadata = { name: backups.name, namespace };
        const spec = { accessModes: ["ReadWriteOnce"], resources };
        await onCluster("apply", [{ apiVersion: "v1", kind: backups.kind, metadata, spec }]);
    });

    after(async () => {
        await watch?.stop();
        await sources?.stopStateMetrics();
        await enforcer?.stop();
        await clear();
        await kubectl("delete", "namespace", certManager.namespace, "--ignore-not-found");
        await onCluster("delete", objects, "--now", "--wait=false");
        for (const file of await definitionFiles("prometheus"))
            await kubectl("delete", "-f", file, "--ignore-not-found");
    });

    /** What the status says of an alert. */
    async function statusOf(name: string) {
        const target = { stack: "local", namespace, releaseName: "tradestream", alertmanager };
        const { alerts, problems, healthy } = await readStatus(target, asOperator);
        const alert = alerts!.find((each) => each.name === name);
        return { alert, problem: problems.find((each) => each.includes(name)), healthy };
    }

    it("changes nothing where the cluster lacks the operator's API", async () => {
        const { code, stdout, stderr } = await (await TestStack.of("local", on)).run(["up", "--yes", "--skip-preview"]);
        expect(code).to.not.equal(0);
        expect(stdout + stderr)
            .to.include("expected-CustomResourceDefinition")
            .and.to.match(/not (be )?found|does not exist/);
    });

    it("has objects that the operator's API takes, and an update leaves them as they are", async () => {
        for (const file of await definitionFiles("prometheus")) await kubectl("create", "-f", file);
        const files = (await definitionFiles("prometheus")).flatMap((file) => ["-f", file]);
        await kubectl("wait", ...files, "--for=condition=Established", "--timeout=60s");
        await upOk(on);
        expect(await (await TestStack.of("local", on)).changes({})).to.deep.equal([]);
        expect(await get("prometheusrules,servicemonitors,podmonitors", "-n", namespace)).to.have.length(3);
    });

    it("lets Prometheus scrape gateway-api from its own namespace, and nobody from another one", async () => {
        sources = new Sources(await podIn("monitoring"));
        await sources.startStateMetrics();
        watch = await Watch.start(await podIn("monitoring"), sources);
        const pods = await settled("gateway-api");
        const up = 'up{namespace="tradestream",service="tradestream-gateway-api"} == 1';
        await eventually(60, async () => ((await watch!.query(up)).length === pods.size ? true : undefined));
        const [pod] = await get("pods", "-n", namespace, "-l", "app.kubernetes.io/component=gateway-api");
        for (const exporter of ["pg_up", "redis_up"])
            await eventually(60, async () =>
                (await watch!.query(`${exporter} == 1`)).length === 1 ? true : undefined,
            );
        const [open] = await watch.query("sum(pg_stat_database_numbackends) / max(pg_settings_max_connections)");
        expect(open).to.be.greaterThan(0).and.below(1);
        const script = `exec 3<>/dev/tcp/${String(pod!.status["podIP"])}/8000`;
        const reaches = async (place: string): Promise<boolean> => {
            const within = [`--net=${networkOf(await podIn(place))}`, "timeout", "3", "bash", "-c", script];
            return (await command("nsenter", within)).code === 0;
        };
        expect([await reaches("monitoring"), await reaches("elsewhere")]).to.deep.equal([true, false]);
        // The load that follows comes from this machine, which the policies refuse.
        await enforcer.stop();
    });

    it("tells the status what fires, with the one right that the guide names", async () => {
        const kim: Kubectl = (args) => asOperator([...args, "--as=kim@example.com"]);
        const refused = await alertsOf(alertmanager, kim, namespace);
        expect(refused.alerts).to.equal(null);
        expect(refused.alertsUnknown).to.match(
            /^Alertmanager .* cannot be asked: .*cannot get resource "services\/proxy".*$/,
        );
        const operator = await Operator.of(await TestStack.of("local", on));
        await operator.ok(shellBlock("docs/monitoring.md", "kubectl create role alerts-reader"));
        operator.close();
        const allowed = await eventually(
            30,
            async () => (await alertsOf(alertmanager, kim, namespace)).alerts ?? undefined,
        );
        const others = { ...alertmanager!, service: "alertmanager:9093" };
        expect((await alertsOf(others, asOperator, namespace)).alertsUnknown).to.include('"alertmanager" not found');
        expect(allowed).to.be.an("array");
    });

    describe("calls when there is a cause, and no longer when it is gone:", () => {
        let seen: Readonly<Record<AlertName, Promise<readonly Seen[]>>>;

        before(() => {
            seen = tryOut(watch!, causesOf(watch!, sources!), { TradeStreamErrorBudgetBurnFast: tellsStatus });
        });

        for (const name of alertNames)
            it(name, async () => {
                for (const { firing, fired, gone } of await seen[name]) {
                    const { source } = firing.labels;
                    const title = `${name}${source === undefined ? "" : ` (${source})`}`;
                    record({
                        suite,
                        name: `${title}: fires after its cause, is gone after its end (speed ${speed})`,
                        value: `${fired}; ${gone}`,
                        unit: "s",
                    });
                    expect(firing.labels).to.include({ namespace });
                    expect(firing.labels["severity"]).to.match(/^(critical|warning)$/);
                    expect(Object.values(firing.annotations).join("\n")).to.match(says[name] ?? /./);
                    const { summary, description, runbook_url: runbook } = firing.annotations;
                    expect(runbook).to.equal(`docs/monitoring.md#${name.toLowerCase()}`);
                    for (const text of [summary, description])
                        expect(text)
                            .to.match(/^[^{}]+$/)
                            .and.not.match(/NaN|Inf|no value/);
                }
            });

        it("ErrorBudgetBurnFast in the status as well", async () => {
            await seen.TradeStreamErrorBudgetBurnFast;
            const { alert, problem } = await statusOf("TradeStreamErrorBudgetBurnFast");
            expect([alert, problem]).to.deep.equal([undefined, undefined]);
        });
    });

    /** What is to be seen of an alert in the status, while it fires. */
    async function tellsStatus({ annotations }: Firing): Promise<void> {
        expect(annotations["description"]).to.match(/^[\d.]+% of the requests fail/);
        const { alert, problem, healthy } = await statusOf("TradeStreamErrorBudgetBurnFast");
        expect(alert).to.include({ severity: "critical", summary: annotations["summary"] });
        expect(alert!.runbook).to.equal("docs/monitoring.md#tradestreamerrorbudgetburnfast");
        expect(Date.parse(alert!.since)).to.be.below(Date.now());
        expect([problem, healthy]).to.deep.equal([`the alert ${alert!.name} fires: ${alert!.summary}`, false]);
    }
});
