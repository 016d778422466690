/** The dashboards: every expression in them has data in a real Prometheus where there are the metrics that they rely on. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect } from "chai";
import { command } from "../../../local/cluster/command.ts";
import type { Change } from "../../support/configuration.ts";
import { type Program, runProgram } from "../../support/mocks.ts";
import { inputsOf, objectName, objectsOf } from "../../support/objects.ts";
import { prometheusTools } from "../../support/prometheus.ts";
import { programOf } from "../../support/programs.ts";

interface Dashboard {
    readonly uid: string;
    readonly title: string;
    readonly panels: readonly {
        readonly id: number;
        readonly type: string;
        readonly title: string;
        readonly datasource?: { readonly uid: string };
        readonly targets?: readonly { readonly refId: string; readonly expr: string }[];
    }[];
}

const on = { "monitoring.enabled": true, "monitoring.dashboards.enabled": true };
const exporters = { "postgresExporter.enabled": true, "redisExporter.enabled": true };
const names = ["services", "data-services"] as const;

const run = (change: Change = {}): Promise<Program> => runProgram("production", { ...on, ...exporters, ...change });

function dashboardOf(program: Program, name: (typeof names)[number]): Dashboard {
    const { data } = inputsOf(program, "ConfigMap", `tradestream-dashboard-${name}`);
    return JSON.parse(String(Object.values(data!)[0])) as Dashboard;
}

const panelsOf = (program: Program) =>
    names.flatMap((name) => dashboardOf(program, name).panels.filter(({ type }) => type !== "row"));
const expressionsOf = (program: Program): readonly string[] =>
    panelsOf(program).flatMap(({ targets }) => targets!.map(({ expr }) => expr));

const own = 'namespace="tradestream"';
const gateway = `${own},pod="tradestream-gateway-api-1"`;
const container = (pod: string): string => `${own},pod="tradestream-${pod}-0",container="main"`;
const claim = `${own},persistentvolumeclaim="data-tradestream-postgresql-0"`;

/** Metrics of a stack, by the names that its configuration gives to those of gateway-api. */
function series(requests = "gateway_requests_total", code = "code", route = "route"): readonly string[] {
    const postgres = (metric: string): string => `${metric}{${own},pod="tradestream-postgres-exporter-1",datname="a"}`;
    const redis = (metric: string): string => `redis_${metric}{${own},pod="tradestream-redis-exporter-1"}`;
    const ofPods = ["gateway-api", "postgresql"].flatMap((pod) => [
        `container_cpu_usage_seconds_total{${container(pod)}}`,
        `container_memory_working_set_bytes{${container(pod)}}`,
        `kube_pod_container_status_restarts_total{${container(pod)}}`,
        `kube_pod_container_resource_limits{${container(pod)},resource="cpu"}`,
        `kube_pod_container_resource_limits{${container(pod)},resource="memory"}`,
    ]);
    return [
        `${requests}{${gateway},${route}="GET /api/status",${code}="200"}`,
        `gateway_request_duration_seconds_bucket{${gateway},${route}="GET /api/status",le="0.5"}`,
        `gateway_request_duration_seconds_bucket{${gateway},${route}="GET /api/status",le="+Inf"}`,
        `gateway_database_connections_in_use{${gateway}}`,
        `gateway_database_connections_max{${gateway}}`,
        `kube_deployment_status_replicas_available{${own},deployment="tradestream-gateway-api"}`,
        `kube_deployment_spec_replicas{${own},deployment="tradestream-gateway-api"}`,
        `kube_cronjob_status_last_successful_time{${own},cronjob="tradestream-notification-worker"}`,
        `kube_statefulset_status_replicas_ready{${own},statefulset="tradestream-postgresql"}`,
        `kubelet_volume_stats_available_bytes{${claim}}`,
        `kubelet_volume_stats_capacity_bytes{${claim}}`,
        ...ofPods,
        ...["pg_settings_max_connections", "pg_database_size_bytes"].map(postgres),
        ...["numbackends", "xact_commit", "xact_rollback", "blks_hit", "blks_read", "deadlocks"].map((name) =>
            postgres(`pg_stat_database_${name}`),
        ),
        ...["memory_used_bytes", "memory_max_bytes", "connected_clients", "commands_processed_total"].map(redis),
        ...["keyspace_hits_total", "keyspace_misses_total", "evicted_keys_total"].map(redis),
    ];
}

