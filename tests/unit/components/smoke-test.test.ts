/** The smoke test: what it asks, whom it reaches, and when it runs again. Its script is tested in tests/images. */
import { expect } from "chai";
import { type Program, runProgram } from "../../support/mocks.ts";
import { parseStack } from "../../support/configuration.ts";
import { inputsOf, objectName, objectsOf, podOf, resource, type Tree } from "../../support/objects.ts";
import { mandatoryFindings } from "../../support/policies.ts";

const name = "tradestream-smoke-test";
const on = { "smokeTest.notification": true };
const off = { "smokeTest.enabled": false };

const testsOf = (program: Program) => objectsOf(program, "Job").filter((job) => objectName(job).startsWith(name));
const scriptOf = (program: Program): string =>
    String(podOf(program, "Job", name)["spec"]!["containers"]![0]!["command"]![2]);
const rulesOf = (program: Program, policy: string, direction: string): Tree =>
    inputsOf(program, "NetworkPolicy", policy)["spec"]![direction]!;

describe("the smoke test", () => {
    let program: Program;
    let untested: Program;

    before(async () => {
        program = await runProgram("production", on);
        untested = await runProgram("production", off);
    });

    it("is off by default, and then nothing knows of it", () => {
        expect(parseStack("production", { smokeTest: undefined }).settings!.smokeTest.enabled).to.equal(false);
        expect(testsOf(untested)).to.deep.equal([]);
        for (const service of ["gateway-api", "agent-dashboard"])
            expect(JSON.stringify(rulesOf(untested, `tradestream-${service}`, "ingress"))).not.to.contain("smoke-test");
    });

    it("is a Job behind all services, which runs once", () => {
        expect(testsOf(program)).to.have.length(1);
        const { metadata, spec } = testsOf(program)[0]!.inputs as unknown as Record<string, Tree>;
        expect(metadata!["annotations"]).to.deep.equal({ "pulumi.com/replaceUnready": "true" });
        expect(spec).to.deep.include({ backoffLimit: 0, activeDeadlineSeconds: 300 });
        const pod = podOf(program, "Job", name)["spec"]!;
        expect(pod).to.deep.include({ restartPolicy: "Never" });
        expect(pod["containers"]![0]).to.include({ terminationMessagePolicy: "FallbackToLogsOnError" });
        const { dependencies } = resource(program, "smoke-test");
        expect(dependencies).to.include.members([
            ...["gateway-api-deployment", "agent-dashboard-deployment", "notification-worker-cron-job"],
        ]);
    });

    it("asks each service by its Service, and both providers", () => {
        const asked = scriptOf(program)
            .split("\n")
            .flatMap((line) => /^check '([^']*)' 'http:\/\/([^']*)'/.exec(line)?.slice(1).join(" ") ?? []);
        expect(asked).to.deep.equal([
            "gateway-api /health tradestream-gateway-api:8000/health",
            "sign-in with google tradestream-gateway-api:8000/auth/oauth/google",
            "sign-in with github tradestream-gateway-api:8000/auth/oauth/github",
            "metrics tradestream-gateway-api:8000/metrics",
            "event stream tradestream-gateway-api:8000/api/signals/stream",
            "queued notification tradestream-gateway-api:8000/api/notifications/test",
            "agent-dashboard / tradestream-agent-dashboard:80/",
        ]);
    });

    it("asks only what the stack has", async () => {
        const less = await runProgram("production", {
            ...on,
            ...{ "smokeTest.signIn": ["github"], "smokeTest.stream": false, "gatewayApi.metrics.enabled": false },
            "smokeTest.notification": false,
            ...{ "gatewayApi.readinessProbe.path": "/ready", "agentDashboard.paused": true },
        });
        expect([...scriptOf(less).matchAll(/^check '([^']*)'/gm)].map(([, check]) => check)).to.deep.equal([
            ...["gateway-api /health", "gateway-api /ready", "sign-in with github"],
        ]);
        expect(JSON.stringify(rulesOf(less, name, "egress"))).not.to.contain("agent-dashboard");
    });

    it("reaches the services and names, nothing reaches it, and the services let it in", () => {
        const egress = rulesOf(program, name, "egress") as unknown as Tree[];
        expect(rulesOf(program, name, "ingress")).to.deep.equal([]);
        expect(egress.map(({ ports }) => (ports as unknown as Tree[]).map(({ port }) => port))).to.deep.equal([
            ...[[8000], [80], [53, 53]],
        ]);
        for (const service of ["gateway-api", "agent-dashboard"])
            expect(JSON.stringify(rulesOf(program, `tradestream-${service}`, "ingress"))).to.contain('"smoke-test"');
    });

    it("calls each public host too where that is asked for, and reaches the proxies", async () => {
        const hosts = { "smokeTest.hosts.enabled": true, "smokeTest.hosts.connectTo": "traefik.traefik.svc:443" };
        const more = await runProgram("production", { ...on, ...hosts });
        const lines = scriptOf(more).split("\n");
        const [api, ...pages] = lines.filter((line) => line.includes("'https://"));
        expect(api).to.match(/^check '(https:\/\/api\.tradestream\.io\/health)' '\1' '200' ''/);
        expect(pages.map((line) => /https:\/\/[^']*/.exec(line)![0])).to.deep.equal([
            ...["https://tradestream.io/", "https://www.tradestream.io/"],
        ]);
        for (const line of [api, ...pages]) expect(line).to.match(/ '--connect-to' '::traefik\.traefik\.svc:443'$/);
        const egress = JSON.stringify(rulesOf(more, name, "egress"));
        expect(egress).to.contain("ingress-nginx");
        expect(JSON.stringify(rulesOf(program, name, "egress"))).not.to.contain("ingress-nginx");
        const plain = mandatoryFindings("production", untested);
        expect(mandatoryFindings("production", more)).to.deep.equal(plain);
        const without = await runProgram("production", { ...on, ...hosts, "gatewayApi.ingress.enabled": false });
        expect(scriptOf(without)).not.to.contain("api.tradestream.io");
    });

    it("runs again where what it tests has changed, and where it has not, it does not", async () => {
        const nameWith = async (change: object): Promise<string> =>
            objectName(testsOf(await runProgram("production", { ...on, ...change }))[0]!);
        const before = objectName(testsOf(program)[0]!);
        expect(await nameWith({})).to.equal(before);
        for (const change of [
            { "gatewayApi.image.tag": "v1.0.1" },
            { "agentDashboard.env": { THEME: "dark" } },
            { "smokeTest.stream": false },
        ])
            expect(await nameWith(change), JSON.stringify(change)).not.to.equal(before);
        // A Job whose pods would differ is replaced.
        expect(podOf(program, "Job", name)["metadata"]!["annotations"]).to.have.all.keys(
            ...["checksum/auth-secrets", "checksum/oauth-secrets", "checksum/database-secrets"],
        );
    });

    it("comes from the stack's registry, counts in its quota, and breaks no mandatory policy", async () => {
        const mirrored = await runProgram("production", { ...on, imageRegistry: "registry.example.com" });
        const image = podOf(mirrored, "Job", name)["spec"]!["containers"]![0]!["image"];
        expect(image).to.equal("registry.example.com/curlimages/curl:8.12.1");
        const [error] = parseStack("production", { ...on, "quota.pods": 1 }).errors;
        expect(error!.problem).to.contain("smokeTest 1");
        const plain = mandatoryFindings("production", untested);
        expect(mandatoryFindings("production", program)).to.deep.equal(plain);
    });
});
