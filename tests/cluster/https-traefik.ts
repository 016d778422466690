/** Ingresses with the controller `traefik`, which reads its own annotations: a part of https.test.ts. */
import { expect } from "chai";
import { issuer } from "../../local/https/index.ts";
import type { Change } from "../support/configuration.ts";
import type { Place } from "./https-traffic.ts";
import { eventually, kubectl } from "./support/commands.ts";
import { ask, type Way } from "./support/https.ts";
import { onCluster } from "./support/objects.ts";
import { answered, api, eventGaps, hosts } from "./support/traffic.ts";
import { namespace, upOk } from "./support/tradestream.ts";

const ingressClass = {
    apiVersion: "networking.k8s.io/v1",
    kind: "IngressClass",
    metadata: { name: "traefik" },
    spec: { controller: "traefik.io/ingress-controller" },
};

/** For HSTS it would take a Middleware. */
const withTraefik: Change = {
    ...Object.fromEntries(
        ["gatewayApi", "agentDashboard"].flatMap((service): readonly (readonly [string, unknown])[] => [
            [`${service}.ingress.controller`, "traefik"],
            [`${service}.ingress.className`, "traefik"],
            [`${service}.ingress.annotations`, { "cert-manager.io/cluster-issuer": issuer }],
        ]),
    ),
    "gatewayApi.ingress.hstsSeconds": undefined,
};

/** Needs the stack with `base`. */
export function traefikTests(base: Change, place: () => Place): void {
    describe("with the controller traefik", () => {
        let way: Way;
        const plain = async (): Promise<number> => (await ask(`http://${api}/health`, way)).status;
        const becomes = (status: number): Promise<true> =>
            eventually(30, async () => ((await plain()) === status ? true : undefined));

        before(async () => {
            ({ way } = place());
            await onCluster("create", [ingressClass]);
            await upOk({ ...base, ...withTraefik });
            await answered(way);
        });

        after(() => onCluster("delete", [ingressClass], "--ignore-not-found"));

        it("serves every host over TLS, events one by one, and nothing without TLS", async () => {
            const [gaps] = await Promise.all([eventGaps(way, 4), becomes(404)]);
            expect(gaps.length).to.be.greaterThan(4);
            for (const host of hosts) {
                const { status, serial } = await ask(`https://${host}/${host === api ? "health" : ""}`, way);
                expect([status, typeof serial], host).to.deep.equal([200, "string"]);
            }
        });

        it("control: without the program's annotations, plain HTTP answers", async () => {
            const annotate = (entryPoint: string, tls: string): Promise<string> =>
                kubectl(
                    ...["annotate", "--overwrite", "-n", namespace, "ingress/tradestream-gateway-api"],
                    `traefik.ingress.kubernetes.io/router.entrypoints=${entryPoint}`,
                    `traefik.ingress.kubernetes.io/router.tls=${tls}`,
                );
            await annotate("web", "false");
            await becomes(200).finally(() => annotate("websecure", "true"));
            await becomes(404);
        });

        it("redirects plain HTTP where Traefik's own configuration says so, as docs/exposure.md has it", async () => {
            const deployment = ["-n", "ingress-nginx", "deployment/traefik"];
            const value = "--entryPoints.web.http.redirections.entryPoint.to=websecure";
            const path = "/spec/template/spec/containers/0/args/-";
            await kubectl(
                "patch",
                ...deployment,
                "--type=json",
                "--patch",
                JSON.stringify([{ op: "add", path, value }]),
            );
            await kubectl("rollout", "status", ...deployment, "--timeout=60s");
            await answered(way);
            for (const host of hosts) {
                const { status, headers } = await ask(`http://${host}/some/path?query=1`, way);
                expect([status, headers.location], host).to.deep.equal([301, `https://${host}/some/path?query=1`]);
            }
        });
    });
}
