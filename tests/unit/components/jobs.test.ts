import { expect } from "chai";
import { services } from "../../../config/services/index.ts";
import { type Program, runProgram } from "../../support/mocks.ts";
import { find, inputsOf, objectName, objectsOf, podOf, resource, type Tree } from "../../support/objects.ts";
import { programOf } from "../../support/programs.ts";

const fromSecret = (variable: string, secret: string, key: string, optional?: true) => ({
    name: variable,
    valueFrom: { secretKeyRef: { name: `tradestream-${secret}`, key, ...(optional && { optional }) } },
});
const selectorOf = (component: string) => ({
    "app.kubernetes.io/name": "tradestream",
    "app.kubernetes.io/instance": "tradestream",
    "app.kubernetes.io/component": component,
});

describe("notification-worker", () => {
    const name = "tradestream-notification-worker";
    const containerOf = (program: Program): Tree => podOf(program, "CronJob", name)["spec"]!["containers"]![0]!;
    let production: Program;

    before(async () => {
        production = await programOf("production");
    });

    it("is a CronJob that runs as in the specification, one run at a time", () => {
        const { metadata, spec } = inputsOf(production, "CronJob", name) as Record<string, Tree>;
        expect(metadata).to.deep.include({ name, namespace: "tradestream" });
        expect(metadata!["labels"]).to.deep.include(selectorOf("notification-worker"));
        expect({ ...spec, jobTemplate: undefined }).to.deep.equal({
            schedule: "*/5 * * * *",
            timeZone: "Etc/UTC",
            suspend: false,
            concurrencyPolicy: "Forbid",
            startingDeadlineSeconds: 120,
            successfulJobsHistoryLimit: 3,
            failedJobsHistoryLimit: 3,
            jobTemplate: undefined,
        });
    });

    it("ends a run that hangs, which would block the schedule for ever", () => {
        const job = inputsOf(production, "CronJob", name)["spec"]!["jobTemplate"]!;
        // One further try: Kubernetes ends a pod that is restarted as often as the limit says.
        expect(job["spec"]).to.deep.include({ activeDeadlineSeconds: 240, backoffLimit: 2 });
        expect(podOf(production, "CronJob", name)["spec"]!["restartPolicy"]).to.equal("OnFailure");
        expect(job["metadata"]!["labels"]).to.deep.include(selectorOf("notification-worker"));
        expect(podOf(production, "CronJob", name)["metadata"]!["labels"]).to.deep.include(
            selectorOf("notification-worker"),
        );
    });

    it("has the specification's variables, in its order, from its sources", () => {
        expect(containerOf(production)["env"]).to.deep.equal([
            fromSecret("DATABASE_URL", "database-secrets", "notification-worker-postgres-url"),
            { name: "REDIS_URL", value: "redis://tradestream-redis-master:6379" },
            fromSecret("VAPID_PRIVATE_KEY", "notification-secrets", "vapid-private-key"),
            fromSecret("VAPID_PUBLIC_KEY", "notification-secrets", "vapid-public-key"),
            fromSecret("TELEGRAM_BOT_TOKEN", "notification-secrets", "telegram-bot-token", true),
            fromSecret("RESEND_API_KEY", "auth-secrets", "resend-api-key"),
        ]);
    });

    it("runs the specification's image with the specification's resources, and listens nowhere", () => {
        const container = containerOf(production);
        expect(container["name"]).to.equal("notification-worker");
        expect(container["image"]).to.equal("tradestreamhq/notification-worker:v1.0.0");
        expect(container["imagePullPolicy"]).to.equal("IfNotPresent");
        expect(container["resources"]).to.deep.equal({
            requests: { cpu: "100m", memory: "128Mi", "ephemeral-storage": "64Mi" },
            limits: { cpu: "200m", memory: "256Mi", "ephemeral-storage": "256Mi" },
        });
        for (const key of ["ports", "livenessProbe", "readinessProbe", "lifecycle"]) {
            expect(container).to.not.have.property(key);
        }
        expect(find(production, "Service", name)).to.equal(undefined);
        expect(find(production, "PodDisruptionBudget", name)).to.equal(undefined);
    });

    it("carries a checksum of each Secret that it reads", () => {
        expect(podOf(production, "CronJob", name)["metadata"]!["annotations"]).to.have.all.keys(
            "checksum/auth-secrets",
            "checksum/notification-secrets",
            "checksum/database-secrets",
        );
    });

    it("takes everything from the configuration", async () => {
        const program = await runProgram("production", {
            telegramBotToken: "123:abc",
            redis: { auth: { enabled: true } },
            notificationWorker: {
                schedule: "0 8 * * mon-fri",
                timeZone: "Europe/Berlin",
                suspend: true,
                activeDeadlineSeconds: 900,
                startingDeadlineSeconds: 60,
                backoffLimit: 0,
                successfulJobsHistoryLimit: 1,
                failedJobsHistoryLimit: 5,
                telegramChatId: "-100",
                vapidSubject: "mailto:ops@tradestream.io",
                runAsUser: 20000,
                env: { LOG_LEVEL: "debug" },
                podAnnotations: { "example.com/team": "trade" },
                nodeSelector: { disk: "ssd" },
                tolerations: [{ operator: "Exists" }],
                affinity: { podAffinity: {} },
            },
        });
        const { spec } = inputsOf(program, "CronJob", name) as Record<string, Tree>;
        expect({ ...spec, jobTemplate: undefined }).to.deep.equal({
            schedule: "0 8 * * mon-fri",
            timeZone: "Europe/Berlin",
            suspend: true,
            concurrencyPolicy: "Forbid",
            startingDeadlineSeconds: 60,
            successfulJobsHistoryLimit: 1,
            failedJobsHistoryLimit: 5,
            jobTemplate: undefined,
        });
        expect(spec!["jobTemplate"]!["spec"]).to.deep.include({ activeDeadlineSeconds: 900, backoffLimit: 0 });
        const pod = podOf(program, "CronJob", name);
        expect(pod["metadata"]!["annotations"]!["example.com/team"]).to.equal("trade");
        expect(pod["spec"]).to.deep.include({
            nodeSelector: { disk: "ssd" },
            tolerations: [{ operator: "Exists" }],
            affinity: { podAffinity: {} },
        });
        expect(pod["spec"]!["securityContext"]!["runAsUser"]).to.equal(20000);
        const env = containerOf(program)["env"]!;
        expect(env.map((entry) => String(entry["name"]))).to.deep.equal([
            ...Object.keys(services.notificationWorker.variables),
            "LOG_LEVEL",
        ]);
        expect(env).to.deep.include.members([
            fromSecret("REDIS_URL", "database-secrets", "redis-url"),
            { name: "VAPID_SUBJECT", value: "mailto:ops@tradestream.io" },
            { name: "TELEGRAM_CHAT_ID", value: "-100" },
        ]);
    });

    it("is reached by nobody, and reaches data, names and public HTTPS", () => {
        const { ingress, egress } = inputsOf(production, "NetworkPolicy", name)["spec"] as unknown as Record<
            string,
            Tree
        >;
        expect(ingress).to.deep.equal([]);
        expect(
            egress!.map((rule) => (rule["ports"] as unknown as { port: number }[]).map(({ port }) => port)),
        ).to.deep.equal([[5432], [6379], [53, 53], [443]]);
    });

    it("starts when the database has its schema", () => {
        expect(resource(production, "notification-worker").dependencies).to.include("database-migration-job");
    });

    it("is absent where it is off", async () => {
        const program = await runProgram("production", { "notificationWorker.enabled": false });
        expect(program.resources.filter((object) => object.name.startsWith("notification-worker"))).to.deep.equal([]);
        expect(program.exports["cronJob"]).to.equal(undefined);
    });
});

