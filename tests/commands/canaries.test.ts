/**
 * Secrets that are known to the test, one under every secret key, go through the commands of the CLI. They and
 * the generated ones may be in the data of Secrets and, encrypted, in the state: and nowhere else.
 */
import { expect } from "chai";
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { backupSecretKeys, secretKeys } from "../../config/secrets.ts";
import { deriveVapidKeys } from "../../config/vapid.ts";
import { execa } from "execa";
import { pulumiHome } from "../../local/home.ts";
import { record } from "../evidence.ts";
import { type Change, requiredSecrets } from "../support/configuration.ts";
import { command, get, kubectl } from "../cluster/support/commands.ts";
import { clusterPlaces } from "../cluster/support/cluster-places.ts";
import { leaks, token } from "../cluster/support/needles.ts";
import { configOf, type Deployment, TestStack } from "../cluster/support/pulumi.ts";
import { discard } from "../cluster/support/tradestream.ts";
import { contents, watched, type Watched } from "../cluster/support/watch.ts";

const temporary = path.join(pulumiHome(), "tmp");
const secrets = new Map<string, string>();
const places = new Map<string, string>();
const commands = new Set<string>();

/** A secret value of the configuration, by its path. */
type Secrets = Readonly<Record<string, string>>;

/** A secret to look for. The text around it tries every kind of quoting; only the middle is looked for. */
function canary(name: string, before = "", behind = ""): string {
    const middle = token();
    secrets.set(name, middle);
    return `${before}${middle}${behind}`;
}

/** A secret that is looked for as a whole, as its form is prescribed. */
function exactly(name: string, text: string): string {
    secrets.set(name, text);
    return text;
}

/** Opens the stack local under another name, with changes, and encrypts secrets as an operator does. */
async function open(name: string, change: Change, encrypted: Secrets): Promise<TestStack> {
    const stack = await TestStack.open(name, configOf("local", change));
    const required = Object.keys(requiredSecrets).map((key) => [key, canary(`${key} of ${name}`)] as const);
    const all = { ...Object.fromEntries(required), ...encrypted };
    for (const [key, value] of Object.entries(all)) await encrypt(stack, key, value);
    secrets.set(`passphrase of ${name}`, fs.readFileSync(path.join(stack.stack.directory, "passphrase"), "utf8"));
    return stack;
}

/** `pulumi config set --secret` with the value on standard input. */
async function encrypt({ pulumi, stack, cwd }: TestStack, key: string, value: string): Promise<void> {
    const flags = ["--stack", stack.name, "--config-file", stack.configFile, "--non-interactive"];
    const { code, stderr } = await command(pulumi.file, ["config", "set", "--secret", "--path", key, ...flags], {
        cwd,
        env: stack.env,
        input: value,
    });
    if (code !== 0) throw new Error(`config set ${key}: ${stderr}`);
}

/** Runs the CLI and sees all that it lets others see. */
function look(stack: TestStack, ...args: string[]): Promise<Watched> {
    const label = `${args.join(" ")} (${stack.stack.name})`;
    return watched(label, temporary, (onStart) => stack.run(args, {}, onStart));
}

/** The same, and keeps it, to be searched at the end. */
async function run(stack: TestStack, ...args: string[]): Promise<Watched> {
    const result = await look(stack, ...args);
    for (const [place, text] of result.places) places.set(place, text);
    for (const seen of result.commands) commands.add(seen);
    return result;
}

function output({ code, places: seen }: Watched): string {
    return `exit code ${code}\n${[...seen].flatMap(([place, text]) => (place.startsWith("standard") ? [text] : [])).join("\n")}`;
}

/** What is in the Secrets now, by name: generated values among it. */
async function liveSecrets(namespace: string): Promise<Map<string, string>> {
    const found = await get("secrets", "-n", namespace, "--field-selector", "type=Opaque");
    return new Map(
        found.flatMap(({ metadata, data }) =>
            Object.entries(data ?? {}).map(([key, value]) => [
                `${metadata.name} ${key}`,
                Buffer.from(value, "base64").toString("utf8"),
            ]),
        ),
    );
}

