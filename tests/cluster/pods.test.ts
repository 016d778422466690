/** What a stack gives to all of its pods, as a real cluster takes it; and a service that is paused and resumed. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect } from "chai";
import { createReport } from "../../local/report.ts";
import { ensureTools } from "../../local/tools/index.ts";
import { diagnose } from "../../scripts/diagnose.ts";
import type { Change } from "../support/configuration.ts";
import { shellBlock } from "../support/guide.ts";
import { exempted } from "../support/logging.ts";
import { keyLines, linesWithSecrets, plainLines } from "../support/secretLines.ts";
import { command, eventually, get, inShell, kubectl, type Result, root, serviceUrl } from "./support/commands.ts";
import { closeLogStore, openLogStore, shipping, startWithoutRedaction, storedLines } from "./support/logStore.ts";
import { onCluster } from "./support/objects.ts";
import { TestStack } from "./support/pulumi.ts";
import { openSealedSecrets, type SealedSecrets } from "./support/sealed-secrets.ts";
import { clear, namespace, type Outcome, podsOf, settled, up, upOk } from "./support/tradestream.ts";

const service = "tradestream-gateway-api";
const pem = readFileSync(path.join(root, "tests/fixtures/authority.pem"), "utf8");
const image = "debian.tradestream.local/redis:7";
const amounts = { cpu: "10m", memory: "32Mi" };
const own = { image, resources: { requests: amounts, limits: amounts } };
const probe = { exec: { command: ["test", "-e", "/tmp/started"] }, timeoutSeconds: 10 };

const scratch = mkdtempSync(path.join(os.tmpdir(), "tradestream-pods-"));

const fixed = {
    ...exempted(path.join(scratch, "policy.json")),
    ...shipping,
    "caBundle.pem": pem,
    priorityClassName: "tradestream-test",
    priorityClassValue: 4711,
    imagePullSecret: { registry: "registry.example.com", username: "deployer", password: "s3cr3t" },
    quota: { requests: { cpu: 4, memory: "8Gi" }, pods: 30 },
    limitRange: { defaultRequest: amounts, default: amounts },
    "gatewayApi.initContainers": [
        {
            ...own,
            name: "show",
            command: ["cat", "/etc/ca-bundle/ca.crt"],
            volumeMounts: [{ name: "ca-bundle", mountPath: "/etc/ca-bundle", readOnly: true }],
            // What the restricted standard would refuse, if the program let it through.
            securityContext: { privileged: true, allowPrivilegeEscalation: true, runAsUser: 10002 },
        },
    ],
    "gatewayApi.sidecars": [
        {
            ...own,
            name: "beside",
            command: ["sh", "-c", "trap 'exit 0' TERM; touch /tmp/started; sleep infinity & wait"],
            volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
            livenessProbe: { ...probe, periodSeconds: 20 },
            readinessProbe: { ...probe, periodSeconds: 2 },
        },
    ],
};

/** Runs kubectl, whatever its exit code. */
async function attempt(args: readonly string[], input: object): Promise<Result> {
    const tools = await ensureTools(["kubectl"], createReport());
    return command(tools.kubectl, [...args, "-f", "-"], { input: JSON.stringify(input) });
}

/** A pod under the restricted standard. */
function podOf(container: { readonly name: string; readonly [field: string]: unknown }): object {
    return {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: container.name, namespace },
        spec: {
            containers: [
                {
                    image,
                    ...container,
                    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
                },
            ],
            restartPolicy: "Never",
            securityContext: { runAsNonRoot: true, runAsUser: 10001, seccompProfile: { type: "RuntimeDefault" } },
        },
    };
}

/** A pod that starts nothing, as the API server would take it. */
function dryRun(requests?: Readonly<Record<string, string>>) {
    const pod = podOf({ name: "one", ...(requests && { resources: { requests, limits: requests } }) });
    return attempt(["create", "--dry-run=server", "-o", "json"], pod);
}

/** The Secret that a controller makes. */
const oauth = "tradestream-oauth-secrets";
const values = {
    "google-client-id": "id-of-google-sealed",
    "google-client-secret": "pass-of-google-sealed",
    "github-client-id": "id-of-github-sealed",
    "github-client-secret": "pass-of-github-sealed",
};
const plain = ["googleClientId", "googleClientSecret", "githubClientId", "githubClientSecret"];

