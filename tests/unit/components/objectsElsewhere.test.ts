import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { objectsElsewhere } from "../../../components/objectsElsewhere.ts";
import { findMissing, hasNamespace } from "../../../components/lookup.ts";
import { expectElsewhere } from "../../../components/preconditions.ts";
import { kubectlAccess } from "../../../config/kubeconfig.ts";
import { loadConfig } from "../../../config/index.ts";
import { type Change, configuration, project, raw, requiredSecrets } from "../../support/configuration.ts";
import { madeByOperators } from "../../support/secretSources.ts";

const none = Object.fromEntries(Object.keys(requiredSecrets).map((key) => [key, undefined]));
const foreign = { create: false };
const foreignSecrets = {
    ...none,
    authSecrets: foreign,
    oauthSecrets: foreign,
    notificationSecrets: foreign,
};

async function elsewhere(change: Change, preview = false) {
    await pulumi.runtime.setMocks(
        { newResource: () => ({ id: "", state: {} }), call: () => ({}) },
        project,
        "x",
        preview,
    );
    const config = raw(configuration("production", change));
    pulumi.runtime.setAllConfig(
        Object.fromEntries(Object.entries(config).map(([key, value]) => [`${project}:${key}`, value])),
    );
    return objectsElsewhere(loadConfig());
}

/** The objects in lines: setting, kind, place, keys. */
async function lines(change: Change, preview = false): Promise<readonly string[]> {
    const objects = await elsewhere(change, preview);
    return objects.map(({ kind, namespace, name, keys, setting }) =>
        [setting, kind, namespace === undefined ? name : `${namespace}/${name}`, ...keys].join(" "),
    );
}

