/**
 * The Gateway API as a client meets it: a stack moves from Ingresses to routes under load, and the routes then pass the tests
 * of the Ingresses that apply to them, while the network policies are enforced.
 */
import { expect } from "chai";
import { installHttps } from "../../local/https/index.ts";
import { createReport } from "../../local/report.ts";
import { record } from "../evidence.ts";
import { cluster } from "./support/cluster-name.ts";
import { get, kubectl } from "./support/commands.ts";
import { Enforcer } from "./support/enforcer.ts";
import { ask, wayIn, type Way } from "./support/https.ts";
import { pause } from "./support/load.ts";
import { onCluster } from "./support/objects.ts";
import { TestStack } from "./support/pulumi.ts";
import { Streams } from "./support/streams.ts";
import { answered, api, eventGaps, exposed, hosts, hsts, removeHttps, renew, underLoad } from "./support/traffic.ts";
import { isSoak, namespace, settled, start, upOk } from "./support/tradestream.ts";

const suite = "Gateway API";

describe("the Gateway API", function () {
    this.timeout(600_000);
    let enforcer: Enforcer;
    let way: Way;

    before(async () => {
        await installHttps(cluster, createReport());
        enforcer = await Enforcer.start();
        await start(exposed("ingress"));
        await Promise.all(["gateway-api", "agent-dashboard"].map(settled));
        way = await wayIn();
        await answered(way);
    });

    afterEach(() => enforcer.check());

    after(async () => {
        await enforcer?.stop();
        await removeHttps();
    });

    function report(name: string, failures: number): void {
        record({ suite, name, value: failures, requirement: "0" });
    }

    it("takes over from Ingresses without a failed request, by way of both", async () => {
        const { requests, failures } = await underLoad(way, async () => {
            await upOk(exposed("both"));
            const kinds = (await get("ingresses,gateways,httproutes", "-n", namespace)).map(({ kind }) => kind);
            expect([...new Set(kinds)].sort()).to.deep.equal(["Gateway", "HTTPRoute", "Ingress"]);
            // Here operators move DNS; on this cluster both have one address.
            await kubectl(
                ...["wait", "certificates", "--all", "-n", namespace, "--for=condition=Ready", "--timeout=60s"],
            );
            await pause(2000);
            await upOk(exposed("gateway"));
            await pause(5000);
        });
        report(`failed requests of ${requests}, from Ingresses to routes`, failures.length);
        expect(failures).to.deep.equal([]);
        expect(await get("ingresses", "-n", namespace)).to.deep.equal([]);
    });

    it("is left as it is by a second update", async () => {
        expect(await (await TestStack.of("local", exposed("gateway"))).changes({})).to.deep.equal([]);
    });

    it("serves every host with a certificate of the authority, which is the Gateway's own", async () => {
        for (const host of hosts) {
            const { status, headers } = await ask(`https://${host}/${host === api ? "health" : ""}`, way);
            expect([status, headers["strict-transport-security"]], host).to.deep.equal([
                200,
                host === api ? hsts : undefined,
            ]);
        }
        const stranger = await ask("https://stranger.test/", way).catch((failure: unknown) => failure);
        expect(stranger).to.be.an("error");
        const owners = (await get("certificates", "-n", namespace)).map(({ metadata }) => metadata.name);
        expect(owners).to.include.members(["gateway-api-tls-gateway", "agent-dashboard-tls-gateway"]);
    });

    it("redirects plain HTTP", async () => {
        for (const host of hosts) {
            const { status, headers } = await ask(`http://${host}/some/path?query=1`, way);
            expect([status, headers.location], host).to.deep.equal([301, `https://${host}/some/path?query=1`]);
        }
    });

    it("passes server-sent events on one by one", async () => {
        const seconds = isSoak ? 300 : 10;
        const gaps = await eventGaps(way, seconds);
        // The stand-in sends one every 500 ms.
        expect(gaps.length).to.be.greaterThan(seconds);
        expect(Math.max(...gaps)).to.be.lessThan(3000);
    });

    it("rolling updates and a renewed certificate lose no request, and every stream ends with a farewell", async () => {
        const rounds = isSoak ? 10 : 1;
        const streams = new Streams(`https://${api}/api/signals/stream`, 4, way);
        const { requests, failures } = await underLoad(way, async () => {
            await renew("gateway-api-tls-gateway", way);
            for (let round = 1; round <= rounds; round++) {
                const tag = round % 2 === 1 ? "v1.0.1" : "v1.0.0";
                const tags = { "gatewayApi.image.tag": tag, "agentDashboard.image.tag": tag };
                await upOk({ ...exposed("gateway"), ...tags });
                await Promise.all(["gateway-api", "agent-dashboard"].map(settled));
            }
        });
        const { farewells, failures: broken } = await streams.stop();
        const name = `failed requests of ${requests} in ${rounds} rolling updates, through the Gateway`;
        report(name, failures.length + broken.length);
        expect([...failures, ...broken]).to.deep.equal([]);
        expect(farewells).to.be.at.least(rounds);
    });

    it("control: the same load notices when a route is away for a moment", async () => {
        const [{ kind, metadata, spec }] = (await get(
            "httproutes",
            `tradestream-gateway-api-${api}`,
            "-n",
            namespace,
        )) as [Awaited<ReturnType<typeof get>>[number]];
        const { name, labels } = metadata;
        const route = { apiVersion: "gateway.networking.k8s.io/v1", kind, metadata: { name, namespace, labels }, spec };
        const { failures } = await underLoad(way, async () => {
            await onCluster("delete", [route]);
            await pause(3000);
            await onCluster("create", [route]);
            await pause(2000);
        });
        record({ suite, name: "control, a route away: failures", value: failures.length, requirement: "more than 0" });
        expect(failures.join("\n")).to.match(/status 404/);
    });
});
