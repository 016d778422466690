/** The stack `local` end to end: real API server, real containers, real PostgreSQL and Redis. */
import { expect } from "chai";
import { eventually, get, kubectl, serviceUrl } from "../cluster/support/commands.ts";
import { TestStack } from "../cluster/support/pulumi.ts";
import { readStatus } from "../../scripts/status/index.ts";
import { clear, up as deploy, upOk } from "../cluster/support/tradestream.ts";

const namespace = "tradestream";
const up = ["up", "--yes", "--skip-preview"];

interface Status {
    readonly version: string;
    readonly schemaVersion: number | string;
}

async function json<T>(url: string, init?: RequestInit): Promise<T> {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(5000) });
    if (!response.ok) {
        throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
    }
    return (await response.json()) as T;
}

async function podNames(component: string): Promise<readonly string[]> {
    const pods = await get("pods", "-n", namespace, "-l", `app.kubernetes.io/component=${component}`);
    return pods.map(({ metadata }) => metadata.name).sort();
}

/** Everything in the cluster that a bad run could have touched. */
async function versions(): Promise<Readonly<Record<string, string>>> {
    const kinds = "deployments,statefulsets,services,secrets,cronjobs,networkpolicies,serviceaccounts,hpa,pdb";
    const objects = await get(kinds, "-n", namespace);
    return Object.fromEntries(
        objects.map(({ kind, metadata }) => [
            `${kind} ${metadata.name}`,
            kind === "Secret" ? metadata.resourceVersion : metadata.uid,
        ]),
    );
}

