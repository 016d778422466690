/** What Ingresses and routes both have to pass: a part of https.test.ts and gateway.test.ts. */
import { expect } from "chai";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { kubeconfigPath } from "../../local/cluster/index.ts";
import { ensurePackages } from "../../local/debian.ts";
import { authorityFile } from "../../local/https/index.ts";
import { createReport } from "../../local/report.ts";
import { kubectlFor } from "../../scripts/kubectl.ts";
import { hintsFor } from "../../scripts/platform/hints.ts";
import { localStack } from "../../scripts/platform/target.ts";
import { readStatus } from "../../scripts/status/index.ts";
import { record } from "../evidence.ts";
import type { Change } from "../support/configuration.ts";
import { silent } from "../support/reports.ts";
import { documentAt } from "./support/browser.ts";
import { cluster } from "./support/cluster-name.ts";
import { command, eventually, get } from "./support/commands.ts";
import type { Enforcer } from "./support/enforcer.ts";
import { ask, controllerAddress, type Way } from "./support/https.ts";
import { pause, percentile } from "./support/load.ts";
import { networkOf } from "./support/node.ts";
import { Streams } from "./support/streams.ts";
import { api, hosts, hsts, pages, renew, underLoad } from "./support/traffic.ts";
import { isSoak, namespace, podsOf, settled, upOk } from "./support/tradestream.ts";

export const services = ["gateway-api", "agent-dashboard"] as const;

/** Ingresses or routes. */
export interface Form {
    /** Heading of its figures. */
    readonly suite: string;
    readonly through: string;
    /** The stack's configuration. */
    readonly base: Change;
    /** Status of the redirect of plain HTTP. */
    readonly redirect: number;
    /** Takes the redirect of the API's host away while `action` runs. */
    readonly withoutRedirect: (action: () => Promise<unknown>) => Promise<void>;
    /** The Certificate of the API's host. */
    readonly certificate: string;
}

export interface Place {
    readonly way: Way;
    readonly enforcer: Enforcer;
}

/** Needs the stack with the form's configuration. */
export function trafficTests({ suite, redirect, withoutRedirect, certificate }: Form, place: () => Place): void {
    let way: Way;
    let enforcer: Enforcer;

    before(() => {
        ({ way, enforcer } = place());
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
            expect([status, headers.location], host).to.deep.equal([redirect, `https://${host}/some/path?query=1`]);
        }
    });

    it("control: without the redirect, plain HTTP answers", async () => {
        const answers = (wanted: number): Promise<true> =>
            eventually(30, async () => {
                const { status } = await ask(`http://${api}/health`, way);
                return status === wanted ? true : undefined;
            });
        await withoutRedirect(() => answers(200));
        await answers(redirect);
    });

    it("answers the commands that the summary prints", async () => {
        await ensurePackages([{ package: "curl", file: "curl" }], createReport());
        const target = { env: { KUBECONFIG: kubeconfigPath(cluster) }, context: undefined };
        const asked = { stack: localStack, namespace, releaseName: "tradestream" };
        const status = await readStatus(asked, await kubectlFor(target, silent));
        const lines = (await hintsFor(status, target, silent, cluster)).filter((line) => line.includes("https://"));
        expect(lines).to.have.length(hosts.length);
        const run = (line: string) => command("bash", ["-c", `${line} --silent --show-error --max-time 20`]);
        for (const line of lines) {
            const { code, stdout, stderr } = await run(line);
            expect([code, stderr], line).to.deep.equal([0, ""]);
            expect(stdout, line).to.match(
                line.includes(`//${api}/`) ? /"service":"gateway-api"/ : /<title>TradeStream agent/,
            );
            const stranger = await run(line.replace(/--cacert \S+/, ""));
            expect(stranger.code, "the control: an authority that nobody named").to.equal(60);
        }
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
            await renew(certificate, way);
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
}

/** Releases one after the other under load. */
export function rolloutTest({ suite, through, base }: Form, rounds: number, place: () => Place): void {
    it("rolling updates lose no request, and end every stream with a farewell", async () => {
        const { way } = place();
        const wanted = isSoak ? { rounds: 10, requests: 10_000 } : { rounds, requests: 0 };
        const streams = new Streams(`https://${api}/api/signals/stream`, 4, way);
        let done = 0;
        const { requests, failures, latencies } = await underLoad(way, async (sent) => {
            let release: Change = base;
            while (done < wanted.rounds || sent() < wanted.requests) {
                release = { ...release, ...next(++done) };
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
        const kinds = done > 1 ? "images, a variable and a secret" : "images";
        const updates = `in ${done} rolling update${done > 1 ? "s" : ""} (${kinds}), through the ${through}`;
        const lost = failures.length + broken.length;
        record({ suite, name: `failed requests of ${requests} ${updates}`, value: lost, requirement: "0" });
        record({ suite, name: `event streams ended with a farewell ${updates}`, value: farewells });
        for (const [name, share] of [
            ["median", 0.5],
            ["99th percentile", 0.99],
        ] as const)
            record({ suite, name: `${name} of these requests in ms`, value: Math.round(percentile(latencies, share)) });
        expect([...failures, ...broken]).to.deep.equal([]);
        expect(farewells).to.be.at.least(done);
        expect(opened).to.be.greaterThan(farewells);
        expect(requests).to.be.greaterThan(100 * done);
    });
}

/** What a release changes: images, or a variable of one service and a secret of the other. Both roll each time. */
function next(round: number): Change {
    if (round % 2 === 0) return { jwtSecretVersion: round, "agentDashboard.env": { RELEASE: String(round) } };
    const tag = round % 4 === 1 ? "v1.0.1" : "v1.0.0";
    return { "gatewayApi.image.tag": tag, "agentDashboard.image.tag": tag };
}

/** What comes of a TCP connection to `address/port` from a network namespace: `made`, `dropped`, or what went wrong. */
async function connection(network: string, address: string): Promise<string> {
    const script = `exec 3<>/dev/tcp/${address}`;
    return promisify(execFile)("nsenter", [`--net=${network}`, "timeout", "10", "bash", "-c", script]).then(
        () => "made",
        (error: { code?: number; stderr?: string }) => (error.code === 124 ? "dropped" : (error.stderr ?? "no answer")),
    );
}

/** How long streams are watched, in seconds: longer than any default timeout. */
export const streamSeconds = isSoak ? 300 : 70;

/** Server-sent events arrived in time: the stand-in sends one every 500 ms. */
export function expectOneByOne(suite: string, gaps: readonly number[]): void {
    record({ suite, name: `server-sent events one by one, in ${streamSeconds} s`, value: gaps.length });
    expect(gaps.length).to.be.greaterThan(streamSeconds);
    expect(Math.max(...gaps)).to.be.lessThan(3000);
}
