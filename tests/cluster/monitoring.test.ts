/** Alerts as those who are called see them: a real Prometheus and Alertmanager watch the deployed stack. */
import { expect } from "chai";
import { createReport } from "../../local/report.ts";
import { sandboxImage } from "../../local/cluster/config/node.ts";
import { type Kubectl, kubectlFor } from "../../scripts/kubectl.ts";
import { alertmanagerOf, alertsOf } from "../../scripts/status/alerts.ts";
import { readStatus } from "../../scripts/status/index.ts";
import { record } from "../evidence.ts";
import { shellBlock } from "../support/guide.ts";
import { definitionFiles } from "../support/operator.ts";
import { command, eventually, get, kubectl, type KubeObject, serviceUrl } from "./support/commands.ts";
import { Enforcer } from "./support/enforcer.ts";
import { exporting, loadExporters } from "./support/exporters.ts";
import { Load } from "./support/load.ts";
import { networkOf } from "./support/node.ts";
import { onCluster } from "./support/objects.ts";
import { Operator } from "./support/operator.ts";
import { type Firing, Watch } from "./support/prometheus.ts";
import { configOf, TestStack } from "./support/pulumi.ts";
import { namespace, settled, start, upOk } from "./support/tradestream.ts";

const suite = "Monitoring";
/** An alert of five minutes takes five seconds. */
const on = {
    "monitoring.enabled": true,
    "monitoring.speed": 60,
    "monitoring.intervalSeconds": 1,
    // With a probe that asks the database, pods would soon get no requests that could fail.
    "gatewayApi.readinessProbe.path": "/health",
    ...exporting("postgres"),
    ...exporting("redis"),
};
/** Who asks: the namespace of Prometheus, and another one. */
const places = ["monitoring", "elsewhere"] as const;
const gateway = "deployment/tradestream-gateway-api";
const database = "statefulset/tradestream-postgresql";
const alertmanager = alertmanagerOf(configOf("local", on), "tradestream");

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
    this.timeout(400_000);
    let enforcer: Enforcer;
    let watch: Watch | undefined;
    let asOperator: Kubectl;

    before(async () => {
        asOperator = await kubectlFor({ context: undefined, env: {} }, createReport());
        enforcer = await Enforcer.start();
        await loadExporters();
        await onCluster("delete", objects, "--ignore-not-found", "--now");
        await onCluster("create", objects);
        await start();
    });

    after(async () => {
        await watch?.stop();
        await enforcer?.stop();
        await upOk();
        await onCluster("delete", objects, "--now", "--wait=false");
        for (const file of await definitionFiles("prometheus"))
            await kubectl("delete", "-f", file, "--ignore-not-found");
    });

    /** Waits until an alert is there, or is not. */
    function until(isThere: boolean, name: string, labels: Readonly<Record<string, string>> = {}): Promise<Firing[]> {
        const wanted = Object.entries({ alertname: `TradeStream${name}`, ...labels });
        return eventually(90, async () => {
            const found = (await watch!.alerts()).filter((alert) =>
                wanted.every(([label, value]) => alert.labels[label] === value),
            );
            return found.length > 0 === isThere ? found : undefined;
        });
    }

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
        watch = await Watch.start(await podIn("monitoring"));
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

    it("calls when requests fail, and no longer when they succeed again", async () => {
        const load = await Load.start({
            url: await serviceUrl("tradestream-gateway-api"),
            freshPath: "/api/status",
            keptPath: "/api/status",
            // Each request waits two seconds for the database, and the alert about a route wants 20 in its ten.
            workers: 8,
            pause: 200,
        });
        try {
            await until(false, "ErrorBudgetBurnFast");
            const began = performance.now();
            await kubectl("scale", database, "-n", namespace, "--replicas=0");
            // It says 0, or says nothing in time while it looks for the server.
            await eventually(60, async () => ((await watch!.query("pg_up == 1")).length === 0 ? true : undefined));
            const [fast] = await until(true, "ErrorBudgetBurnFast", { severity: "critical", namespace });
            const [route] = await until(true, "RouteErrors", { route: "GET /api/status" });
            record({
                suite,
                name: "PostgreSQL stopped: both alerts after (speed 60)",
                value: Math.round((performance.now() - began) / 1000),
                unit: "s",
            });
            expect(fast!.annotations["description"]).to.match(/^[\d.]+% of the requests fail/);
            expect(route!.annotations["summary"]).to.include("GET /api/status");
            const { alert, problem, healthy } = await statusOf("TradeStreamErrorBudgetBurnFast");
            expect(alert).to.include({ severity: "critical", summary: fast!.annotations["summary"] });
            expect(alert!.runbook).to.equal("docs/monitoring.md#tradestreamerrorbudgetburnfast");
            expect(Date.parse(alert!.since)).to.be.below(Date.now());
            expect([problem, healthy]).to.deep.equal([`the alert ${alert!.name} fires: ${alert!.summary}`, false]);
            await kubectl("scale", database, "-n", namespace, "--replicas=1");
            await until(false, "ErrorBudgetBurnFast");
            const after = await statusOf("TradeStreamErrorBudgetBurnFast");
            expect([after.alert, after.problem]).to.deep.equal([undefined, undefined]);
            await until(false, "RouteErrors");
        } finally {
            await kubectl("scale", database, "-n", namespace, "--replicas=1");
            await load.stop();
        }
    });

    it("calls when there is nothing left to watch, and no longer when it is back", async () => {
        const labels = { source: "gateway-api" };
        await until(false, "MetricsMissing", labels);
        await kubectl("scale", gateway, "-n", namespace, "--replicas=0");
        await until(true, "MetricsMissing", labels);
        await kubectl("scale", gateway, "-n", namespace, "--replicas=2");
        await until(false, "MetricsMissing", labels);
    });
});
