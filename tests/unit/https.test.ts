/** The stack `local` with the Ingresses of production (`make up HTTPS=1`). */
import { isDeepStrictEqual } from "node:util";
import { expect } from "chai";
import { issuer } from "../../local/https/index.ts";
import { domain, httpsConfig } from "../../scripts/platform/https.ts";
import { parseStack, project, stackFile } from "../support/configuration.ts";

interface Ingress {
    readonly annotations: Readonly<Record<string, string>>;
    readonly hosts: readonly { readonly host: string }[];
    readonly tls: readonly { readonly hosts: readonly string[] }[];
}

describe("HTTPS on the local cluster", () => {
    const services = ["gatewayApi", "agentDashboard"] as const;
    const changed = (service: string, exposure: "ingress" | "gateway" = "ingress") =>
        httpsConfig(exposure)[`${project}:${service}`] as Readonly<Record<string, unknown>>;

    for (const service of services) {
        it(`gives ${service} production's Ingress, with another issuer and domain alone`, () => {
            const { ingress: production } = stackFile("production")[service] as { ingress: Ingress };
            const { ingress } = changed(service) as unknown as { ingress: Ingress };
            const { "cert-manager.io/cluster-issuer": own, ...annotations } = ingress.annotations;
            const { "cert-manager.io/cluster-issuer": theirs, ...same } = production.annotations;
            expect([own, theirs]).to.deep.equal([issuer, "letsencrypt-prod"]);
            expect(annotations).to.deep.equal(same);
            const hosts = production.hosts.map(({ host }) => host.replace("tradestream.io", domain));
            expect(ingress.hosts.map(({ host }) => host)).to.deep.equal(hosts);
            expect(ingress.tls.flatMap((entry) => entry.hosts)).to.deep.equal(hosts);
        });

        it(`leaves the rest of ${service} as it is`, () => {
            const own = stackFile("local")[service] as Readonly<Record<string, unknown>>;
            const differs = Object.keys(own).filter((key) => !isDeepStrictEqual(own[key], changed(service)[key]));
            expect(differs).to.deep.equal(service === "gatewayApi" ? ["urls", "cors", "ingress"] : ["ingress"]);
        });
    }

    it("gives routes the same hosts, and none of the annotations of an Ingress", () => {
        const forms = ["ingress", "gateway"] as const;
        const [ingress, gateway] = forms.map((form) => changed("gatewayApi", form)["ingress"] as Ingress);
        expect(gateway).to.deep.equal({ ...ingress, annotations: {} });
        const keys = ["exposure", "gateway", ...services];
        const config = httpsConfig("gateway");
        const change = Object.fromEntries(keys.map((key) => [key, config[`${project}:${key}`]]));
        expect(parseStack("local", change).errors).to.deep.equal([]);
    });

    it("is a valid configuration", () => {
        const change = Object.fromEntries(services.map((service) => [service, changed(service)]));
        const { errors, settings } = parseStack("local", change);
        expect(errors).to.deep.equal([]);
        expect(settings!.gatewayApi.urls.api).to.equal(`https://api.${domain}`);
    });
});