describe("what a stack expects of others", () => {
    it("is nothing where the program or an operator makes all Secrets", async () => {
        expect(await lines({})).to.deep.equal([]);
        expect(await lines(madeByOperators)).to.deep.equal([]);
    });

    it("is each Secret with create: false and nothing else, with the keys that its readers need", async () => {
        const auth = "authSecrets.create Secret tradestream/tradestream-auth-secrets jwt-secret resend-api-key";
        const oauth =
            "oauthSecrets.create Secret tradestream/tradestream-oauth-secrets google-client-id google-client-secret " +
            "github-client-id github-client-secret";
        const push = "notificationSecrets.create Secret tradestream/tradestream-notification-secrets";
        const pair = "vapid-private-key vapid-public-key";
        expect(await lines(foreignSecrets)).to.deep.equal([auth, oauth, `${push} ${pair}`]);
        expect(await lines({ ...foreignSecrets, "notificationWorker.telegramChatId": "-1001" })).to.include(
            `${push} ${pair} telegram-bot-token`,
        );
        expect(await lines({ ...foreignSecrets, "notificationWorker.enabled": false })).to.deep.equal([auth, oauth]);
    });

    it("is nothing in a preview with placeholders", async () => {
        expect(await lines({ ...foreignSecrets, placeholderSecrets: true }, true)).to.deep.equal([]);
    });

    it("are credentials of registries, certificates, backups' secrets and a bundle of authorities", async () => {
        const found = await lines({
            imagePullSecrets: ["regcred", "made-here"],
            "chartSecrets.made-here": { ".dockerconfigjson": "{}" },
            caBundle: { configMap: { name: "authorities" } },
            backup: { enabled: true, createSecret: false, volume: { claimName: "backups" } },
            "chart.values.postgresql.image": { repository: "tradestream/postgresql", tag: "17.6" },
            "database.tls": { secretName: "server", clientCertificates: "required" },
        });
        const certificate = "ca.crt tls.crt tls.key";
        const client = (role: string): string =>
            `database.tls.clientCertificates Secret tradestream/tradestream-database-client-${role} ${certificate}`;
        expect(found).to.have.members([
            "imagePullSecrets[0] Secret tradestream/regcred",
            "backup.createSecret Secret tradestream/tradestream-backup-secrets secrets.conf",
            `database.tls.secretName Secret tradestream/server ${certificate}`,
            ...["postgres", "database-migration", "gateway-api", "notification-worker"].map(client),
            "caBundle.configMap ConfigMap tradestream/authorities ca.crt",
        ]);
    });

    it("is what variables, volumes and sidecars refer to, once each, but for what may be absent or has the release's name", async () => {
        const image = "registry.example.com/proxy:1";
        const amounts = { cpu: "10m", memory: "32Mi" };
        const found = await lines({
            "gatewayApi.env": {
                STRIPE: { secretKeyRef: { name: "stripe", key: "api-key" } },
                STRIPE_WEBHOOK: { secretKeyRef: { name: "stripe", key: "webhook-key" } },
                OPTIONAL: { configMapKeyRef: { name: "flags", key: "x", optional: true } },
                OWN: { secretKeyRef: { name: "tradestream-auth-secrets", key: "jwt-secret" } },
                PLAIN: "text",
            },
            "gatewayApi.envFrom": [{ configMapRef: { name: "regional" } }],
            "agentDashboard.volumes": [{ name: "texts", mountPath: "/texts", secret: { secretName: "texts" } }],
            "notificationWorker.initContainers": [
                {
                    ...{ name: "proxy", image, resources: { requests: amounts, limits: amounts } },
                    env: [{ name: "TOKEN", valueFrom: { secretKeyRef: { name: "proxy", key: "token" } } }],
                },
            ],
        });
        expect(found).to.have.members([
            "gatewayApi.env.STRIPE.secretKeyRef Secret tradestream/stripe api-key webhook-key",
            "gatewayApi.envFrom[0].configMapRef ConfigMap tradestream/regional",
            "agentDashboard.volumes[0].secret Secret tradestream/texts",
            "notificationWorker.initContainers[0].env[0].valueFrom.secretKeyRef Secret tradestream/proxy token",
        ]);
    });

    it("is the namespace of the agent that ships logs, with its Secrets", async () => {
        const found = await lines({
            logging: { enabled: true, endpoint: "https://logs.example.com" },
            loggingSecrets: foreign,
            imagePullSecrets: ["regcred"],
        });
        expect(found).to.have.members([
            "imagePullSecrets[0] Secret tradestream/regcred",
            "logging.namespace Namespace tradestream-logs",
            "loggingSecrets.create Secret tradestream-logs/tradestream-logging-secrets authorization",
            "imagePullSecrets[0] Secret tradestream-logs/regcred",
        ]);
        expect(await lines({ loggingSecrets: foreign })).to.deep.equal([]);
    });

    it("are the Secrets of another chart, with the keys that are known of the published one", async () => {
        const chart = { repository: "https://charts.example.com", name: "tradestream", version: "1.0.0" };
        const existingSecrets = ["coinmarketcap", "influxdb-admin-secret", "other"];
        expect(await lines({ chart: { ...chart, existingSecrets } })).to.include.members([
            "chart.existingSecrets[0] Secret tradestream/coinmarketcap apiKey",
            "chart.existingSecrets[1] Secret tradestream/influxdb-admin-secret admin-token admin-password",
            "chart.existingSecrets[2] Secret tradestream/other",
        ]);
    });

    it("is not looked for without kubectl", async () => {
        const { PATH } = process.env;
        process.env["PATH"] = "/nowhere";
        try {
            const access = kubectlAccess({ kubeconfig: undefined, context: undefined });
            expect(await findMissing(await elsewhere(foreignSecrets), access)).to.equal(undefined);
            expect(await hasNamespace("tradestream", access)).to.equal(true);
        } finally {
            process.env["PATH"] = PATH;
        }
    });

    it("waits for the namespace that the program creates, and for no other", async () => {
        const programs = mkdtempSync(path.join(os.tmpdir(), "elsewhere-test-"));
        const { PATH } = process.env;
        process.env["PATH"] = programs;
        const stack = { stack: "production", namespace: "tradestream", createNamespace: true };
        const secret = (namespace: string) =>
            ({ kind: "Secret", namespace, name: "regcred", keys: [], setting: "imagePullSecrets[0]" }) as const;
        const objects = [secret("tradestream"), secret("tradestream-logs")];
        /** What a run ends with where the cluster has these objects alone. */
        const outcome = (...there: string[]): Promise<string> => {
            const cases = there.map((each) => `*"get ${each} "*) echo there ;;\n`).join("");
            writeFileSync(path.join(programs, "kubectl"), `#!/bin/sh\ncase "$* " in\n${cases}esac\n`, { mode: 0o755 });
            return expectElsewhere(stack, objects).then(
                () => "goes on",
                (error: Error) => error.message,
            );
        };
        try {
            const others = "Secret regcred --namespace tradestream-logs";
            expect(await outcome())
                .to.include("tradestream-logs/regcred")
                .and.not.include("tradestream/regcred");
            expect(await outcome(others)).to.equal("goes on");
            expect(await outcome(others, "Namespace tradestream")).to.include("tradestream/regcred");
        } finally {
            process.env["PATH"] = PATH;
            rmSync(programs, { recursive: true });
        }
    });
});