describe("the pods of a stack", function () {
    this.timeout(300_000);
    let controller: SealedSecrets;
    let settings: Change;
    /** What runs before an update to what the controller refuses; and that update, which takes a minute, beside the tests. */
    let asItWas: object;
    let refused: Promise<Outcome>;

    /** What an update that fails leaves as it is. */
    async function running(): Promise<object> {
        const [deployment] = await get("deployment", service, "-n", namespace);
        const [secret] = await get("secret", oauth, "-n", namespace);
        return { pods: await settled("gateway-api"), template: deployment!.spec["template"], data: secret!.data };
    }

    /** The settings with values that are sealed for a Secret. */
    async function sealedFor(place: string, secret: string): Promise<Change> {
        const sealed = Object.entries(values).map(
            async ([key, value]) => [key, await controller.seal(value, place, secret)] as const,
        );
        return {
            ...fixed,
            ...Object.fromEntries(plain.map((key) => [key, undefined])),
            oauthSecrets: { create: false, sealedSecret: Object.fromEntries(await Promise.all(sealed)) },
        };
    }

    before(async () => {
        await clear(); // What other suites broke on purpose is no finding here.
        await openLogStore();
        await inShell(shellBlock("docs/logging.md", "kubectl create namespace tradestream-logs"));
        controller = await openSealedSecrets();
        settings = await sealedFor(namespace, oauth);
        await upOk(settings);
    });

    after(async () => {
        await clear(); // The next suite has no controller.
        await controller.close();
        await closeLogStore();
        rmSync(scratch, { recursive: true });
    });

    describe("have Secrets that", () => {
        it("a controller makes of what is sealed for them", async () => {
            const owners = "jsonpath={.metadata.ownerReferences[*].kind}";
            expect(await kubectl("get", "secret", oauth, "-n", namespace, "-o", owners)).to.equal("SealedSecret");
            const url = `${await serviceUrl(service)}/auth/oauth/github`;
            const { status, headers } = await fetch(url, { redirect: "manual" });
            expect(status).to.equal(307);
            expect(headers.get("location")).to.contain("client_id=id-of-github-sealed");
        });

        it("control: it refuses to make of what is sealed for another namespace", async () => {
            const encryptedData = { key: await controller.seal("moved", "elsewhere", "moved") };
            const moved = {
                apiVersion: "bitnami.com/v1alpha1",
                kind: "SealedSecret",
                metadata: { name: "moved", namespace },
            };
            await onCluster("create", [{ ...moved, spec: { encryptedData } }]);
            await eventually(60, async () => {
                const [{ status } = { status: {} }] = await get("sealedsecret", "moved", "-n", namespace);
                return JSON.stringify(status).includes("no key could decrypt secret") || undefined;
            });
            expect(await get("secrets", "-n", namespace, "--field-selector=metadata.name=moved")).to.deep.equal([]);
            await onCluster("delete", [moved]);
            asItWas = await running();
            refused = up(await sealedFor("elsewhere", oauth));
        });
    });

    describe("have their logs in a store", () => {
        it("a line of gateway-api with where it is from, and its fields", async () => {
            const pods = (await podsOf("gateway-api")).map(({ metadata }) => metadata.name);
            // Each pod says so when it starts, those of the release before as well.
            const line = await eventually(90, async () =>
                (await storedLines("gateway-api", 1)).find(
                    ({ _msg, "k8s.pod.name": pod }) => _msg === "configuration read" && pods.includes(pod!),
                ),
            );
            expect(line).to.deep.include({
                "k8s.namespace.name": namespace,
                "deployment.environment.name": "local",
                severity_text: "INFO",
                service: "gateway-api",
            });
            expect(line["pool"]).to.match(/^\d+$/);
        });

        it("without secrets, which arrive where the agent does not redact", async () => {
            const lines = [...linesWithSecrets.map(([line]) => line), ...keyLines, ...plainLines];
            const printed = lines.length - keyLines.length + 1;
            await onCluster("create", [podOf({ name: "printer", command: ["printf", "%s\\n", ...lines] })]);
            await startWithoutRedaction();
            const [redacted, plain] = [
                await storedLines("printer", printed),
                await storedLines("printer", printed, "plain"),
            ];
            const [shown, whole] = [redacted, plain].map((stored) => stored.map((line) => JSON.stringify(line)).join());
            const secrets = [...linesWithSecrets.flatMap(([, each]) => each), ...keyLines.slice(1, -1)];
            expect(secrets.filter((secret) => shown!.includes(secret))).to.deep.equal([]);
            expect(secrets.filter((secret) => !whole!.includes(secret))).to.deep.equal([]);
            expect(redacted.map(({ _msg }) => _msg)).to.include.members([...plainLines]);
            expect(redacted.find(({ _msg }) => _msg === "sign-in")).to.deep.include({
                severity_text: "WARN",
                password: "****",
                "nested.api_key": "****",
                "nested.user": "kim",
            });
            await kubectl("delete", "pod", "printer", "-n", namespace, "--grace-period=1");
        });
    });

    describe("have in common what", () => {
        it("is a bundle of authorities at its place, read by an init container before the service starts", async () => {
            const [pod] = await podsOf("gateway-api");
            expect(await kubectl("logs", pod!.metadata.name, "-c", "show", "-n", namespace)).to.equal(pem);
            const variables = (pod!.spec["containers"] as { env: { name: string; value?: string }[] }[])[0]!.env;
            expect(variables).to.deep.include({ name: "SSL_CERT_FILE", value: "/etc/ca-bundle/ca.crt" });
        });

        it("is a priority that admission gives to every pod, the database's included", async () => {
            const pods = await get("pods", "-n", namespace);
            expect(pods.map(({ spec }) => spec["priority"])).to.deep.equal(pods.map(() => 4711));
            expect(pods.map(({ metadata }) => metadata.name)).to.include("tradestream-postgresql-0");
        });

        it("is a sidecar that runs beside the service, under the restricted standard", async () => {
            const [pod] = await podsOf("gateway-api");
            const statuses = pod!.status["initContainerStatuses"] as { name: string; ready: boolean; state: object }[];
            expect(statuses.map(({ name, ready }) => ({ name, ready }))).to.deep.equal([
                { name: "show", ready: true },
                { name: "beside", ready: true },
            ]);
            expect(statuses.map(({ state }) => Object.keys(state))).to.deep.equal([["terminated"], ["running"]]);
        });

        it("is a quota that the stack fits into, and another pod does not; one without amounts gets the defaults", async () => {
            const [quota] = await get("resourcequota", "tradestream-quota", "-n", namespace);
            expect(quota!.status["hard"]).to.deep.equal({ pods: "30", "requests.cpu": "4", "requests.memory": "8Gi" });
            const fits = await dryRun();
            expect(fits.code, fits.stderr).to.equal(0);
            expect(fits.stdout).to.match(/"requests": {\s*"cpu": "10m",\s*"memory": "32Mi"/);
            const large = await dryRun({ cpu: "4", memory: "32Mi" });
            expect(large.code).to.equal(1);
            expect(large.stderr).to.contain("exceeded quota: tradestream-quota");
        });

        it("is all as it was after an update that waits in vain for a Secret, which it names", async () => {
            const { failed, said } = await refused;
            expect(failed).to.equal(true);
            expect(said)
                .to.contain(`"${namespace}/${oauth}" failed to fully initialize`)
                .and.contain("Failed to unseal: no key could decrypt secret");
            expect(await running()).to.deep.equal(asItWas);
        });
    });

    describe("of a paused service", () => {
        const replicas = async (): Promise<unknown> =>
            (await get("deployment", service, "-n", namespace))[0]!.spec["replicas"];
        const answers = async (): Promise<boolean> => {
            const url = await serviceUrl(service);
            return fetch(`${url}/health`, { signal: AbortSignal.timeout(5000) }).then(
                ({ ok }) => ok,
                () => false,
            );
        };
        let database: string;

        before(async () => {
            const [pod] = await get("pod", "tradestream-postgresql-0", "-n", namespace);
            database = pod!.metadata.uid;
        });

        it("answers until then, and its number of pods is the autoscaler's", async () => {
            const patch = JSON.stringify({ spec: { minReplicas: 3 } });
            await kubectl("patch", "hpa", service, "-n", namespace, "-p", patch);
            await eventually(60, async () => ((await replicas()) === 3 ? true : undefined));
            expect(await answers()).to.equal(true);
            // The control: the same change in place is refused, as the field is the autoscaler's.
            const scale = {
                apiVersion: "apps/v1",
                kind: "Deployment",
                metadata: { name: service, namespace },
                spec: { replicas: 0 },
            };
            const { code, stderr } = await attempt(["apply", "--server-side", "--field-manager=control"], scale);
            expect(code).to.equal(1);
            expect(stderr).to.match(/conflict.*\.spec\.replicas/s);
        });

        it("has no pods, and nothing is wrong with that", async () => {
            const { failed, said } = await up({
                ...settings,
                "gatewayApi.paused": true,
                "notificationWorker.paused": true,
            });
            expect(failed, said).to.equal(false);
            expect(await replicas()).to.equal(0);
            await eventually(60, async () => ((await podsOf("gateway-api")).length === 0 ? true : undefined));
            expect(await get("hpa,pdb", "-n", namespace, "-l", "app.kubernetes.io/component=gateway-api")).to.be.empty;
            expect(await answers()).to.equal(false);
            expect(await diagnose((args) => kubectl(...args), namespace)).to.deep.equal([]);
            const [worker] = await get("cronjob", "tradestream-notification-worker", "-n", namespace);
            expect(worker!.spec["suspend"]).to.equal(true);
        });

        it("comes back with the pods that it is to start with, and its data was there all the while", async () => {
            await upOk(settings);
            expect(await replicas()).to.equal(2);
            expect((await settled("gateway-api")).size).to.equal(2);
            expect(await answers()).to.equal(true);
            const [pod] = await get("pod", "tradestream-postgresql-0", "-n", namespace);
            expect(pod!.metadata.uid).to.equal(database);
            await (await TestStack.of("local", settings)).up("--expect-no-changes");
        });
    });
});
