/** Certificates by ACME, and options of Ingresses and Services beyond those of production: a part of https.test.ts. */
import { expect } from "chai";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { command } from "../../local/cluster/command.ts";
import { domain } from "../../scripts/platform/https.ts";
import { run } from "../isolation/go.ts";
import type { Change } from "../support/configuration.ts";
import { expectOneByOne, type Place, streamSeconds } from "./https-traffic.ts";
import { type AcmeServer, documentedIssuers, issuers, openAcme } from "./support/acme.ts";
import { eventually, get, kubectl, type KubeObject } from "./support/commands.ts";
import type { Enforcer } from "./support/enforcer.ts";
import { ask, controllerAddress, type Way } from "./support/https.ts";
import { onCluster } from "./support/objects.ts";
import { openOutside } from "./support/outside.ts";
import { api, eventGaps, pages } from "./support/traffic.ts";
import { namespace, podsOf, upOk } from "./support/tradestream.ts";

/** Addresses of a load balancer, of one who may connect to it, and of somebody else. */
const [balancer, client, stranger] = ["192.0.2.80", "198.51.100.7", "203.0.113.82"] as const;

/** What a cloud's controller reads; the tests have none. */
const ofCloud = {
    "service.beta.kubernetes.io/aws-load-balancer-type": "external",
    "service.beta.kubernetes.io/aws-load-balancer-scheme": "internal",
};

const options: Change = {
    'gatewayApi.ingress.annotations["cert-manager.io/cluster-issuer"]': issuers.http01,
    'agentDashboard.ingress.annotations["cert-manager.io/cluster-issuer"]': issuers.dns01,
    "gatewayApi.ingress.hosts[0].paths": [{ path: "/(v1/)?(.*)", pathType: "ImplementationSpecific" }],
    "gatewayApi.ingress.rewriteTarget": "/$2",
    "agentDashboard.ingress.requestsPerSecond": 1,
    "agentDashboard.service.type": "LoadBalancer",
    "agentDashboard.service.sourceRanges": ["198.51.100.0/24"],
    "agentDashboard.service.annotations": ofCloud,
};

/** Only DNS-01 proves who owns all names of a domain. */
const wildcard = {
    apiVersion: "cert-manager.io/v1",
    kind: "Certificate",
    metadata: { name: "wildcard", namespace },
    spec: {
        secretName: "wildcard-tls",
        dnsNames: [`*.internal.${domain}`],
        issuerRef: { kind: "ClusterIssuer", name: issuers.dns01 },
    },
};

