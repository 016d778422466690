/**
 * Secrets that are known to the test, one under every secret key, go through everything that the engine does. They and
 * the generated ones may be in the data of Secrets and, encrypted, in the state: and nowhere else.
 */
import { expect } from "chai";
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { secretKeys } from "../../config/secrets.ts";
import { deriveVapidKeys } from "../../config/vapid.ts";
import { home } from "../../local/home.ts";
import { record } from "../evidence.ts";
import { command, get, kubectl, root } from "./support/commands.ts";
import { clusterPlaces } from "./support/cluster-places.ts";
import { leaks, token } from "./support/needles.ts";
import { Secret, SecretProject } from "./support/secret-stacks.ts";
import { contents, watched, type Watched } from "./support/watch.ts";

const directory = fs.mkdtempSync(path.join(os.tmpdir(), "canaries-"));
const temporary = path.join(directory, "tmp");
const stacks = path.join(directory, "stacks");
const passphrase = token();
const secrets = new Map<string, string>([["passphrase", passphrase]]);
const places = new Map<string, string>();
const commands = new Set<string>();
let project: SecretProject;

/** A secret to look for. What is around it tries every kind of quoting; only the middle is looked for. */
function canary(name: string, before = "", behind = ""): Secret {
    const middle = token();
    secrets.set(name, middle);
    return new Secret(`${before}${middle}${behind}`);
}

/** A secret that is looked for as a whole, as its form is prescribed. */
function exactly(name: string, text: string): Secret {
    secrets.set(name, text);
    return new Secret(text);
}

function environment(): Record<string, string> {
    return {
        PATH: process.env["PATH"] ?? "",
        HOME: path.join(directory, "home"),
        TMPDIR: temporary,
        TRADESTREAM_HOME: home(),
        TRADESTREAM_STACKS: stacks,
        PULUMI_CONFIG_PASSPHRASE_FILE: project.passphraseFile,
        // Compiled code is of no interest here, and slow to make anew.
        NODE_COMPILE_CACHE: path.join(os.tmpdir(), "canaries-compile-cache"),
    };
}

const engineArguments = (name: string, stack: string, ...more: string[]): string[] => [
    ...[path.join(root, "local/engine/main.js"), name, "--cwd", project.directory, "--stack", stack],
    ...more,
];