describe("the stack local", function () {
    this.timeout(300_000);

    describe("bad input", () => {
        it("touches nothing and names every error with its fix", async () => {
            const before = await get("namespaces");
            const stack = await TestStack.of("local", { releaseName: "prod", environment: "prodution" });
            const result = await stack.run(up);
            expect(result.code).not.to.equal(0);
            expect(result.stderr + result.stdout)
                .to.contain("releaseName")
                .and.contain("environment must be one of local, staging, production")
                .and.contain("pulumi config set --stack local");
            const after = await get("namespaces");
            expect(after.map(({ metadata }) => metadata.name)).to.deep.equal(
                before.map(({ metadata }) => metadata.name),
            );
        });
    });

    describe("up, from nothing", () => {
        before(async () => {
            await clear();
            await (await TestStack.of("local")).up();
        });

        it("leaves every pod ready", async () => {
            const workloads = await get("deployments,statefulsets", "-n", namespace);
            expect(workloads.map(({ metadata }) => metadata.name)).to.have.members([
                "tradestream-gateway-api",
                "tradestream-agent-dashboard",
                "tradestream-postgresql",
                "tradestream-redis-master",
            ]);
            for (const { metadata, status, spec } of workloads) {
                expect(status["readyReplicas"], metadata.name).to.equal(spec["replicas"]);
            }
        });

        it("answers through the Service, with PostgreSQL and Redis behind it", async () => {
            const api = await serviceUrl("tradestream-gateway-api");
            const ready = await eventually(10, () => json<Record<string, unknown>>(`${api}/ready`));
            expect(ready).to.be.an("object");
            const status = await json<Status>(`${api}/api/status`);
            expect(status.version).to.equal("v1.0.0");
        });

        it("serves the dashboard", async () => {
            const page = await eventually(10, async () => {
                const response = await fetch(await serviceUrl("tradestream-agent-dashboard"));
                return response.ok ? response.text() : undefined;
            });
            expect(page).to.contain("TradeStream");
        });

        it("runs the notification worker to its end", async () => {
            const succeeded = await eventually(150, async () => {
                const jobs = await get(
                    "jobs",
                    "-n",
                    namespace,
                    "-l",
                    "app.kubernetes.io/component=notification-worker",
                );
                return jobs.find(({ status }) => status["succeeded"] === 1);
            });
            expect(succeeded.kind).to.equal("Job");
        });

        it("migrated the schema before gateway-api started", async () => {
            const [job] = await get("jobs", "-n", namespace, "-l", "app.kubernetes.io/component=database-migration");
            const completion = Date.parse(String(job!.status["completionTime"]));
            for (const pod of await get("pods", "-n", namespace, "-l", "app.kubernetes.io/component=gateway-api")) {
                expect(Date.parse(String(pod.status["startTime"]))).to.be.at.least(completion);
            }
        });

        it("exports names and addresses, and nothing secret", async () => {
            const { stdout } = await (await TestStack.of("local")).ok(["stack", "output", "--json"]);
            const outputs = JSON.parse(stdout) as Record<string, unknown>;
            expect(outputs).to.have.keys("namespace", "services", "cronJob", "urls", "secretNames", "databaseFiles");
            expect(outputs["namespace"]).to.equal(namespace);
            expect(outputs["services"]).to.deep.equal({
                gatewayApi: { name: "tradestream-gateway-api", port: 8000 },
                agentDashboard: { name: "tradestream-agent-dashboard", port: 80 },
            });
        });
    });

    describe("a second up", () => {
        it("changes nothing", async () => {
            const before = await versions();
            await (await TestStack.of("local")).up("--expect-no-changes");
            expect(await versions()).to.deep.equal(before);
        });

        it("is announced by a preview without changes", async () => {
            await (await TestStack.of("local")).ok(["preview", "--expect-no-changes"]);
        });
    });

    describe("changes", () => {
        it("roll the pods of a service whose image changes, and no others", async () => {
            const dashboards = await podNames("agent-dashboard");
            await upOk({ "gatewayApi.image.tag": "v1.0.1" });
            const api = await serviceUrl("tradestream-gateway-api");
            expect((await json<Status>(`${api}/api/status`)).version).to.equal("v1.0.1");
            expect(await podNames("agent-dashboard")).to.deep.equal(dashboards);
        });

        it("roll gateway-api when the JWT secret rotates, and old tokens stay valid until they expire", async () => {
            const api = await serviceUrl("tradestream-gateway-api");
            const { access_token: token } = await json<{ access_token: string }>(`${api}/api/token`, {
                method: "POST",
            });
            const before = await podNames("gateway-api");
            const [secret] = await get("secret", "tradestream-auth-secrets", "-n", namespace);
            await upOk({ "gatewayApi.image.tag": "v1.0.1", jwtSecretVersion: 2 });
            const [rotated] = await get("secret", "tradestream-auth-secrets", "-n", namespace);
            expect(rotated!.data?.["jwt-secret"]).not.to.equal(secret!.data?.["jwt-secret"]);
            expect(rotated!.data?.["jwt-secret-previous"]).to.equal(secret!.data?.["jwt-secret"]);
            const after = await eventually(90, async () => {
                const names = await podNames("gateway-api");
                return names.every((name) => !before.includes(name)) ? names : undefined;
            });
            expect(after).to.have.length.at.least(2);
            const verified = await fetch(`${api}/api/token/verify`, { headers: { authorization: `Bearer ${token}` } });
            expect(verified.status).to.equal(200);
        });
    });

    describe("the smoke test", () => {
        const tested = { "smokeTest.enabled": true, "gatewayApi.image.tag": "v1.0.1", jwtSecretVersion: 2 };
        const smokeTests = () => get("jobs", "-n", namespace, "-l", "app.kubernetes.io/component=smoke-test");

        it("asks the deployed services, in the update", async () => {
            await upOk(tested);
            const [job, ...more] = await smokeTests();
            expect([job!.status["succeeded"], more]).to.deep.equal([1, []]);
            const log = await kubectl("logs", `job/${job!.metadata.name}`, "-n", namespace);
            expect(log.match(/^ok /gm), log).to.have.length(7);
            expect(log).to.match(/^ok {6}queued notification: 200$/m);
        });

        it("fails the update where pods are ready and a check is not, and names the check", async () => {
            const { failed, said, printed } = await deploy({
                ...tested,
                "gatewayApi.env": { STAND_IN_FAIL: "sign-in,notification" },
            });
            expect(failed, said).to.equal(true);
            // All of it is in what `pulumi up` prints, without a further command.
            expect(printed)
                .to.match(/FAILED {2}sign-in with google: expected .*, got 500/)
                .and.match(/FAILED {2}queued notification: expected .*, got 404/)
                .and.contain("3 of 7 checks have failed");
            expect((await podNames("gateway-api")).length, "ready all the same").to.be.at.least(2);
            const target = { stack: "local", namespace, releaseName: "tradestream" };
            const { smokeTest, workloads } = await readStatus(target, (args) => kubectl(...args));
            expect(smokeTest).to.include({ state: "failed" });
            for (const { name, ready, wanted } of workloads) expect(ready, name).to.equal(wanted);
        });
    });

    describe("destroy", () => {
        it("leaves nothing", async () => {
            await (await TestStack.of("local")).ok(["destroy", "--yes", "--skip-preview"]);
            const namespaces = await get("namespaces");
            expect(namespaces.map(({ metadata }) => metadata.name)).not.to.include(namespace);
            const kinds = "clusterroles,clusterrolebindings,persistentvolumes";
            const left = await kubectl("get", kinds, "-l", "app.kubernetes.io/part-of=tradestream", "-o", "name");
            expect(left.trim()).to.equal("");
        });
    });
});
