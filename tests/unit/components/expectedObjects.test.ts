import { expect } from "chai";
import { expectedObjects } from "../../../components/expectedObjects.ts";
import type { StackConfig } from "../../../config/index.ts";

const own = { create: true };
const plain = {
    exposure: {},
    monitoring: { enabled: false, form: "operator" },
    authSecrets: own,
    oauthSecrets: own,
    notificationSecrets: own,
    loggingSecrets: own,
};
const idsOf = (change: object): readonly string[] =>
    expectedObjects({ ...plain, ...change } as unknown as StackConfig).map(({ id }) => id);

describe("what a stack relies on", () => {
    it("is nothing but a cluster by itself", () => {
        expect(idsOf({})).to.deep.equal([]);
    });

    it("is the API of each operator that it gives work to, once", () => {
        const external = { create: false, externalSecret: { store: "vault" } };
        const sealed = { create: false, sealedSecret: {} };
        expect(idsOf({ authSecrets: external, oauthSecrets: external, notificationSecrets: sealed })).to.have.members([
            "externalsecrets.external-secrets.io",
            "sealedsecrets.bitnami.com",
        ]);
        expect(idsOf({ monitoring: { enabled: true, form: "operator" } })).to.deep.equal([
            "prometheusrules.monitoring.coreos.com",
        ]);
        expect(idsOf({ monitoring: { enabled: true, form: "configMap" } })).to.deep.equal([]);
        expect(idsOf({ exposure: { requires: { kind: "GatewayClass", id: "example" } } })).to.deep.equal(["example"]);
    });

    it("is the operator of the Secret of the agent that ships logs", () => {
        const source = { create: false, externalSecret: { store: "vault" } };
        expect(idsOf({ loggingSecrets: source })).to.deep.equal([]);
        expect(idsOf({ loggingSecrets: source, logAgent: { namespace: "tradestream-logs" } })).to.deep.equal([
            "externalsecrets.external-secrets.io",
        ]);
    });

    it("is cert-manager for the database's certificate, unless a Secret has it", () => {
        const tls = { namespace: "tradestream", ofClients: false };
        expect(idsOf({ databaseTls: tls })).to.deep.equal(["certificates.cert-manager.io"]);
        expect(idsOf({ databaseTls: { ...tls, secretName: "certificate" } })).to.deep.equal([]);
    });
});
