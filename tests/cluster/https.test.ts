/**
 * HTTPS as a client meets it: through a real ingress controller and with certificates of a real cert-manager, by the Ingresses
 * of production, while the network policies are enforced.
 */
import { expect } from "chai";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { authorityFile, installHttps } from "../../local/https/index.ts";
import { createReport } from "../../local/report.ts";
import { record } from "../evidence.ts";
import type { Change } from "../support/configuration.ts";
import { optionsTests } from "./https-options.ts";
import { documentAt } from "./support/browser.ts";
import { eventually, get, kubectl } from "./support/commands.ts";
import { servedSerial, session, showsAnother } from "./support/databases.ts";
import { drill } from "./support/drills.ts";
import { Enforcer } from "./support/enforcer.ts";
import { ask, controllerAddress, wayIn, type Way } from "./support/https.ts";
import { pause, percentile } from "./support/load.ts";
import { cluster } from "./support/cluster-name.ts";
import { networkOf } from "./support/node.ts";
import { Streams } from "./support/streams.ts";
import {
    answered,
    api,
    exposed,
    hosts,
    hsts,
    pages,
    reissue,
    removeHttps,
    renew,
    underLoad,
} from "./support/traffic.ts";
import { isSoak, namespace, podsOf, refresh, settled, start, upOk } from "./support/tradestream.ts";

const suite = "HTTPS";
const megabyte = 1024 * 1024;
/** With TLS to the database too, as production has it. */
const base = { ...exposed("ingress"), "database.tls.enabled": true };
const services = ["gateway-api", "agent-dashboard"] as const;

/** What a release changes: images, or a variable of one service and a secret of the other. Both roll each time. */
function next(round: number): Change {
    if (round % 2 === 0) return { jwtSecretVersion: round, "agentDashboard.env": { RELEASE: String(round) } };
    const tag = round % 4 === 1 ? "v1.0.1" : "v1.0.0";
    return { "gatewayApi.image.tag": tag, "agentDashboard.image.tag": tag };
}