/** Runs the engine and keeps all that it lets others see. */
async function run(name: string, stack: string, ...more: string[]): Promise<Watched> {
    const label = [name, ...more, `(${stack})`].join(" ");
    const result = await watched(label, process.execPath, engineArguments(name, stack, ...more), environment());
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

async function keepLiveSecrets(stack: string, namespace: string): Promise<readonly string[]> {
    const live = await liveSecrets(namespace);
    const generated = await project.generated(path.join(stacks, "tradestream", `${stack}.json`));
    for (const [name, value] of live) secrets.set(`${stack} ${name}`, value);
    for (const [index, value] of generated.entries()) secrets.set(`${stack} generated ${index}`, value);
    return [...live.keys()];
}

/** What the files say that stay behind. */
function keepFiles(label: string): void {
    for (const place of [stacks, temporary, path.join(directory, "home")]) {
        for (const [name, text] of contents(place)) places.set(`file ${path.basename(place)}/${name}, ${label}`, text);
    }
}

describe("secrets", function () {
    this.timeout(400_000);
    const kubeconfig = (): string => fs.readFileSync(process.env["KUBECONFIG"]!, "utf8");

    before(async () => {
        for (const name of ["tmp", "stacks", "home"]) fs.mkdirSync(path.join(directory, name));
        project = new SecretProject(directory, passphrase);
        const pair = deriveVapidKeys(randomBytes(48).toString("base64"));
        secrets.set("kubeconfig", /client-key-data: (\S+)/.exec(kubeconfig())![1]!);
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
            "chartSecrets.chart-canary.token": canary("chartSecrets", "", "\nsecond line\n"),
        };
        await project.write("canaries", {
            namespace: "canaries",
            kubeconfig: new Secret(kubeconfig()),
            "redis.auth.enabled": true,
            ...given,
            "chart.values.kafka.canary": canary("chart.values"),
        });
        const keys = Object.keys(given).map((key) => key.split(".")[0]);
        expect([...keys, "databaseUrl"]).to.have.members([...secretKeys]);
        // A database that is not there: the migration fails. JWT secret and VAPID keys are generated.
        await project.write("outside", {
            namespace: "canaries-outside",
            kubeconfig: new Secret(kubeconfig()),
            databaseUrl: canary("databaseUrl", "postgresql://someone:", "@127.0.0.1:1/tradestream"),
            "databaseMigration.env.DATABASE_WAIT_SECONDS": "1",
            "databaseMigration.backoffLimit": 0,
            "databaseMigration.activeDeadlineSeconds": 60,
        });
        await project.write("refused", {
            namespace: "canaries-refused",
            kubeconfig: new Secret(kubeconfig()),
            "chart.values.redis.master.maxMemory": canary("refused value", "much "),
        });
    });

    after(async () => {
        for (const stack of ["canaries", "outside"]) {
            const { code } = await command(process.execPath, engineArguments("destroy", stack, "--yes"), {
                env: environment(),
            });
            if (code !== 0) await kubectl("delete", "namespace", `canaries${stack === "outside" ? "-outside" : ""}`);
        }
        fs.rmSync(directory, { recursive: true, force: true });
    });

    it("go into a cluster: preview, up, and again", async () => {
        for (const [name, ...more] of [
            ["preview", "--diff"],
            ["up", "--yes", "--diff"],
            ["up", "--yes", "--json"],
        ] as const) {
            const result = await run(name, "canaries", ...more);
            expect(result.code, output(result)).to.equal(0);
        }
        const live = await keepLiveSecrets("canaries", "canaries");
        expect(live).to.include.members([
            "chart-canary token",
            "tradestream-auth-secrets jwt-secret",
            "tradestream-database-secrets postgres-url",
            "tradestream-notification-secrets telegram-bot-token",
            "tradestream-oauth-secrets google-client-secret",
            "tradestream-postgresql postgres-password",
        ]);
        for (const [place, text] of await clusterPlaces("after up")) places.set(place, text);
        keepFiles("after up");
    });

    it("are asked for again: a changed one, render, outputs", async () => {
        const changed = { googleClientSecret: canary("changed googleClientSecret") };
        const file = path.join(project.directory, "Pulumi.canaries.yaml");
        const before = fs.readFileSync(file);
        await project.write("changed", { ...changed, namespace: "canaries" });
        const [, value] = /googleClientSecret:\s+secure: (\S+)/.exec(
            fs.readFileSync(path.join(project.directory, "Pulumi.changed.yaml"), "utf8"),
        )!;
        fs.writeFileSync(
            file,
            before.toString("utf8").replace(/(googleClientSecret:\s+secure: )\S+/, (_, start: string) => start + value),
        );
        const preview = await run("preview", "canaries", "--diff", "--json");
        expect(preview.code, output(preview)).to.equal(0);
        expect(output(preview)).to.contain("oauth-secrets");
        fs.writeFileSync(file, before);
        for (const [name, ...more] of [["render"], ["outputs", "--json"], ["outputs", "--show-secrets"]] as const) {
            const result = await run(name, "canaries", ...more);
            expect(result.code, output(result)).to.equal(0);
        }
        // What is next to a secret stays readable.
        const rendered = places.get("standard output of render (canaries)")!;
        expect(rendered).to.contain("kind: StatefulSet").and.contain("name: tradestream-postgresql");
    });

    it("are in what fails: a migration without its database, a value that the chart refuses", async () => {
        const failed = await run("up", "outside", "--yes");
        expect(failed.code, output(failed)).to.equal(1);
        expect(output(failed)).to.contain("database-migration");
        const live = await keepLiveSecrets("outside", "canaries-outside");
        expect(live).to.include.members([
            "tradestream-auth-secrets jwt-secret",
            "tradestream-notification-secrets vapid-private-key",
        ]);
        const refused = await run("render", "refused");
        expect(refused.code, output(refused)).to.equal(1);
        expect(output(refused)).to.contain("maxMemory");
        for (const [place, text] of await clusterPlaces("after a failure")) places.set(place, text);
        keepFiles("after a failure");
    });

    it("go away: destroy", async () => {
        for (const stack of ["canaries", "outside"]) {
            const result = await run("destroy", stack, "--yes", ...(stack === "outside" ? ["--json"] : []));
            expect(result.code, output(result)).to.equal(0);
        }
        for (const [place, text] of await clusterPlaces("after destroy")) places.set(place, text);
        keepFiles("after destroy");
    });

    it("were nowhere but in Secrets and, encrypted, in the state", () => {
        expect([...commands].some((line) => line.includes("helm upgrade") || line.includes("helm install"))).to.equal(
            true,
        );
        expect([...commands].some((line) => line.includes("@pulumi/pulumi/cmd/run"))).to.equal(true);
        expect(
            [...places.keys()].some((place) => place.startsWith("log of pod canaries/tradestream-gateway-api")),
        ).to.equal(true);
        // Helm takes credentials from a file only: the engine gives it one that nobody else can read, and removes it.
        const found = leaks(secrets, places).filter(
            (leak) => !/^kubeconfig in temporary file tradestream-helm-\w+\/kubeconfig of /.test(leak),
        );
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

    describe("would be found", () => {
        it("in an output that shows them", async () => {
            const result = await run("render", "canaries", "--show-secrets");
            expect(result.code, output(result)).to.equal(0);
            const place = "standard output of render --show-secrets (canaries)";
            const found = leaks(secrets, new Map([[place, result.places.get(place)!]]));
            for (const key of secretKeys.filter((name) => name !== "databaseUrl")) {
                expect(found).to.include(`${key} in ${place}`);
            }
        });

        it("in arguments, the environment and a temporary file", async () => {
            const program =
                'const { spawnSync } = require("node:child_process"); const fs = require("node:fs");' +
                'const file = process.env.TMPDIR + "/leak"; const leak = fs.readFileSync(process.argv[1], "utf8");' +
                "fs.writeFileSync(file, leak);" +
                'spawnSync("/bin/sleep", ["0.5"], { argv0: leak, env: { LEAK: leak } }); fs.rmSync(file);';
            const leak = path.join(directory, "leak");
            fs.writeFileSync(leak, secrets.get("jwtSecret")!);
            const result = await watched("it", process.execPath, ["-e", program, leak], environment());
            expect(leaks(secrets, result.places)).to.have.members([
                "jwtSecret in arguments of processes of it",
                "jwtSecret in environment of processes of it",
                "jwtSecret in temporary file leak of it",
            ]);
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
