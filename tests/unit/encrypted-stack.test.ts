/** A stack whose secrets are encrypted, as README says, still renders without its passphrase or key: checks need it. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect } from "chai";
import { parse, parseAllDocuments, stringify } from "yaml";
import { goldenFile, render } from "../golden/render.ts";
import { requiredSecrets, root } from "../support/configuration.ts";

const stackFile = "Pulumi.production.yaml";
const secure = { secure: "v1:bm9uY2Utbm9uY2U=:Y2lwaGVydGV4dA==" };
const heads: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    "a passphrase": { encryptionsalt: "v1:fnKtQi+7Xyk=:v1:KqefVjf18NAr3vYe:OLJ6ga+kTu5YTgnjMOxD7gDn1rXlKg==" },
    "Pulumi Cloud": {},
    "a cloud's key": { secretsprovider: "awskms://alias/tradestream?region=eu-central-1", encryptedkey: "AQICAH" },
};

interface Named {
    readonly metadata: { readonly name: string };
}

describe("a stack with encrypted secrets", function () {
    this.timeout(60_000);
    let project: string;

    beforeEach(() => {
        project = mkdtempSync(path.join(os.tmpdir(), "tradestream-encrypted-"));
        for (const entry of readdirSync(root)) {
            if (entry !== stackFile) symlinkSync(path.join(root, entry), path.join(project, entry));
        }
    });

    afterEach(() => rmSync(project, { recursive: true, force: true }));

    for (const [provider, head] of Object.entries(heads)) {
        it(`by ${provider} renders as without them`, async () => {
            const { config } = parse(readFileSync(path.join(root, stackFile), "utf8")) as { config: object };
            const keys = [
                ...Object.keys(requiredSecrets),
                "jwtSecret",
                "vapidPrivateKey",
                "vapidPublicKey",
                "kubeconfig",
            ];
            const secrets = Object.fromEntries(keys.map((key) => [`tradestream:${key}`, secure]));
            writeFileSync(path.join(project, stackFile), stringify({ ...head, config: { ...config, ...secrets } }));
            expect(await render("production", project)).to.equal(readFileSync(goldenFile("production"), "utf8"));
        });
    }

    it("renders with encrypted credentials of a registry for the chart", async () => {
        const { config } = parse(readFileSync(path.join(root, stackFile), "utf8")) as { config: object };
        const chartSecrets = { regcred: { ".dockerconfigjson": secure } };
        const stack = { ...heads["a passphrase"], config: { ...config, "tradestream:chartSecrets": chartSecrets } };
        writeFileSync(path.join(project, stackFile), stringify(stack));
        const objects = parseAllDocuments(await render("production", project)).map(
            (document) => document.toJS() as Named,
        );
        expect(objects.find(({ metadata }) => metadata.name === "regcred")).to.deep.include({
            type: "kubernetes.io/dockerconfigjson",
            data: { ".dockerconfigjson": Buffer.from('{"auths":{}}').toString("base64") },
        });
    });
});