/** Needs the stack with `base`, reached by `way`. */
export function optionsTests(base: Change, place: () => Place): void {
    describe("with certificates by ACME, and further options", () => {
        let acme: AcmeServer;
        let way: Way;
        /** The same, with another authority. */
        let byAcme: Way;
        let enforcer: Enforcer;

        before(async () => {
            ({ way, enforcer } = place());
            acme = await openAcme([api], await controllerAddress());
            byAcme = { ...way, ca: acme.root };
        });

        after(async () => {
            await onCluster("delete", [wildcard], "--ignore-not-found");
            await acme?.close();
        });

        it("issuers by HTTP-01, DNS-01 and an authority are documented as cert-manager has them", async () => {
            const tried = (issuers: readonly object[]): Promise<void> =>
                onCluster("apply", issuers, "--dry-run=server", "--validate=strict");
            const documented = documentedIssuers();
            expect(documented).to.have.length(3);
            await tried(documented);
            const wrong = JSON.stringify(documented).replace("tsigKeyName", "tsigKey");
            const error = await tried(JSON.parse(wrong) as object[]).catch((failure: unknown) => failure);
            expect(String(error)).to.match(/tsigKey\W/);
        });

        it("control: where nobody finds the answer to its challenge, none comes", async () => {
            const address = giveAddress("tradestream-agent-dashboard", balancer);
            await Promise.all([upOk({ ...base, ...options }), address, onCluster("create", [wildcard])]);
            await pending("HTTP-01", /propagation: .*lookup/);
            // The old certificate is still there.
            expect((await ask(`https://${api}/health`, way)).status).to.equal(200);
        });

        it("control: where the name server refuses the update, none comes", async () => {
            await acme.publish();
            await pending("DNS-01", /DNS update failed: .*bad authentication/);
            expect((await ask(`https://${pages[0]}/`, way)).status).to.equal(200);
            await acme.allowUpdates();
        });

        it("comes by HTTP-01, past the policies, and is served", async () => {
            await eventually(90, () => ask(`https://${api}/health`, byAcme));
            const error = await ask(`https://${api}/health`, way).catch((failure: unknown) => failure);
            expect(error)
                .to.have.property("code")
                .that.matches(/SELF_SIGNED|UNABLE_TO/);
            enforcer.check();
            const left = (): Promise<readonly KubeObject[]> =>
                get("ingresses,services,pods", "-n", namespace, "-l", "acme.cert-manager.io/http01-solver=true");
            await eventually(30, async () => ((await left()).length === 0 ? true : undefined));
        });

        it("rewrites paths by their groups", async () => {
            const [plain, versioned, other] = await Promise.all(
                ["/health", "/v1/health", "/v2/health"].map((path) => ask(`https://${api}${path}`, byAcme)),
            );
            expect([plain!.status, versioned!.status, other!.status]).to.deep.equal([200, 200, 404]);
            expect(versioned!.body).to.equal(plain!.body);
        });

        it("lets in through a load balancer whom the configuration names, and nobody else", async () => {
            const annotations = async (name: string) =>
                (await get("service", name, "-n", namespace))[0]!.metadata.annotations ?? {};
            expect(await annotations("tradestream-agent-dashboard")).to.include(ofCloud);
            expect(await annotations("tradestream-gateway-api")).not.to.have.any.keys(ofCloud);
            const [pod] = await podsOf("agent-dashboard");
            const podAddress = String(pod!.status["podIP"]);
            const outside = await openOutside([client, stranger]);
            const { network } = outside;
            const made = async (...pairs: [from: string, to: string][]): Promise<readonly boolean[]> => {
                const connections = pairs.map(([from, to]) => ({
                    ...{ from: { ip: from, network }, to: { ip: to } },
                    ...{ port: 80, protocol: "TCP" },
                }));
                return JSON.parse(await run("packets", { connections, patience: 2000 })) as boolean[];
            };
            try {
                await eventually(30, async () => ((await made([client, balancer]))[0] ? true : undefined));
                expect(await made([client, podAddress])).to.deep.equal([true]);
                expect(await made([stranger, balancer], [stranger, podAddress])).to.deep.equal([false, false]);
                // No policy is about the ingress controller, which a stranger's packets reach.
                expect(await made([stranger, await controllerAddress()])).to.deep.equal([true]);
                enforcer.check();
            } finally {
                await outside.close();
            }
        });

        // Meanwhile cert-manager waits for a minute: it does so when it has found the answer of DNS-01.
        it("passes server-sent events on one by one, for longer than any default timeout", async () => {
            expectOneByOne("HTTPS", await eventGaps(byAcme, streamSeconds));
        });

        it("control: with buffering switched on, events do not come through one by one", async () => {
            const annotate = (value: string): Promise<string> =>
                kubectl(
                    ...["annotate", "--overwrite", "-n", namespace, "ingress/tradestream-gateway-api"],
                    `nginx.ingress.kubernetes.io/proxy-buffering=${value}`,
                );
            await annotate("on");
            try {
                await eventually(30, async () => ((await eventGaps(byAcme, 4)).length === 0 ? true : undefined));
            } finally {
                await annotate("off");
            }
            await eventually(30, async () => ((await eventGaps(byAcme, 4)).length > 0 ? true : undefined));
        });

        it("comes by DNS-01 for hosts that the internet does not reach, and is served", async () => {
            for (const host of pages) await eventually(120, () => ask(`https://${host}/`, byAcme));
            const error = await ask(`https://${pages[0]}/`, way).catch((failure: unknown) => failure);
            expect(error)
                .to.have.property("code")
                .that.matches(/SELF_SIGNED|UNABLE_TO/);
        });

        it("comes by DNS-01 for all hosts of a domain", async () => {
            await kubectl("wait", "certificate/wildcard", "-n", namespace, "--for=condition=Ready", "--timeout=60s");
            const [{ data }] = (await get("secret", "wildcard-tls", "-n", namespace)) as [KubeObject];
            const home = mkdtempSync(path.join(os.tmpdir(), "tradestream-wildcard-"));
            const [chain, root] = [path.join(home, "tls.crt"), path.join(home, "root.crt")];
            writeFileSync(chain, Buffer.from(data!["tls.crt"]!, "base64"));
            writeFileSync(root, acme.root);
            const verify = (host: string): Promise<string> =>
                command("openssl", "verify", "-CAfile", root, "-untrusted", chain, "-verify_hostname", host, chain);
            try {
                expect(await verify(`desk.internal.${domain}`)).to.include(": OK");
                const error = await verify(`desk.${domain}`).catch((failure: unknown) => failure);
                expect(String(error)).to.match(/[Hh]ostname mismatch/);
            } finally {
                rmSync(home, { recursive: true });
            }
        });

        it("limits the requests of one client, on the hosts of one service alone", async () => {
            const many = async (url: string): Promise<readonly number[]> => {
                const answers = Array.from({ length: 40 }, () => ask(url, byAcme));
                return [...new Set((await Promise.all(answers)).map(({ status }) => status))].sort();
            };
            expect(await many(`https://${pages[0]}/`)).to.deep.equal([200, 429]);
            expect(await many(`https://${api}/health`)).to.deep.equal([200]);
        });
    });
}

/** Waits until all challenges of a type are pending for that reason. */
async function pending(type: "HTTP-01" | "DNS-01", reason: RegExp): Promise<void> {
    await eventually(60, async () => {
        const challenges = (await get("challenges", "-n", namespace)).filter(({ spec }) => spec["type"] === type);
        const reasons = challenges.map(({ status }) => `${String(status["state"])} ${String(status["reason"])}`);
        const isPending = (text: string): boolean => text.startsWith("pending") && reason.test(text);
        return reasons.length > 0 && reasons.every(isPending) ? true : undefined;
    });
}

/** Gives a Service an address as a cloud would, as soon as it asks for one. */
async function giveAddress(name: string, ip: string): Promise<void> {
    const object = ["service", name, "-n", namespace] as const;
    await eventually(120, async () => ((await get(...object))[0]!.spec["type"] === "LoadBalancer" ? true : undefined));
    const status = { loadBalancer: { ingress: [{ ip }] } };
    await kubectl("patch", ...object, "--subresource=status", "--type=merge", "-p", JSON.stringify({ status }));
}