describe("dashboards", function () {
    this.timeout(120_000);
    let program: Program;
    let directory: string;
    let promtool: string;

    before(async () => {
        program = await run();
        directory = mkdtempSync(path.join(os.tmpdir(), "tradestream-dashboards-"));
        ({ promtool } = await prometheusTools());
    });

    after(() => rmSync(directory, { recursive: true }));

    /** Expressions without data where there are these series; throws what promtool says where one is no PromQL. */
    async function withoutData(expressions: readonly string[], metrics: readonly string[]): Promise<readonly string[]> {
        const file = path.join(directory, "test.yaml");
        // Numbered, so that what promtool says of one is found.
        const asked = expressions.map((expression, index) => ({
            expr: `count(${expression.replaceAll("$__rate_interval", "5m")}) > bool ${-index - 1}`,
            eval_time: "30m",
            exp_samples: [{ labels: "{}", value: 1 }],
        }));
        const input_series = metrics.map((name) => ({ series: name, values: "1+2x40" }));
        const tests = [{ interval: "1m", input_series, promql_expr_test: asked }];
        writeFileSync(file, JSON.stringify({ evaluation_interval: "1m", tests }));
        const said = await command(promtool, "test", "rules", file).catch((error: unknown) => String(error));
        if (said.includes("parse error")) throw new Error(said);
        return expressions.filter((_, index) => said.includes(`> bool ${-index - 1}"`));
    }

    it("are off by default", async () => {
        const maps = objectsOf(await programOf("production"), "ConfigMap").map(objectName);
        expect(maps.join()).to.not.include("dashboard");
    });

    it("are ConfigMaps with the label that Grafana looks for, each with an address of its own", async () => {
        const other = await run({ "monitoring.dashboards.labels": { dashboards: "yes" }, namespace: "other" });
        for (const name of names) {
            const { labels } = inputsOf(program, "ConfigMap", `tradestream-dashboard-${name}`)["metadata"]!;
            expect(labels).to.include({ grafana_dashboard: "1", "app.kubernetes.io/instance": "tradestream" });
            const uid = dashboardOf(program, name).uid;
            expect(uid).to.match(/^[a-z0-9-]{1,40}$/);
            expect(uid).to.not.equal(dashboardOf(other, name).uid);
            const changed = inputsOf(other, "ConfigMap", `tradestream-dashboard-${name}`)["metadata"]!["labels"];
            expect(changed).to.include({ dashboards: "yes" });
        }
    });

    it("ask the Prometheus that is chosen, and tell panels and their queries apart", () => {
        for (const { datasource, title, targets } of panelsOf(program)) {
            expect(datasource?.uid, title).to.equal("${datasource}");
            expect(new Set(targets!.map(({ refId }) => refId)), title).to.have.property("size", targets!.length);
        }
        for (const name of names) {
            const ids = dashboardOf(program, name).panels.map(({ id }) => id);
            expect(new Set(ids).size, name).to.equal(ids.length);
        }
    });

    it("have data in each panel", async () => {
        expect(expressionsOf(program)).to.have.length.greaterThan(30);
        expect(await withoutData(expressionsOf(program), series())).to.deep.equal([]);
    });

    it("have data under the names of another image, and would not under the others", async () => {
        const expressions = expressionsOf(
            await run({
                "monitoring.metrics.requests": "http_requests_total",
                "monitoring.metrics.codeLabel": "status",
                "monitoring.metrics.routeLabel": "handler",
                "monitoring.metrics.matchers": 'handler!="/health"',
            }),
        );
        const renamed = series("http_requests_total", "status", "handler");
        expect(await withoutData(expressions, renamed)).to.deep.equal([]);
        const lacking = await withoutData(expressions, series());
        expect(lacking.join()).to.include("sum by (handler)").and.include("sum by (status)");
    });

    it("would have none where a metric is missing, and would be refused with a wrong expression", async () => {
        const without = series().filter((name) => !name.startsWith("redis_memory_max_bytes"));
        expect(await withoutData(expressionsOf(program), without)).to.deep.equal([
            'max(sum by (pod) (redis_memory_max_bytes{namespace="tradestream",pod=~"tradestream-redis-exporter-.+"}))',
        ]);
        const wrong = await withoutData(["sum(rate(x[5m])"], []).catch((error: unknown) => String(error));
        expect(wrong).to.include("parse error");
    });

    it("show what there is: no exporters, no panels of theirs", async () => {
        const less = await runProgram("production", {
            ...on,
            "gatewayApi.metrics.enabled": false,
            databaseUrl: "postgresql://app:pw@db.example.com/trade?sslmode=verify-full",
            redisUrl: "rediss://:pw@redis.example.com",
        });
        const dashboards = objectsOf(less, "ConfigMap").map(objectName);
        expect(dashboards).to.deep.equal(["tradestream-dashboard-services"]);
        const text = JSON.stringify(dashboardOf(less, "services"));
        expect(text).to.include("kube_deployment_spec_replicas").and.not.include("gateway_");
    });
});