describe("HTTPS", function () {
    this.timeout(isSoak ? 3_600_000 : 600_000);
    let enforcer: Enforcer;
    let way: Way;

    before(async () => {
        await installHttps(cluster, createReport());
        enforcer = await Enforcer.start();
        await start(base);
        await Promise.all(services.map(settled));
        way = await wayIn();
        await answered(way);
    });

    after(async () => {
        await enforcer?.stop();
        await removeHttps();
    });

    it("serves every host with a certificate of the authority, which nobody else trusts", async () => {
        for (const host of hosts) {
            const { status, headers } = await ask(`https://${host}/${host === api ? "health" : ""}`, way);
            expect([status, headers["strict-transport-security"]], host).to.deep.equal([
                200,
                host === api ? hsts : undefined,
            ]);
            const { lookup } = way;
            const error = await ask(`https://${host}/`, { lookup }).catch((failure: unknown) => failure);
            expect(error, host)
                .to.have.property("code")
                .that.matches(/SELF_SIGNED|UNABLE_TO/);
        }
        const stranger = await ask("https://stranger.test/", way).catch((failure: unknown) => failure);
        expect(stranger).to.be.an("error");
    });

    it("a headless browser shows the dashboard, from plain HTTP on, if it trusts the authority", async () => {
        const title = "<title>TradeStream agent dashboard";
        const address = await controllerAddress();
        for (const host of pages)
            expect(await documentAt(`http://${host}/`, address, authorityFile(cluster)), host).to.include(title);
        expect(await documentAt(`https://${pages[0]}/`, address)).not.to.include(title);
    });

    it("redirects plain HTTP", async () => {
        for (const host of hosts) {
            const { status, headers } = await ask(`http://${host}/some/path?query=1`, way);
            expect([status, headers.location], host).to.deep.equal([308, `https://${host}/some/path?query=1`]);
        }
    });

    it("refuses bodies that are larger than production allows", async () => {
        const posted = async (megabytes: number): Promise<number> =>
            (await ask(`https://${api}/api/token`, way, megabytes * megabyte)).status;
        // It reaches the service.
        expect(await posted(9)).to.equal(200);
        // The connection is closed right after the answer, sometimes before this client has read it.
        expect(await eventually(60, () => posted(11))).to.equal(413);
    });

    it("passes through what the network policies allow, and they refuse the rest", async () => {
        enforcer.check();
        const [controller] = await get("pods", "-n", "ingress-nginx");
        const [stranger] = await get("pods", "-n", "cert-manager");
        const tried = async (component: string, port: number): Promise<readonly string[]> => {
            const [pod] = await podsOf(component);
            const address = `${String(pod!.status["podIP"])}/${port}`;
            return Promise.all([controller!, stranger!].map((from) => connection(networkOf(from), address)));
        };
        const outcomes = await Promise.all([tried("gateway-api", 8000), tried("agent-dashboard", 80)]);
        expect(outcomes).to.deep.equal([
            ["made", "dropped"],
            ["made", "dropped"],
        ]);
    });

    it("a renewed certificate is served, and no request fails", async () => {
        const { requests, failures } = await underLoad(way, async () => {
            await renew("gateway-api-tls", way);
            await pause(2000);
        });
        record({
            suite,
            name: `failed requests of ${requests}, certificate renewed`,
            value: failures.length,
            requirement: "0",
        });
        expect(failures).to.deep.equal([]);
    });

    it("the renewed certificates of the database and its roles are used, and no request fails", async () => {
        const certificates = ["tradestream-postgresql-tls", "tradestream-database-client-gateway-api"];
        const issued = (): Promise<readonly unknown[]> =>
            Promise.all(
                certificates.map(async (name) => (await get("secret", name, "-n", namespace))[0]!.data!["tls.crt"]),
            );
        const [before, served, shown] = [await issued(), await servedSerial(), await session("client_serial")];
        const { requests, failures } = await underLoad(way, async () => {
            await Promise.all(certificates.map(reissue));
            await eventually(60, async () =>
                (await issued()).every((certificate, index) => certificate !== before[index]) ? true : undefined,
            );
            await refresh("tradestream-postgresql-0");
            await refresh("-l", "app.kubernetes.io/component=gateway-api");
            await eventually(120, async () => ((await servedSerial()) === served ? undefined : true));
        });
        record({
            suite,
            name: `failed requests of ${requests}, certificates of the database and of a role renewed`,
            value: failures.length,
            requirement: "0",
        });
        expect(failures).to.deep.equal([]);
        await showsAnother(shown, () => ask(`https://${api}/api/status`, way));
    });

    it("the drill expire-certificate renews one as well, and says how long it took", async () => {
        const { code, said, record: made } = await drill("expire-certificate");
        expect(code, said).to.equal(0);
        expect(made).to.include({ drill: "expire-certificate", met: true }).and.not.have.property("failedRequests");
        expect(said).to.match(/not asked, as they do not answer here: https:\/\/\S*tradestream\.test\//);
    });

    it("rolling updates lose no request, and end every stream with a farewell", async () => {
        const wanted = isSoak ? { rounds: 10, requests: 10_000 } : { rounds: 2, requests: 0 };
        const streams = new Streams(`https://${api}/api/signals/stream`, 4, way);
        let rounds = 0;
        const { requests, failures, latencies } = await underLoad(way, async (sent) => {
            let release: Change = base;
            while (rounds < wanted.rounds || sent() < wanted.requests) {
                release = { ...release, ...next(++rounds) };
                const before = await Promise.all(services.map(settled));
                await upOk(release);
                const after = await Promise.all(services.map(settled));
                for (const [index, service] of services.entries())
                    expect(
                        [...after[index]!].filter((uid) => before[index]!.has(uid)),
                        `old pods of ${service}`,
                    ).to.deep.equal([]);
            }
        });
        const { opened, farewells, failures: broken } = await streams.stop();
        const through = `in ${rounds} rolling updates (images, a variable and a secret), through the Ingress`;
        const lost = failures.length + broken.length;
        record({ suite, name: `failed requests of ${requests} ${through}`, value: lost, requirement: "0" });
        record({ suite, name: `event streams ended with a farewell ${through}`, value: farewells });
        for (const [name, share] of [
            ["median", 0.5],
            ["99th percentile", 0.99],
        ] as const)
            record({ suite, name: `${name} of these requests in ms`, value: Math.round(percentile(latencies, share)) });
        expect([...failures, ...broken]).to.deep.equal([]);
        expect(farewells).to.be.at.least(rounds);
        expect(opened).to.be.greaterThan(farewells);
        expect(requests).to.be.greaterThan(100 * rounds);
    });

    it("control: the same load notices a deleted certificate, and a service without pods", async () => {
        const { failures } = await underLoad(way, async () => {
            // Otherwise it issues another within a second.
            const manager = ["-n", "cert-manager", "deployment/cert-manager"];
            await kubectl("scale", ...manager, "--replicas=0");
            await kubectl("wait", "pods", "--all", "-n", "cert-manager", "--for=delete", "--timeout=60s");
            await kubectl("delete", "secret", "-n", namespace, "gateway-api-tls");
            await pause(5000);
            await kubectl("scale", ...manager, "--replicas=1");
            const dashboard = ["scale", "-n", namespace, "deployment/tradestream-agent-dashboard"];
            await kubectl(...dashboard, "--replicas=0");
            await pause(10_000);
            await kubectl(...dashboard, "--replicas=2");
            await settled("agent-dashboard");
        });
        const said = failures.join("\n");
        record({
            suite,
            name: "control, certificate deleted and service without pods: failures",
            value: failures.length,
            requirement: "more than 0",
        });
        expect(said)
            .to.match(/certificate/)
            .and.match(/status 50[234]/);
    });

    optionsTests(base, () => ({ way, enforcer }));
});

/** What comes of a TCP connection to `address/port` from a network namespace: `made`, `dropped`, or what went wrong. */
async function connection(network: string, address: string): Promise<string> {
    const script = `exec 3<>/dev/tcp/${address}`;
    return promisify(execFile)("nsenter", [`--net=${network}`, "timeout", "10", "bash", "-c", script]).then(
        () => "made",
        (error: { code?: number; stderr?: string }) => (error.code === 124 ? "dropped" : (error.stderr ?? "no answer")),
    );
}
