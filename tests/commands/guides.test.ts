/** Commands of the guides, as their reader gives them: in a clone, on a stack `production` with the values of the stack local. */
import { mkdirSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect } from "chai";
import { parse } from "yaml";
import { contextName } from "../../local/cluster/index.ts";
import { cluster } from "../cluster/support/cluster-name.ts";
import { eventually, get, kubectl } from "../cluster/support/commands.ts";
import { Reader } from "../cluster/support/reader.ts";
import { openSealedSecrets, type SealedSecrets } from "../cluster/support/sealed-secrets.ts";
import { clear, isSoak, namespace } from "../cluster/support/tradestream.ts";
import { requiredSecrets } from "../support/configuration.ts";
import { shellBlock, withValues } from "../support/guide.ts";
import { lostStateTests } from "./guides-lostState.ts";

const registry = "stand-in.tradestream.local";
const context = contextName(cluster);
const services = ["gateway-api", "agent-dashboard", "notification-worker", "database-migration"];
const keyOf = (service: string): string => service.replace(/-(.)/, (_, letter: string) => letter.toUpperCase());

const values = {
    // The registry is that of `imageRegistry`.
    ...Object.fromEntries(services.map((name) => [`${keyOf(name)}.image.repository`, name])),
    // Nothing but the commands is to change how many pods there are, or what the status says.
    "gatewayApi.autoscaling.targetCPUUtilization": 400,
    "notificationWorker.schedule": "0 0 1 1 *",
    // Not there, and not needed before the first run.
    "notificationWorker.image.tag": "v0.9.9",
    "monitoring.enabled": true,
    "monitoring.form": "configMap",
};

/** What `npm run deploy` prints last. */
const summary = /tradestream-gateway-api +2\/2 pods ready[^]*Try next:[^]*\nDeployed .*\.\n/;

const oauth = "tradestream-oauth-secrets";
const oauthKeys = ["googleClientId", "googleClientSecret", "githubClientId", "githubClientSecret"];

