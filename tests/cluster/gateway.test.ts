/**
 * The Gateway API as a client meets it: a stack moves from Ingresses to routes under load, and the routes then pass the tests
 * of the Ingresses, while the network policies are enforced.
 */
import { expect } from "chai";
import { installHttps } from "../../local/https/index.ts";
import { createReport } from "../../local/report.ts";
import { record } from "../evidence.ts";
import {
    expectOneByOne,
    type Form,
    type Place,
    rolloutTest,
    services,
    streamSeconds,
    trafficTests,
} from "./https-traffic.ts";
import { cluster } from "./support/cluster-name.ts";
import { get, kubectl } from "./support/commands.ts";
import { Enforcer } from "./support/enforcer.ts";
import { wayIn, type Way } from "./support/https.ts";
import { pause } from "./support/load.ts";
import { onCluster } from "./support/objects.ts";
import { TestStack } from "./support/pulumi.ts";
import { answered, api, eventGaps, exposed, removeHttps, underLoad } from "./support/traffic.ts";
import { isSoak, namespace, settled, start, upOk } from "./support/tradestream.ts";

const form = {
    suite: "Gateway API",
    through: "Gateway",
    base: exposed("gateway"),
    redirect: 301,
    withoutRedirect: async (action) => {
        const route = ["httproute", "tradestream-gateway-api-redirect", "-n", namespace] as const;
        const set = (rules: unknown): Promise<string> =>
            kubectl("patch", ...route, "--type=merge", "--patch", JSON.stringify({ spec: { rules } }));
        const { rules } = (await get(...route))[0]!.spec;
        await set([{ backendRefs: [{ name: "tradestream-gateway-api", port: 8000 }] }]);
        await action().finally(() => set(rules));
    },
    certificate: "gateway-api-tls-gateway",
} as const satisfies Form;
const { suite } = form;

describe("the Gateway API", function () {
    this.timeout(isSoak ? 3_600_000 : 600_000);
    let enforcer: Enforcer;
    let way: Way;
    const place = (): Place => ({ way, enforcer });

    before(async () => {
        await installHttps(cluster, createReport());
        enforcer = await Enforcer.start();
        await start(exposed("ingress"));
        await Promise.all(services.map(settled));
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
            await upOk(form.base);
            await pause(5000);
        });
        report(`failed requests of ${requests}, from Ingresses to routes`, failures.length);
        expect(failures).to.deep.equal([]);
        expect(await get("ingresses", "-n", namespace)).to.deep.equal([]);
    });

    it("is left as it is by a second update", async () => {
        expect(await (await TestStack.of("local", form.base)).changes({})).to.deep.equal([]);
    });

    it("has certificates that are the Gateway's own", async () => {
        const owners = (await get("certificates", "-n", namespace)).map(({ metadata }) => metadata.name);
        expect(owners).to.include.members(["gateway-api-tls-gateway", "agent-dashboard-tls-gateway"]);
    });

    describe("while events are sent", () => {
        let gaps: Promise<readonly number[]>;

        before(() => {
            gaps = eventGaps(way, streamSeconds);
            gaps.catch(() => undefined);
        });

        trafficTests(form, place);

        it("control: the same load notices when a route is away for a moment", async () => {
            const [{ kind, metadata, spec }] = (await get(
                "httproutes",
                `tradestream-gateway-api-${api}`,
                "-n",
                namespace,
            )) as [Awaited<ReturnType<typeof get>>[number]];
            const { name, labels } = metadata;
            const route = {
                apiVersion: "gateway.networking.k8s.io/v1",
                kind,
                metadata: { name, namespace, labels },
                spec,
            };
            const { failures } = await underLoad(way, async () => {
                await onCluster("delete", [route]);
                await pause(3000);
                await onCluster("create", [route]);
                await pause(2000);
            });
            record({
                suite,
                name: "control, a route away: failures",
                value: failures.length,
                requirement: "more than 0",
            });
            expect(failures.join("\n")).to.match(/status 404/);
        });

        it("passes server-sent events on one by one, for longer than any default timeout", async () => {
            expectOneByOne(suite, await gaps);
        });
    });

    rolloutTest(form, 1, place);
});