async function keepLiveSecrets(stack: TestStack, namespace: string): Promise<readonly string[]> {
    const live = await liveSecrets(namespace);
    for (const [name, value] of live) secrets.set(`${stack.stack.name} ${name}`, value);
    for (const value of await generated(stack)) secrets.set(`${stack.stack.name} generated ${secrets.size}`, value);
    return [...live.keys()];
}

/** Every secret text among the outputs of resources of the provider `random`. */
async function generated(stack: TestStack): Promise<readonly string[]> {
    const { stdout } = await stack.ok(["stack", "export", "--show-secrets"]);
    const { deployment } = JSON.parse(stdout) as { readonly deployment: Deployment };
    return deployment
        .resources!.filter(({ type }) => type.startsWith("random:"))
        .flatMap(({ outputs }) => [...JSON.stringify(outputs).matchAll(/"plaintext":("(?:[^"\\]|\\.)*")/g)])
        .map(([, text]) => JSON.parse(JSON.parse(text!) as string) as unknown)
        .filter((value) => typeof value === "string");
}

/** The files that stay: state, history, backups, logs, temporary files. Only the passphrase's own file may have it. */
function keepFiles(stack: TestStack, label: string): void {
    const logs = path.join(stack.pulumi.env["PULUMI_HOME"] ?? path.join(os.homedir(), ".pulumi"), "logs");
    for (const place of [stack.stack.directory, logs, temporary]) {
        for (const [name, text] of contents(place)) {
            if (name !== "passphrase") places.set(`file ${path.basename(place)}/${name}, ${label}`, text);
        }
    }
}

describe("secrets", function () {
    this.timeout(400_000);
    let canaries: TestStack;
    let outside: TestStack;
    let refused: TestStack;
    const stacks = (): [TestStack, string][] => [
        [canaries, "canaries"],
        [outside, "canaries-outside"],
        [refused, "canaries-refused"],
    ];

    before(async () => {
        const pair = deriveVapidKeys(randomBytes(48).toString("base64"));
        const kubeconfig = fs.readFileSync(process.env["KUBECONFIG"]!, "utf8");
        secrets.set("kubeconfig", /client-key-data: (\S+)/.exec(kubeconfig)![1]!);
        const given = {
            jwtSecret: canary("jwtSecret", "jwt \"'\\ ${HOME} ", " <&>%25{{ . }}"),
            resendApiKey: canary("resendApiKey", "re_'\"\\", "\\n$&`"),
            googleClientId: canary("googleClientId"),
            googleClientSecret: canary("googleClientSecret", "{", "}"),
            githubClientId: canary("githubClientId"),
            githubClientSecret: canary("githubClientSecret", "[", ",]"),
            vapidPrivateKey: exactly("vapidPrivateKey", pair.privateKey),
            vapidPublicKey: exactly("vapidPublicKey", pair.publicKey),
            telegramBotToken: canary("telegramBotToken", "123456:"),
            postgresPassword: canary("postgresPassword", "pg'\"\\ %", "$$&`"),
            redisPassword: canary("redisPassword", "r'\"\\$(X)@:/%"),
            "imagePullSecret.registry": "registry.example.com",
            "imagePullSecret.username": canary("user of imagePullSecret"),
            "imagePullSecret.password": canary("imagePullSecret"),
            "chartSecrets.chart-canary.token": canary("chartSecrets", "", "\nsecond line"),
        };
        const keys = [...new Set(Object.keys(given).map((key) => key.split(".")[0]!))];
        const backupKeys = Object.fromEntries(backupSecretKeys.map((key) => [key, canary(key)]));
        const elsewhere = ["databaseUrl", "databaseUrls", "redisUrl", ...backupSecretKeys, "logAuthorization"];
        expect([...keys, ...elsewhere]).to.have.members([...secretKeys]);
        canaries = await open(
            "canaries",
            { namespace: "canaries", "redis.auth.enabled": true },
            { kubeconfig, ...given, "chart.values.kafka.canary": canary("chart.values") },
        );
        // A database that is not there: the migration fails. JWT secret and VAPID keys are generated.
        outside = await open(
            "outside",
            {
                namespace: "canaries-outside",
                "databaseMigration.env.DATABASE_WAIT_SECONDS": "1",
                "databaseMigration.backoffLimit": 0,
                "databaseMigration.activeDeadlineSeconds": 60,
            },
            {
                kubeconfig,
                databaseUrl: canary("databaseUrl", "postgresql://someone:", "@192.0.2.1:1/tradestream"),
                "databaseUrls.gatewayApi": canary("databaseUrls", "postgresql://gateway:", "@192.0.2.1:1/tradestream"),
                redisUrl: canary("redisUrl", "rediss://:", "@192.0.2.1:1"),
            },
        );
        refused = await open(
            "refused",
            {
                namespace: "canaries-refused",
                backup: { enabled: true, s3: { endpoint: "https://127.0.0.1", bucket: "backups", region: "local" } },
            },
            {
                ...{ kubeconfig, ...backupKeys, logAuthorization: canary("logAuthorization", "Bearer ") },
                "chart.values.redis.master.maxMemory": canary("refused value", "much "),
            },
        );
    });

    after(async () => {
        for (const [stack, namespace] of stacks()) await discard(stack, namespace);
    });

    it("go into a cluster: preview, up, and again", async () => {
        for (const args of [
            ["preview", "--diff"],
            ["up", "--yes", "--skip-preview", "--diff"],
            ["up", "--yes"],
        ]) {
            const result = await run(canaries, ...args);
            expect(result.code, output(result)).to.equal(0);
        }
        const live = await keepLiveSecrets(canaries, "canaries");
        expect(live).to.include.members([
            "chart-canary token",
            "tradestream-auth-secrets jwt-secret",
            "tradestream-database-secrets postgres-url",
            "tradestream-notification-secrets telegram-bot-token",
            "tradestream-oauth-secrets google-client-secret",
            "tradestream-postgresql postgres-password",
        ]);
        for (const [place, text] of await clusterPlaces("after up")) places.set(place, text);
        keepFiles(canaries, "after up");
    });

    it("are read again: a changed one, outputs, the state", async () => {
        await encrypt(canaries, "googleClientSecret", canary("changed googleClientSecret"));
        const preview = await run(canaries, "preview", "--diff", "--json");
        expect(preview.code, output(preview)).to.equal(0);
        expect(output(preview)).to.contain("oauth-secrets");
        for (const args of [["stack", "output", "--json"], ["stack", "export"], ["stack"]]) {
            const result = await run(canaries, ...args);
            expect(result.code, output(result)).to.equal(0);
        }
    });

    it("control: would be found in outputs that show them, which docs/secrets.md names", async () => {
        for (const args of [
            ["up", "--yes", "--skip-preview", "--json"],
            ["stack", "export", "--show-secrets"],
        ]) {
            const result = await look(canaries, ...args);
            expect(result.code, output(result)).to.equal(0);
            const place = `standard output of ${args.join(" ")} (canaries)`;
            const found = leaks(secrets, new Map([[place, result.places.get(place)!]]));
            for (const key of ["jwtSecret", "resendApiKey"]) expect(found).to.include(`${key} in ${place}`);
        }
    });

    it("are in what fails: a migration without its database, a value that the chart refuses", async () => {
        const [failed, rejected] = await Promise.all([
            run(outside, "up", "--yes", "--skip-preview"),
            run(refused, "up", "--yes", "--skip-preview"),
        ]);
        expect(failed.code, output(failed)).not.to.equal(0);
        expect(output(failed)).to.contain("database-migration");
        const live = await keepLiveSecrets(outside, "canaries-outside");
        expect(live).to.include.members([
            "tradestream-auth-secrets jwt-secret",
            "tradestream-notification-secrets vapid-private-key",
        ]);
        expect(rejected.code, output(rejected)).not.to.equal(0);
        expect(output(rejected)).to.contain("maxMemory").and.contain("logAuthorization");
        for (const [place, text] of await clusterPlaces("after a failure")) places.set(place, text);
        for (const stack of [outside, refused]) keepFiles(stack, "after a failure");
    });

    it("go away: destroy", async () => {
        const destroys = stacks().map(([stack]) => run(stack, "destroy", "--yes", "--skip-preview"));
        for (const result of await Promise.all(destroys)) expect(result.code, output(result)).to.equal(0);
        for (const [place, text] of await clusterPlaces("after destroy")) places.set(place, text);
        keepFiles(canaries, "after destroy");
        // Other runs of the CLI, against other clusters, have temporary files beside.
        const left = leaks(new Map([["kubeconfig", secrets.get("kubeconfig")!]]), contents(temporary));
        expect(left, "temporary files of the provider").to.deep.equal([]);
    });

    it("were nowhere but in Secrets and, encrypted, in the state", () => {
        expect([...commands].some((line) => line.includes("@pulumi/pulumi/cmd/run"))).to.equal(true);
        expect(
            [...places.keys()].some((place) => place.startsWith("log of pod canaries/tradestream-gateway-api")),
        ).to.equal(true);
        // The provider writes the kubeconfig for Helm into a file that nobody else can read; it is removed with the run.
        const found = leaks(secrets, places).filter((leak) => !/^kubeconfig in temporary file /.test(leak));
        expect(found).to.deep.equal([]);
        record({ suite: "Secrets", name: "Secrets looked for, given and generated", value: secrets.size });
        record({
            suite: "Secrets",
            name: "Outputs, processes, files, logs and dumps of all objects searched",
            value: places.size,
        });
        record({
            suite: "Secrets",
            name: "Secrets found outside of Secrets and the encrypted state",
            value: 0,
            requirement: "0",
        });
    });

    describe("control: would be found", () => {
        it("in arguments, the environment and a temporary file", async () => {
            const directory = fs.mkdtempSync(path.join(os.tmpdir(), "canaries-"));
            const program =
                'const { spawnSync } = require("node:child_process"); const fs = require("node:fs");' +
                'const file = process.env.TMPDIR + "/leak"; const leak = fs.readFileSync(process.argv[1], "utf8");' +
                "fs.writeFileSync(file, leak);" +
                'spawnSync("/bin/sleep", ["0.5"], { argv0: leak, env: { LEAK: leak } }); fs.rmSync(file);';
            const leak = path.join(directory, "secret");
            const tmp = path.join(directory, "tmp");
            fs.mkdirSync(tmp);
            fs.writeFileSync(leak, secrets.get("jwtSecret")!);
            try {
                const result = await watched("it", tmp, async (onStart) => {
                    const child = execa(process.execPath, ["-e", program, leak], { env: { TMPDIR: tmp } });
                    onStart(child.pid!);
                    const { stdout, stderr } = await child;
                    return { code: 0, stdout, stderr };
                });
                expect(leaks(secrets, result.places)).to.have.members([
                    "jwtSecret in arguments of processes of it",
                    "jwtSecret in environment of processes of it",
                    "jwtSecret in temporary file leak of it",
                ]);
            } finally {
                fs.rmSync(directory, { recursive: true });
            }
        });

        it("in an annotation, in base64", async () => {
            await kubectl("create", "configmap", "leak", "-n", "default");
            const value = Buffer.from(`a=${secrets.get("resendApiKey")!};`).toString("base64");
            await kubectl("annotate", "configmap", "leak", "-n", "default", `leak=${value}`);
            try {
                expect(leaks(secrets, await clusterPlaces("now"))).to.include(
                    "resendApiKey in objects of the cluster, now",
                );
            } finally {
                await kubectl("delete", "configmap", "leak", "-n", "default");
            }
        });
    });
});
