/**
 * The Gateway API as a client meets it: a stack moves from Ingresses to routes and back by the commands of
 * docs/exposure.md, under load, and the routes then pass the tests
 * of the Ingresses, while the network policies are enforced.
 */
import { expect } from "chai";
import { X509Certificate } from "node:crypto";
import { authorityFile, gatewayClass, installHttps, issuer } from "../../local/https/index.ts";
import { createReport } from "../../local/report.ts";
import { domain } from "../../scripts/platform/https.ts";
import { record } from "../evidence.ts";
import { shellBlocks, withValues } from "../support/guide.ts";
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
import { eventually, get, kubectl } from "./support/commands.ts";
import { Enforcer } from "./support/enforcer.ts";
import { ask, controllerAddress, wayIn, type Way } from "./support/https.ts";
import { pause } from "./support/load.ts";
import { stopFor } from "./support/node.ts";
import { onCluster } from "./support/objects.ts";
import { Operator } from "./support/operator.ts";
import { TestStack } from "./support/pulumi.ts";
import { answered, api, eventGaps, exposed, hosts, removeHttps, underLoad } from "./support/traffic.ts";
import { isSoak, namespace, podsOf, settled, start } from "./support/tradestream.ts";

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

const page = "docs/exposure.md";
const [, existing = ""] = shellBlocks(page, "Gateway API");
const [both = "", check = "", routes = "", bothAgain = "", ingresses = ""] = shellBlocks(
    page,
    "From Ingresses to routes",
);

describe("the Gateway API", function () {
    this.timeout(isSoak ? 3_600_000 : 600_000);
    let enforcer: Enforcer;
    let operator: Operator;
    let way: Way;
    const place = (): Place => ({ way, enforcer });

    before(async () => {
        await installHttps(cluster, createReport());
        enforcer = await Enforcer.start();
        await start(exposed("ingress"));
        await Promise.all(services.map(settled));
        way = await wayIn();
        await answered(way);
        operator = await Operator.of(await TestStack.of("local", exposed("ingress")));
    });

    afterEach(() => enforcer.check());

    after(async () => {
        operator?.close();
        await enforcer?.stop();
        await removeHttps();
    });

    /** Commands of the guide, under load. */
    async function follow(
        name: string,
        action: (run: (block: string) => Promise<void>) => Promise<void>,
    ): Promise<void> {
        const run = async (block: string): Promise<void> => {
            await operator.ok(block, { CURL_CA_BUNDLE: authorityFile(cluster) });
            // Between two steps operators move DNS; on this cluster both forms have one address.
            await pause(3000);
        };
        const { requests, failures } = await underLoad(way, () => action(run));
        record({ suite, name: `failed requests of ${requests}, ${name}`, value: failures.length, requirement: "0" });
        expect(failures).to.deep.equal([]);
    }

    const kinds = async (): Promise<readonly string[]> => [
        ...new Set((await get("ingresses,gateways,httproutes", "-n", namespace)).map(({ kind }) => kind)),
    ];

    it("takes over from Ingresses without a failed request, by way of both", async () => {
        const address = await controllerAddress();
        const add = withValues(both, { "<GatewayClass>": gatewayClass, "letsencrypt-prod": issuer });
        const asked = withValues(check, { "<address>": address, "tradestream.io": domain });
        await follow("from Ingresses to routes", async (run) => {
            await run(add);
            expect(await kinds()).to.have.members(["Gateway", "HTTPRoute", "Ingress"]);
            await run(asked);
            await run(routes);
        });
        expect(await kinds()).to.have.members(["Gateway", "HTTPRoute"]);
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

        it("control: events that come late are noticed", async () => {
            const seen = eventGaps(way, 8);
            await pause(2000);
            await stopFor(4000, await podsOf("gateway-api"));
            expect(Math.max(...(await seen))).to.be.greaterThan(3000);
        });
    });

    // A suite of its own, as Mocha runs tests before suites.
    describe("afterwards", () => {
        rolloutTest(form, 1, place);

        it("gives way to Ingresses without a failed request, by way of both", async () => {
            const back = withValues(bothAgain, { "letsencrypt-prod": issuer });
            await follow("from routes to Ingresses", async (run) => {
                await run(back);
                await run(check.split("\n")[0]!);
                await run(ingresses);
            });
            expect(await kinds()).to.deep.equal(["Ingress"]);
        });
    });

    describe("with an existing Gateway of another namespace", () => {
        const home = "shared-gateway";
        const allowedRoutes = {
            namespaces: { from: "Selector", selector: { matchLabels: { "kubernetes.io/metadata.name": namespace } } },
        };
        const certificateRefs = [{ name: "hosts" }];
        const gateway = {
            apiVersion: "gateway.networking.k8s.io/v1",
            kind: "Gateway",
            metadata: { name: "public", namespace: home },
            spec: {
                gatewayClassName: gatewayClass,
                listeners: [
                    { name: "tls", port: 443, protocol: "HTTPS", tls: { certificateRefs }, allowedRoutes },
                    { name: "plain", port: 80, protocol: "HTTP", allowedRoutes },
                ],
            },
        };
        const certificate = {
            apiVersion: "cert-manager.io/v1",
            kind: "Certificate",
            metadata: { name: "hosts", namespace: home },
            spec: { secretName: "hosts", dnsNames: hosts, issuerRef: { kind: "ClusterIssuer", name: issuer } },
        };

        before(async () => {
            await onCluster("create", [{ apiVersion: "v1", kind: "Namespace", metadata: { name: home } }]);
            await onCluster("create", [certificate, gateway]);
        });

        after(() => kubectl("delete", "namespace", home, "--wait=false"));

        it("answers for every host with the certificate of that Gateway, and redirects plain HTTP", async () => {
            const names = { "<name>": "public", "<namespace>": home };
            const listeners = { "<listener with TLS>": "tls", "<listener of plain HTTP>": "plain" };
            await operator.ok(withValues(existing, { ...names, ...listeners }) + routes);
            expect(await kinds()).to.deep.equal(["HTTPRoute"]);
            const [secret] = await get("secret", "hosts", "-n", home);
            const { serialNumber } = new X509Certificate(Buffer.from(secret!.data!["tls.crt"]!, "base64"));
            for (const host of hosts) {
                await eventually(30, async () => {
                    const { status, serial } = await ask(`https://${host}/${host === api ? "health" : ""}`, way);
                    return status === 200 && serial === serialNumber ? true : undefined;
                });
                const { status, headers } = await ask(`http://${host}/`, way);
                expect([status, headers.location]).to.deep.equal([form.redirect, `https://${host}/`]);
            }
        });

        it("control: when that Gateway lets the stack's routes in no more, nobody answers", async () => {
            const value = { namespaces: { from: "Same" } };
            const patch = JSON.stringify([{ op: "replace", path: "/spec/listeners/0/allowedRoutes", value }]);
            await kubectl("patch", "gateway", "public", "-n", home, "--type=json", "--patch", patch);
            await eventually(30, async () => {
                const { status } = await ask(`https://${api}/health`, way).catch(() => ({ status: undefined }));
                return status === 200 ? undefined : true;
            });
        });
    });
});