describe("a reader of the guides", function () {
    this.timeout(600_000);
    let reader: Reader;

    before(async () => {
        await clear();
        reader = await Reader.start(values);
    });

    after(async () => {
        reader?.close();
        await kubectl(
            "delete",
            "clusterrole,clusterrolebinding",
            "tradestream-production-deployer",
            "--ignore-not-found",
        );
        await clear();
    });

    it("comes from a clone to a stack that runs (README.md)", async () => {
        const block = withValues(shellBlock("README.md", "npm ci"), {
            "registry.example.com/tradestream": registry,
            "my-cluster": context,
        });
        expect(await reader.ok(block)).to.match(summary);
        const [system] = await get("namespace", "kube-system");
        expect(reader.read()).to.include(`clusterUid: ${system!.metadata.uid}`);
        for (const secret of Object.values(requiredSecrets)) expect(reader.read()).not.to.include(secret);
    });

    it("sees what runs, and has the alerts (docs/operations.md, docs/monitoring.md)", async () => {
        const said = await reader.ok(shellBlock("docs/operations.md", "npm run status"));
        expect(said).to.match(/tradestream-gateway-api +2\/2 pods ready[^]*\n\[\]\n$/);
        await reader.ok(shellBlock("docs/monitoring.md", "kubectl get configmap"));
        const { groups } = parse(reader.read("alerts.yaml")) as { readonly groups: readonly { rules: unknown[] }[] };
        expect(groups.flatMap(({ rules }) => rules)).to.have.length.at.least(5);
        await reader.ok("rm alerts.yaml");
    });

    it("names images, commits, and deploys with the policy pack (docs/getting-started.md)", async () => {
        // There is the stack already.
        const made = { "npm ci\n": "", "pulumi stack init production\n": "", CONTEXT: context };
        await reader.ok(withValues(shellBlock("docs/getting-started.md", "npm ci"), made));
        await reader.ok(
            withValues(shellBlock("docs/operations.md", "pulumi config set context"), { "<context>": context }),
        );
        const images = shellBlock("docs/getting-started.md", "pulumi config set imageRegistry");
        const said = await reader.ok(withValues(images, { "REGISTRY/PATH": registry }));
        expect(said.match(/^unchanged: /gm), said).to.have.length(3);
        expect(said).to.match(/^changed: notificationWorker.image .*: tag v0\.9\.9 -> v1\.0\.0/m);
        const deployed = await reader.ok(shellBlock("docs/getting-started.md", "git add"));
        expect(deployed)
            .to.match(summary)
            .and.match(/Policies:[^]*tradestream/);
        expect(await reader.ok("git log -1 --format=%s; git status --porcelain")).to.equal("Our production\n");
    });

    // Two deployments; rollouts.test.ts has what they are about.
    if (isSoak)
        it("deploys again, and goes back (docs/operations.md)", async () => {
            const said = await reader.ok(shellBlock("docs/operations.md", "npm run deploy"));
            expect(said)
                .to.match(summary)
                .and.match(/ is back, and its pods are ready\.\n$/);
            const [worker] = await get("cronjob", "tradestream-notification-worker", "-n", namespace);
            expect(JSON.stringify(worker!.spec)).to.include("notification-worker:v0.9.9");
        });

    it("takes away the lock of an update that was killed (docs/operations.md)", async () => {
        const locks = path.join(reader.state, ".pulumi/locks/organization/tradestream/production");
        mkdirSync(locks, { recursive: true });
        // No process has such an id.
        const lock = { pid: 2 ** 30, username: "reader", hostname: os.hostname(), timestamp: new Date().toISOString() };
        writeFileSync(path.join(locks, "killed.json"), JSON.stringify(lock));
        const refused = await reader.run("pulumi up");
        expect(refused.code, "the control").not.to.equal(0);
        expect(refused.stdout + refused.stderr).to.contain("the stack is currently locked");
        const said = await reader.ok(shellBlock("docs/operations.md", "npm run recover"));
        expect(said)
            .to.match(/removed the lock of process \d+ of reader/)
            .and.match(/\d+ unchanged/);
    });

    lostStateTests(() => reader);

    describe("with Sealed Secrets (docs/secrets.md)", () => {
        let controller: SealedSecrets;

        before(async () => (controller = await openSealedSecrets()));
        after(() => controller?.close());

        it("gives the controller a Secret that the program has made", async () => {
            const image = await reader.ok(shellBlock("docs/operations.md", "npm run --silent set-image"));
            expect(image).to.match(/^changed: gatewayApi.image .*: tag v1\.0\.0 -> v1\.0\.1/);
            // What nothing would use is refused.
            await reader.ok(oauthKeys.map((key) => `pulumi config rm ${key}`).join("\n"));
            const seal = shellBlock("docs/secrets.md", "pulumi config set --stack production --path oauthSecrets");
            const typed = oauthKeys.map((key) => `${key}-sealed\n`).join("");
            await reader.ok(seal, { SEALED_SECRETS_CERT: controller.certificate }, typed);
            const theirs = () =>
                kubectl("get", "secret", oauth, "-n", namespace, "-o", "jsonpath={.metadata.ownerReferences[*].kind}");
            expect(await theirs(), "the control").to.equal("");
            await reader.ok(shellBlock("docs/secrets.md", "kubectl annotate"));
            await eventually(60, async () => ((await theirs()) === "SealedSecret" ? true : undefined));
            const [secret] = await get("secret", oauth, "-n", namespace);
            expect(
                Object.values(secret!.data!).map((value) => Buffer.from(value, "base64").toString()),
            ).to.have.members(oauthKeys.map((key) => `${key}-sealed`));
        });
    });

    describe("with a namespace and Secrets that others make", () => {
        before(async () => {
            await clear();
            await reader.ok("pulumi stack rm production --force --yes --preserve-config\npulumi stack init production");
        });

        it("makes the namespace and the deployer's roles, which end at it (docs/delivery.md)", async () => {
            await reader.ok(shellBlock("docs/delivery.md", "kubectl create namespace"));
            const [made] = await get("namespace", namespace);
            expect(made!.metadata.labels).to.include({ "pod-security.kubernetes.io/enforce": "restricted" });
            const role = "tradestream-production-deployer";
            expect((await get("roles", "-n", namespace)).map(({ metadata }) => metadata.name)).to.deep.equal([role]);
            // Beyond it a deployer only asks which cluster it is, and whether there is the API of Sealed Secrets.
            const rules = JSON.parse(await kubectl("get", "clusterrole", role, "-o", "jsonpath={.rules}")) as unknown;
            expect(rules).to.have.deep.members([
                { apiGroups: [""], resourceNames: ["kube-system"], resources: ["namespaces"], verbs: ["get"] },
                {
                    apiGroups: ["apiextensions.k8s.io"],
                    resourceNames: ["sealedsecrets.bitnami.com"],
                    resources: ["customresourcedefinitions"],
                    verbs: ["get"],
                },
            ]);
        });

        it("makes the Secrets, without which a preview is refused (docs/secrets.md)", async () => {
            // What nothing would use is refused.
            const idle = [
                "resendApiKey",
                "jwtSecret",
                "vapidPrivateKey",
                "vapidPublicKey",
                "oauthSecrets.sealedSecret",
            ];
            await reader.ok(idle.map((key) => `pulumi config rm --path ${key}`).join("\n"));
            const ids = ["RESEND_API_KEY", "GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET", "GITHUB_CLIENT_ID"];
            const more = ["GITHUB_CLIENT_SECRET", "VAPID_PRIVATE_KEY", "VAPID_PUBLIC_KEY", "TELEGRAM_BOT_TOKEN"];
            const env = Object.fromEntries([...ids, ...more].map((name) => [name, `${name}-4711`]));
            await reader.ok(shellBlock("docs/secrets.md", "kubectl create secret generic tradestream-auth"), env);
            await reader.ok("pulumi preview --stack production");
            await kubectl("delete", "secret", oauth, "-n", namespace);
            const refused = await reader.run("pulumi preview --stack production");
            expect(refused.code, "the control").not.to.equal(0);
            expect(refused.stdout + refused.stderr).to.contain(
                `asks for the Secret ${namespace}/${oauth}, which does not`,
            );
        });
    });
});
