/** The exporters: who may ask them, what they log in with, and what Prometheus finds of them. */
import { expect } from "chai";
import { type Program, runProgram } from "../../support/mocks.ts";
import { find, inputsOf, objectName, objectsOf, podOf, secretData, type Tree } from "../../support/objects.ts";
import { programOf } from "../../support/programs.ts";

const on = { "monitoring.enabled": true, "postgresExporter.enabled": true, "redisExporter.enabled": true };
const [postgres, redis] = ["tradestream-postgres-exporter", "tradestream-redis-exporter"] as const;
const secret = "tradestream-database-secrets";

const variablesOf = (program: Program, name: string): Readonly<Record<string, unknown>> =>
    Object.fromEntries(
        Object.values(podOf(program, "Deployment", name)["spec"]!["containers"]![0]!["env"]!).map((variable) => [
            String(variable["name"]),
            variable["value"] ?? variable["valueFrom"]!["secretKeyRef"],
        ]),
    );
const policyOf = (program: Program, name: string): Tree => inputsOf(program, "NetworkPolicy", name)["spec"]!;

describe("the exporters", () => {
    let program: Program;
    before(async () => {
        program = await runProgram("production", { ...on, "redis.auth.enabled": true });
    });

    it("are off by default: no pods, no role, and no certificate", async () => {
        const production = await programOf("production");
        expect(objectsOf(production, "Deployment").map(objectName).join()).to.not.include("exporter");
        expect(production.resources.map(({ name }) => name).join()).to.not.include("exporter");
        expect(secretData(production, secret)["roles.sql"]).to.not.include("exporter");
    });

    it("log in to PostgreSQL with a role that reads statistics alone, and to Redis with its password", () => {
        const { "roles.sql": script, ...addresses } = secretData(program, secret);
        const key = "postgres-exporter-postgres-url";
        expect(variablesOf(program, postgres)["DATA_SOURCE_NAME"]).to.deep.equal({ name: secret, key });
        expect(addresses[key]).to.match(/^postgresql:\/\/postgres_exporter:\w{32}@[^?]+\?sslmode=verify-full&/);
        const role = script!.split("\n").filter((line) => line.includes("postgres_exporter"));
        expect(role.at(-1)).to.equal("grant pg_monitor to postgres_exporter;");
        expect(role.join()).to.not.match(/grant (?!pg_monitor)/);
        expect(script).to.include("alter role postgres_exporter login nosuperuser");
        expect(variablesOf(program, redis)).to.deep.equal({ REDIS_ADDR: { name: secret, key: "redis-url" } });
    });

    it("show PostgreSQL a certificate of the role", () => {
        const { volumes } = podOf(program, "Deployment", postgres)["spec"] as unknown as { volumes: Tree };
        expect(volumes).to.deep.include({
            name: "database-tls",
            secret: { secretName: "tradestream-database-client-postgres-exporter", defaultMode: 0o440 },
        });
    });

    it("reach their data service and names, and only Prometheus reaches them", () => {
        for (const [name, of, port] of [
            [postgres, "postgresql", 9187],
            [redis, "redis", 9121],
        ] as const) {
            const { ingress, egress } = policyOf(program, name) as unknown as Record<string, Tree>;
            expect(ingress).to.deep.equal([
                {
                    from: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "monitoring" } } }],
                    ports: [{ protocol: "TCP", port }],
                },
            ]);
            expect(egress).to.have.length(2);
            const [data] = egress as unknown as [{ to: readonly { podSelector: Tree }[] }];
            expect(data.to[0]!.podSelector["matchLabels"]).to.include({ "app.kubernetes.io/name": of });
            const peers = JSON.stringify(policyOf(program, `tradestream-${of}`)["ingress"]);
            expect(peers).to.include(name.replace("tradestream-", ""));
        }
    });

    it("are found by one PodMonitor, with the Prometheus operator", () => {
        const { selector, podMetricsEndpoints } = inputsOf(program, "PodMonitor", "tradestream-exporters")[
            "spec"
        ] as unknown as Record<string, Tree>;
        expect(podMetricsEndpoints).to.deep.equal([
            { port: "metrics", path: "/metrics", interval: "30s", scrapeTimeout: "10s" },
        ]);
        const components = JSON.stringify(selector!["matchExpressions"]);
        for (const name of [postgres, redis]) {
            const { metadata, spec } = podOf(program, "Deployment", name);
            expect(metadata!["labels"]).to.deep.include(selector!["matchLabels"]);
            expect(components).to.include(`"${String(metadata!["labels"]!["app.kubernetes.io/component"])}"`);
            expect(spec!["containers"]![0]!["ports"]![0]).to.include({ name: "metrics" });
            expect(metadata!["annotations"]).to.not.have.property("prometheus.io/scrape");
        }
    });

    it("are found by their annotations without it", async () => {
        const annotated = await runProgram("staging", {
            "monitoring.enabled": true,
            "monitoring.form": "configMap",
            "redisExporter.enabled": true,
        });
        expect(podOf(annotated, "Deployment", redis)["metadata"]!["annotations"]).to.deep.include({
            "prometheus.io/scrape": "true",
            "prometheus.io/port": "9121",
            "prometheus.io/path": "/metrics",
        });
        expect(find(annotated, "Deployment", postgres)).to.equal(undefined);
    });

    it("measure managed servers with logins that Secrets name, over TLS that is verified", async () => {
        const login = { secretKeyRef: { name: "monitoring", key: "postgres" } };
        const managed = await runProgram("production", {
            ...on,
            "postgresExporter.env.DATA_SOURCE_NAME": login,
            databaseUrl: "postgresql://app:pw@db.example.com:6432/trade?sslmode=verify-full",
            redisUrl: "rediss://:pw@redis.example.com",
        });
        expect(variablesOf(managed, postgres)).to.deep.equal({
            PGSSLMODE: "verify-full",
            DATA_SOURCE_NAME: login.secretKeyRef,
        });
        expect(variablesOf(managed, redis)).to.deep.equal({ REDIS_ADDR: { name: secret, key: "redis-url" } });
        const [data] = policyOf(managed, postgres)["egress"]!;
        expect(data!["ports"]).to.deep.equal([{ protocol: "TCP", port: 6432 }]);
    });

    it("speak to PostgreSQL without TLS only where it has none", async () => {
        const local = await runProgram("local", on);
        expect(variablesOf(local, postgres)).to.include({ PGSSLMODE: "disable" });
        expect(variablesOf(local, redis)).to.deep.equal({ REDIS_ADDR: "redis://tradestream-redis-master:6379" });
        expect(variablesOf(program, postgres)).to.include({ PGSSLMODE: "verify-full" });
    });

    it("run no pods while they are paused, and then no alert misses them", async () => {
        const paused = await runProgram("production", { ...on, "redisExporter.paused": true });
        expect(inputsOf(paused, "Deployment", redis)["spec"]!["replicas"]).to.equal(0);
        const rules = JSON.stringify(inputsOf(paused, "PrometheusRule", "tradestream-alerts"));
        expect(rules).to.include("pg_up").and.not.include("redis_up");
    });
});
