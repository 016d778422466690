import { readFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import { settingsSchema } from "../../../config/schema.ts";
import { deployerRoles } from "../../../scripts/rbac.ts";
import { objectsOf as rendered } from "../../../scripts/render/objects.ts";
import { type Change, root } from "../../support/configuration.ts";
import { type Program, runProgram } from "../../support/mocks.ts";
import { inputsOf, objectName, objectsOf, podOf, type Tree } from "../../support/objects.ts";
import { programOf } from "../../support/programs.ts";

interface Rule {
    readonly alert: string;
    readonly expr: string;
    readonly for?: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
}

const on = { "monitoring.enabled": true };
const run = (change: Change = {}): Promise<Program> => runProgram("staging", { ...on, ...change });
const groupsOf = (program: Program): Tree =>
    inputsOf(program, "PrometheusRule", "tradestream-alerts")["spec"]!["groups"]!;
const rulesOf = (program: Program): readonly Rule[] =>
    groupsOf(program).flatMap(({ rules }) => rules as unknown as Rule[]);
const namesOf = (program: Program) => new Set(rulesOf(program).map(({ alert }) => alert.replace("TradeStream", "")));
const annotationsOf = (program: Program): Tree =>
    podOf(program, "Deployment", "tradestream-gateway-api")["metadata"]!["annotations"]!;

describe("monitoring", () => {
    let program: Program;
    before(async () => {
        program = await run();
    });

    it("is off by default: gateway-api is scraped by its annotations, and there is no alert", async () => {
        const staging = await programOf("staging");
        for (const kind of ["PrometheusRule", "ServiceMonitor", "ConfigMap"] as const)
            expect(objectsOf(staging, kind), kind).to.deep.equal([]);
        expect(annotationsOf(staging)).to.include({ "prometheus.io/scrape": "true", "prometheus.io/port": "8000" });
    });

    it("has a ServiceMonitor for the Service of gateway-api, in place of the annotations", () => {
        const monitor = inputsOf(program, "ServiceMonitor", "tradestream-gateway-api");
        expect(monitor["spec"]!["endpoints"]).to.deep.equal([
            { port: "http", path: "/metrics", interval: "30s", scrapeTimeout: "10s" },
        ]);
        const labels = inputsOf(program, "Service", "tradestream-gateway-api")["metadata"]!["labels"];
        expect(labels).to.deep.include(monitor["spec"]!["selector"]!["matchLabels"]);
        expect(annotationsOf(program)).to.not.have.any.keys("prometheus.io/scrape", "prometheus.io/port");
    });

    it("scrapes as often and where it is configured, with the labels that the operator selects by", async () => {
        const other = await run({
            "monitoring.intervalSeconds": 5,
            "monitoring.labels": { release: "prometheus", "app.kubernetes.io/name": "mine" },
            "gatewayApi.metrics.path": "/internal/metrics",
        });
        const { metadata, spec } = inputsOf(other, "ServiceMonitor", "tradestream-gateway-api");
        expect(spec!["endpoints"]![0]).to.include({ path: "/internal/metrics", interval: "5s", scrapeTimeout: "5s" });
        const rule = inputsOf(other, "PrometheusRule", "tradestream-alerts");
        for (const { labels } of [metadata!, rule["metadata"]!])
            expect(labels).to.include({ release: "prometheus", "app.kubernetes.io/name": "tradestream" });
    });

    it("watches what there is, and nothing else", async () => {
        const all = namesOf(program);
        expect(all).to.include.all.keys("ErrorBudgetBurnFast", "CertificateExpiring", "AutoscalerAtMaximum");
        expect(all, "without backups").to.not.include("BackupTooOld");
        const less = await run({
            "gatewayApi.metrics.enabled": false,
            "gatewayApi.autoscaling.enabled": false,
            "gatewayApi.ingress.enabled": false,
            "agentDashboard.ingress.enabled": false,
            "notificationWorker.paused": true,
            "databaseMigration.enabled": false,
            "smokeTest.enabled": false,
            databaseUrl: "postgresql://app:pw@db.example.com/trade?sslmode=verify-full",
        });
        expect(objectsOf(less, "ServiceMonitor")).to.deep.equal([]);
        expect([...namesOf(less)]).to.have.members([
            ...["ServiceDown", "ReplicasMissing", "DataServiceDown", "ContainerRestarts", "PodPending"],
            ...["CpuNearLimit", "MemoryNearLimit", "VolumeFilling", "VolumeFull", "MetricsMissing"],
        ]);
        const sources = rulesOf(less).flatMap(({ labels }) => labels["source"] ?? []);
        expect(sources).to.deep.equal(["kube-state-metrics", "kubelet"]);
        expect(JSON.stringify(rulesOf(less)), "a database elsewhere").to.not.include("tradestream-postgresql");
    });

    it("watches no data service where both are outside the cluster", async () => {
        const outside = await run({
            databaseUrl: "postgresql://app:pw@db.example.com/trade?sslmode=verify-full",
            redisUrl: "rediss://:pw@redis.example.com",
        });
        expect([...namesOf(program)].filter((name) => !namesOf(outside).has(name))).to.deep.equal(["DataServiceDown"]);
    });

    it("leaves out alerts that are disabled", async () => {
        const other = await run({ "monitoring.disabledAlerts": ["TradeStreamLatency"] });
        expect([...namesOf(program)].filter((name) => !namesOf(other).has(name))).to.deep.equal(["Latency"]);
    });

    it("gives each alert the labels that route it, and a runbook", async () => {
        const other = await run({
            "monitoring.alertLabels": { team: "trading", severity: "none" },
            "monitoring.runbookUrl": "https://wiki.example.com/tradestream",
        });
        for (const { alert, labels, annotations } of rulesOf(other)) {
            expect(labels, alert).to.include({ namespace: "tradestream-staging", team: "trading" });
            expect(labels["severity"], alert).to.match(/^(critical|warning)$/);
            const anchor = alert.toLowerCase();
            expect(annotations["runbook_url"]).to.equal(`https://wiki.example.com/tradestream#${anchor}`);
        }
    });

    it("follows the objectives, and the metrics of another image", async () => {
        const other = await run({
            "monitoring.slo": { availability: 99.5, latencyMilliseconds: 250 },
            "monitoring.metrics": {
                requests: "http_requests_total",
                duration: "http_request_duration_seconds",
                codeLabel: "status",
                routeLabel: "handler",
                matchers: 'handler!="/health"',
            },
        });
        const expressionOf = (name: string): string =>
            rulesOf(other).find(({ alert }) => alert === `TradeStream${name}`)!.expr;
        const pods = 'namespace="tradestream-staging",pod=~"tradestream-gateway-api-.+"';
        expect(expressionOf("ErrorBudgetBurnFast"))
            .to.include(`rate(http_requests_total{${pods},handler!="/health",status=~"5.."}[1h])`)
            .and.include("> 0.072 and");
        expect(expressionOf("RouteErrors")).to.include("sum by (handler)");
        expect(expressionOf("Latency"))
            .to.include("http_request_duration_seconds_bucket")
            .and.match(/ > 0\.25$/);
        expect(expressionOf("DatabasePoolExhausted")).to.include("gateway_database_connections_max");
    });

    it("is quicker where it is tried out", async () => {
        const other = await run({ "monitoring.speed": 60 });
        const [fast] = rulesOf(other);
        expect([fast!.for, fast!.expr.match(/\[\w+\]/g)!.slice(0, 4)]).to.deep.equal([
            "2s",
            ["[1m]", "[1m]", "[5s]", "[5s]"],
        ]);
    });

    it("is a ConfigMap without the operator, with the same rules, and the annotations", async () => {
        const other = await run({ "monitoring.form": "configMap" });
        expect(objectsOf(other, "PrometheusRule").concat(objectsOf(other, "ServiceMonitor"))).to.deep.equal([]);
        const { data } = inputsOf(other, "ConfigMap", "tradestream-alerts");
        expect(JSON.parse(String(data!["alerts.yaml"]))).to.deep.equal({ groups: groupsOf(program) });
        expect(annotationsOf(other)).to.include({ "prometheus.io/scrape": "true" });
    });

    it("needs rights for its objects, and to read whether the operator is there", async () => {
        const own = program.resources.filter(({ type }) => /^kubernetes:(?!helm)/.test(type));
        const objects = (await Promise.all(own.map((resource) => rendered(resource, "")))).flat();
        const [cluster] = deployerRoles(objects, "deployer");
        const rules = cluster!.object["rules"] as readonly Readonly<Record<string, readonly string[]>>[];
        const of = (resource: string) => rules.find(({ resources }) => resources!.includes(resource));
        for (const resource of ["prometheusrules", "servicemonitors"])
            expect(of(resource), resource).to.deep.include({ apiGroups: ["monitoring.coreos.com"] });
        expect(of("customresourcedefinitions")).to.deep.include({
            verbs: ["get"],
            resourceNames: ["certificates.cert-manager.io", "prometheusrules.monitoring.coreos.com"],
        });
        expect(objectsOf(program, "PrometheusRule").map(objectName)).to.deep.equal(["tradestream-alerts"]);
    });

    it("relies on metrics of gateway-api that the placeholder service has, and the guide names", () => {
        const { matchers, ...metrics } = settingsSchema.shape.monitoring.parse(undefined).metrics;
        const read = (file: string): string => readFileSync(path.join(root, file), "utf8");
        const source = read("local/images/stand-ins/cmd/gateway-api/metrics.go");
        const guide = read("docs/monitoring.md");
        for (const [key, name] of Object.entries(metrics)) {
            expect(source, name).to.match(new RegExp(`\\b${name}\\b`));
            expect(guide, name).to.include(`\`${key}\``);
            if (!key.endsWith("Label")) expect(guide, name).to.include(`| \`${key}\` | \`${name}\` |`);
        }
        expect(matchers).to.include("health").and.include("metrics");
    });
});