describe("the database migration", () => {
    const prefix = "tradestream-database-migration";
    const jobsOf = (program: Program) =>
        objectsOf(program, "Job").filter(({ inputs }) =>
            String((inputs as unknown as Tree)["metadata"]!["name"]).startsWith(prefix),
        );
    const jobOf = (program: Program) => jobsOf(program)[0]!;
    const containerOf = (program: Program): Tree => podOf(program, "Job", prefix)["spec"]!["containers"]![0]!;
    let production: Program;

    before(async () => {
        production = await programOf("production");
    });

    it("is one Job, with the specification's label", () => {
        expect(jobsOf(production)).to.have.length(1);
        const { metadata, spec } = jobOf(production).inputs as unknown as Record<string, Tree>;
        expect(metadata!["name"]).to.match(/^tradestream-database-migration-[0-9a-f]{8}$/);
        expect(metadata!["labels"]).to.deep.include(selectorOf("database-migration"));
        expect(metadata!["annotations"]).to.deep.equal({ "pulumi.com/replaceUnready": "true" });
        expect({ ...spec, template: undefined }).to.deep.equal({
            backoffLimit: 2,
            activeDeadlineSeconds: 600,
            template: undefined,
        });
        expect(podOf(production, "Job", prefix)["spec"]!["restartPolicy"]).to.equal("Never");
    });

    it("knows the database's address and nothing else", () => {
        expect(containerOf(production)["env"]).to.deep.equal([
            fromSecret("DATABASE_URL", "database-secrets", "database-migration-postgres-url"),
        ]);
        expect(services.databaseMigration.variables).to.have.all.keys("DATABASE_URL");
        expect(podOf(production, "Job", prefix)["metadata"]!["annotations"]).to.have.all.keys(
            "checksum/database-secrets",
        );
        expect(containerOf(production)["image"]).to.equal("tradestreamhq/database-migration:v1.0.0");
        expect(containerOf(production)["resources"]).to.deep.equal({
            requests: { cpu: "100m", memory: "128Mi", "ephemeral-storage": "64Mi" },
            limits: { cpu: "500m", memory: "256Mi", "ephemeral-storage": "256Mi" },
        });
    });

    it("is preceded by the roles of the services, which another container makes as superuser", async () => {
        const [roles, ...further] = podOf(production, "Job", prefix)["spec"]!["initContainers"] as unknown as Tree[];
        expect(further).to.deep.equal([]);
        expect(roles!["image"]).to.equal("docker.io/library/postgres:17.11-bookworm");
        expect(roles!["env"]).to.deep.equal([
            { name: "PGHOST", value: "tradestream-postgresql" },
            { name: "PGUSER", value: "postgres" },
            fromSecret("PGPASSWORD", "postgresql", "postgres-password"),
            { name: "PGDATABASE", value: "tradestream" },
            { name: "PGSSLMODE", value: "verify-full" },
            { name: "PGSSLROOTCERT", value: "/etc/database-tls/ca.crt" },
            { name: "PGSSLCERT", value: "/etc/database-tls/tls.crt" },
            { name: "PGSSLKEY", value: "/etc/database-tls/tls.key" },
            fromSecret("ROLES", "database-secrets", "roles.sql"),
        ]);
        const without = await runProgram("production", { "database.roles.enabled": false });
        expect(podOf(without, "Job", prefix)["spec"]).to.not.have.property("initContainers");
    });

    it("is another Job where it is another migration, and the same one where it is not", async () => {
        const other = await runProgram("production", { "databaseMigration.image.tag": "v1.0.1" });
        const same = await runProgram("production", { "gatewayApi.image.tag": "v1.0.1" });
        expect(objectName(jobOf(other))).to.not.equal(objectName(jobOf(production)));
        expect(objectName(jobOf(same))).to.equal(objectName(jobOf(production)));
    });

    it("comes after the database, and before gateway-api", () => {
        expect(resource(production, "database-migration").dependencies).to.include("chart");
        expect(resource(production, "gateway-api").dependencies).to.include("database-migration-job");
        const order = production.resources.map(({ name }) => name);
        expect(order.indexOf("database-migration-job")).to.be.below(order.indexOf("gateway-api-deployment"));
    });

    it("reaches the database and names, and nothing reaches it", async () => {
        const { ingress, egress } = inputsOf(production, "NetworkPolicy", prefix)["spec"] as unknown as Record<
            string,
            Tree
        >;
        expect(ingress).to.deep.equal([]);
        expect(JSON.stringify(egress)).to.include('"postgresql"').and.include("5432").and.not.include("6379");
        const outside = await runProgram("production", {
            databaseUrl: "postgresql://app:pw@db.example.com/trade?sslmode=verify-full",
        });
        const rules = inputsOf(outside, "NetworkPolicy", prefix)["spec"]!["egress"]!;
        expect(rules[0]).to.deep.equal({ ports: [{ protocol: "TCP", port: 5432 }] });
    });

    it("is left out where it is off; then gateway-api waits for the chart", async () => {
        const program = await runProgram("production", { "databaseMigration.enabled": false });
        expect(jobsOf(program)).to.deep.equal([]);
        expect(resource(program, "gateway-api").dependencies).to.include("chart");
    });
});
