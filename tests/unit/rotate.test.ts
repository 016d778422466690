/** What `rotate` does in each case: real git, a CLI that notes what it is asked, a cluster in memory. */
import { createHash } from "node:crypto";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import { scramVerifier } from "../../components/databaseRoles.ts";
import { vapidKeysMatch } from "../../config/vapid.ts";
import type { Outcome, Site } from "../../scripts/deploy/index.ts";
import { remember } from "../../scripts/deploy/releases.ts";
import { type Credential, rotate } from "../../scripts/rotate/index.ts";
import { versionsOf } from "../../scripts/rotate/versions.ts";
import { root } from "../support/configuration.ts";
import { Repository } from "../support/repository.ts";
import { silent } from "../support/reports.ts";

const file = "Pulumi.trial.yaml";

/** Its stack file is JSON, which is YAML too. Fails where `$FAILS` says so, in the commands that it lists. */
const cli = `
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
const [verb, ...args] = process.argv.slice(2);
if (verb === "whoami") console.log('{"url":"s3://states"}');
else if (verb === "stack") console.log(args[0] === "ls" ? "[]" : '{"deployment":{}}');
else {
    const content = JSON.parse(readFileSync("${file}", "utf8"));
    const words = args.filter((arg) => !arg.startsWith("--") && arg !== "trial");
    if (verb === "config") {
        const [action, key, value = readFileSync(0, "utf8")] = words;
        const places = key.split(".");
        const last = places.pop();
        places[0] &&= "tradestream:" + places[0];
        const parent = places.reduce((object, place) => (object[place] ??= {}), content.config);
        const name = places.length > 0 ? last : "tradestream:" + last;
        if (action === "get") console.log(parent[name].secure ?? parent[name]);
        else if (action === "rm") delete parent[name];
        else parent[name] = args.includes("--secret") ? { secure: value } : value;
        writeFileSync("${file}", JSON.stringify(content));
    } else appendFileSync(process.env.ASKED, JSON.stringify([verb, content.config]) + "\\n");
    if (existsSync(process.env.FAILS) && new RegExp(readFileSync(process.env.FAILS, "utf8")).test(verb + JSON.stringify(content)))
        process.exit(1);
}
`;

type Config = Readonly<Record<string, unknown>>;

/** What Redis keeps of a password. */
const hashOf = (password: string): string => createHash("sha256").update(password).digest("hex");

/** A Secret of releases, PostgreSQL's logins with a password, Redis, and pods by the key of the address that they have. */
class Cluster {
    #releases = "";
    readonly accepted = new Set<string>();
    readonly pods: { key: string; phase: string; looks: number; checksum?: string }[] = [];
    readonly asked: string[] = [];
    /** Statements that fail. */
    failing: RegExp | undefined;
    /** Hashes of Redis' passwords. */
    hashes: readonly string[] = [hashOf("generated")];
    /** The password in the Secret of a server. */
    password = (): string => "generated";

    readonly kubectl = (args: readonly string[], input?: string): Promise<string> => {
        const [verb, what, name] = args;
        if (what === "secret" && /-(redis|postgresql)$/.test(name!))
            return Promise.resolve(Buffer.from(this.password()).toString("base64"));
        if (what === "deployments,cronjobs") return Promise.resolve("current current");
        if (args.at(-1) === "redis-cli") return Promise.resolve(this.#redis(input!));
        if (verb === "apply") {
            const manifest = JSON.parse(input!) as { metadata: object };
            this.#releases = JSON.stringify({ ...manifest, metadata: { ...manifest.metadata, resourceVersion: "1" } });
        }
        if (verb === "exec")
            return this.failing?.test(args.at(-1)!)
                ? Promise.reject(new Error("no such pod"))
                : Promise.resolve(this.#sql(args.at(-1)!));
        if (what === "secret") return Promise.resolve(this.#releases);
        if (what === "pods") return Promise.resolve(JSON.stringify({ items: this.#listed() }));
        return Promise.resolve(
            what === "deployments,statefulsets" || verb !== "get" ? "" : JSON.stringify({ items: [] }),
        );
    };

    #redis(input: string): string {
        const [, password, command] = /^AUTH "(.*)"\nACL (.*)\n$/.exec(input)!;
        if (!this.hashes.includes(hashOf(password!))) return "WRONGPASS invalid username-password pair\nNOAUTH";
        const [verb, , ...rules] = command!.split(" ");
        if (verb === "GETUSER") return ["OK", "flags", "on", "passwords", ...this.hashes, "commands"].join("\n");
        for (const rule of rules)
            this.hashes = rule === "resetpass" ? [] : [...new Set([...this.hashes, rule.slice(1)])];
        return "OK\nOK\n";
    }

    #sql(statement: string): string {
        this.asked.push(statement);
        const ended = [...statement.matchAll(/alter role (\w+) password null/g)].map(([, login]) => login!);
        ended.forEach((login) => this.accepted.delete(login));
        return [...this.accepted].filter((login) => statement.includes(`'${login}'`)).join("\n");
    }

    #listed(): object[] {
        return this.pods
            .filter((pod) => pod.looks-- > 0)
            .map(({ key, phase, checksum = "" }, index) => ({
                metadata: { name: `pod-${index}`, annotations: { "checksum/database-secrets": checksum } },
                spec: {
                    containers: [
                        { env: [{ valueFrom: { secretKeyRef: { name: "tradestream-database-secrets", key } } }] },
                    ],
                },
                status: { phase },
            }));
    }
}

describe("a rotation", function () {
    this.timeout(60_000);
    let repository: Repository;
    let cluster: Cluster;
    let site: Site;

    beforeEach(async () => {
        repository = await Repository.of({ "package.json": "{}", "package-lock.json": "{}", [file]: "{}" });
        const { directory } = repository;
        const hidden = (name: string): string => path.join(directory, ".git", name);
        const env = { ASKED: hidden("asked"), FAILS: hidden("fails") };
        const command = { file: hidden("pulumi"), cwd: directory, env, stack: "trial", flags: [] };
        writeFileSync(hidden("cli.mjs"), cli);
        writeFileSync(command.file, `#!/bin/sh\nexec '${process.execPath}' '${hidden("cli.mjs")}' "$@"\n`, {
            mode: 0o755,
        });
        cluster = new Cluster();
        site = {
            command: { ...command, project: "tradestream" },
            stackFile: path.join(directory, file),
            kubectl: cluster.kubectl,
            namespace: "trial",
            releaseName: "tradestream",
            output: "pipe",
        };
        await deployed({});
    });

    afterEach(() => repository.remove());

    const write = (config: Config): void => writeFileSync(site.stackFile, JSON.stringify({ config }));
    const written = (): Config => (JSON.parse(readFileSync(site.stackFile, "utf8")) as { config: Config }).config;
    const fail = (pattern: string): void => writeFileSync(site.command.env["FAILS"]!, pattern);

    /** Makes this the last good release, and the content of the stack file. */
    async function deployed(config: Config): Promise<void> {
        write(config);
        const stackFile = readFileSync(site.stackFile, "utf8");
        const commit = await repository.git("rev-parse", "HEAD");
        await remember(site, [{ commit, stackFile, deployed: "2026-11-29T00:00:00Z" }]);
    }

    /** Configurations that `up` was run with. */
    function updates(): readonly Config[] {
        const asked = site.command.env["ASKED"]!;
        const lines = existsSync(asked) ? readFileSync(asked, "utf8").trim().split("\n") : [];
        return lines
            .map((line) => JSON.parse(line) as [string, Config])
            .filter(([verb]) => verb === "up")
            .map(([, config]) => config);
    }

    const rotated = (credential: Credential, value?: string): Promise<Outcome> =>
        rotate(site, credential, silent, value);
    const refusal = (work: Promise<unknown>): Promise<string> =>
        work.then(
            () => "none",
            (error: unknown) => (error as Error).message,
        );
    const passwords = (version: number | string): Config => ({
        "tradestream:database": { roles: { passwordVersion: String(version) } },
    });

    describe("of the JWT secret", () => {
        const [next, second] = [{ "tradestream:jwtSecretNext": "true" }, { "tradestream:jwtSecretVersion": "2" }];

        it("announces the new one before it signs", async () => {
            const { code, said } = await rotated("jwt");
            expect([code, updates()], said).to.deep.equal([0, [next, second]]);
            expect(written()).to.deep.equal(second);
        });

        it("goes on after an interruption, wherever it came", async () => {
            for (const { good, file, finished } of [
                { good: {}, file: next, finished: [next, second] },
                { good: next, file: next, finished: [second] },
                { good: next, file: {}, finished: [second] },
                { good: next, file: second, finished: [second] },
            ]) {
                const before = updates().length;
                await deployed(good);
                write(file);
                expect((await rotated("jwt")).code).to.equal(0);
                expect(updates().slice(before)).to.deep.equal(finished);
                expect(written()).to.deep.equal(second);
            }
        });

        it("whose second half cannot begin is to be run again: pods accept the new one already", async () => {
            fail("^config.*jwtSecretVersion");
            const { code, said } = await rotated("jwt");
            expect(code, said).to.equal(3);
            expect(said).to.contain("none signs with it").and.to.contain("Run it again");
            expect([updates(), written()]).to.deep.equal([[next], next]);
        });

        it("that fails goes back, with the stack file", async () => {
            fail("^up.*jwtSecretVersion");
            expect((await rotated("jwt")).code).to.equal(1);
            expect(updates()).to.deep.equal([next, second, next]);
            expect(written()).to.deep.equal(next);
        });
    });

    describe("of the database's passwords", () => {
        beforeEach(() => cluster.accepted.add("gateway_api").add("notification_worker").add("postgres"));

        it("ends the old ones when no pod has them any more", async () => {
            cluster.pods.push(
                { key: "postgres-url", phase: "Running", looks: 1 },
                { key: "postgres-url", phase: "Succeeded", looks: 9 },
                { key: "postgres-url-alternate", phase: "Running", looks: 9 },
            );
            const { code, said } = await rotated("database");
            expect(code, said).to.equal(0);
            expect(updates()).to.deep.equal([passwords(2)]);
            expect([...cluster.accepted]).to.deep.equal(["postgres"]);
            expect(cluster.pods.map(({ looks }) => looks)).to.deep.equal([-1, 7, 7]);
        });

        it("alternates between two logins", async () => {
            await deployed(passwords(2));
            cluster.accepted.clear();
            cluster.accepted.add("gateway_api_alternate");
            await rotated("database");
            expect(updates()).to.deep.equal([passwords(3)]);
            expect(cluster.asked.at(-1)).to.match(/gateway_api_alternate password null/);
        });

        it("goes on after an interruption, wherever it came", async () => {
            for (const { good, file } of [
                { good: {}, file: passwords(2) },
                { good: passwords(2), file: passwords(2) },
            ]) {
                cluster.accepted.add("gateway_api");
                await deployed(good);
                write(file);
                expect((await rotated("database")).code).to.equal(0);
                expect(written()).to.deep.equal(passwords(2));
                expect([...cluster.accepted]).to.deep.equal(["postgres"]);
            }
            expect(updates()).to.deep.equal([passwords(2)]);
        });

        it("are known from JSON text, as `pulumi config set database` writes it, too", () => {
            const file = (database: string) => JSON.stringify({ config: { "tradestream:database": database } });
            const versions = (database: string) => versionsOf(file(database), "tradestream");
            const noPassword = "redis.auth.enabled is not true: Redis asks for no password";
            expect(versions('{"roles":{"passwordVersion":2}}').database).to.equal(2);
            expect(versions('{"roles":{"enabled":false}}').without.roles).to.contain("database.roles.enabled is false");
            expect(versions("no object")).to.deep.include({ database: 1, without: { redisPassword: noPassword } });
        });

        it("is refused where PostgreSQL cannot be asked", async () => {
            cluster.failing = /select/;
            expect(await refusal(rotated("database"))).to.equal(
                "psql in the pod tradestream-postgresql-0 failed: no such pod",
            );
            expect([written(), updates()]).to.deep.equal([{}, []]);
        });

        it("is refused where the stack has no roles, and nothing is asked of the cluster", async () => {
            for (const credential of ["database", "postgres"] as const)
                for (const [change, reason] of [
                    [{ "tradestream:databaseUrl": "secret" }, "databaseUrl names a database outside the cluster"],
                    [{ "tradestream:database": { roles: { enabled: "false" } } }, "database.roles.enabled is false"],
                    [{ "tradestream:databaseMigration": { enabled: false } }, "database.roles.enabled is false"],
                    [{ "tradestream:chart": { oci: "oci://registry/chart" } }, "database.roles.enabled is false"],
                ] as const) {
                    write(change);
                    expect(await refusal(rotated(credential))).to.contain(reason);
                }
            expect([updates(), cluster.asked]).to.deep.equal([[], []]);
        });

        it("says what is left to do where the old ones do not end", async () => {
            cluster.failing = /password null/;
            const { code, said } = await rotated("database");
            expect([code, said]).to.deep.equal([
                3,
                "The passwords of version 2 are in use, but those before stay valid: psql in the pod tradestream-postgresql-0 failed: no such pod. Run it again.",
            ]);
            expect(written()).to.deep.equal(passwords(2));
        });

        it("that fails goes back, with the stack file, and ends no password", async () => {
            fail("^up.*passwordVersion");
            expect((await rotated("database")).code).to.equal(1);
            expect(written()).to.deep.equal({});
            expect(cluster.asked.join()).to.not.include("password null");
            expect(cluster.accepted).to.include("gateway_api");
        });
    });

    describe("of Redis' password", () => {
        const auth: Config = { "tradestream:redis": { auth: { enabled: true } } };
        const key = "tradestream:redisPassword";
        const given = (config: Config): string => (config[key] as { secure: string }).secure;

        beforeEach(async () => {
            await deployed(auth);
            cluster.password = () => given({ [key]: { secure: "generated" }, ...updates().at(-1) });
        });

        /** That Redis accepts the password of the stack file, and no other one. */
        const expectOne = (): void => {
            expect(cluster.hashes).to.deep.equal([hashOf(given(written()))]);
        };

        it("has it accept both, until no pod has the old one any more", async () => {
            cluster.pods.push(
                { key: "redis-url", phase: "Running", looks: 1, checksum: "before" },
                { key: "redis-url", phase: "Running", looks: 9, checksum: "current" },
                { key: "postgres-url", phase: "Running", looks: 9, checksum: "before" },
            );
            const { code, said } = await rotated("redis");
            expect(code, said).to.equal(0);
            expect(updates()).to.have.length(1);
            expectOne();
            expect(given(written())).to.match(/^[\w-]{32}$/);
            expect(cluster.pods.map(({ looks }) => looks)).to.deep.equal([-1, 7, 7]);
        });

        it("goes on after an interruption, wherever it came", async () => {
            const begun = { ...auth, [key]: { secure: "begun-and-not-lost-with-the-run." } };
            for (const hashes of [[hashOf("generated")], [hashOf("generated"), hashOf(given(begun))]]) {
                const before = updates().length;
                cluster.hashes = hashes;
                cluster.password = () => (updates().length > before ? given(begun) : "generated");
                await deployed(auth);
                write(begun);
                expect((await rotated("redis")).code).to.equal(0);
                expect([written(), updates().slice(before)]).to.deep.equal([begun, [begun]]);
                expectOne();
            }
            await deployed(begun);
            cluster.hashes = [hashOf("generated"), hashOf(given(begun))];
            expect((await rotated("redis")).code).to.equal(0);
            expect(updates()).to.have.length(2);
            expectOne();
        });

        it("that fails goes back, with the stack file, and ends the new one", async () => {
            for (const failing of ["^up.*redisPassword", "^preview"]) {
                fail(failing);
                const failed = await rotated("redis").then(
                    ({ code }) => code === 1,
                    () => true,
                );
                expect([failed, written(), cluster.hashes]).to.deep.equal([true, auth, [hashOf("generated")]]);
            }
        });

        it("is refused where Redis asks for none, is another one, or does not know the one of its Secret", async () => {
            for (const [change, reason] of [
                [{}, "redis.auth.enabled is not true"],
                [{ ...auth, "tradestream:redisUrl": "secret" }, "redisUrl names a Redis outside the cluster"],
                [{ ...auth, "tradestream:chart": { path: "charts/other" } }, "the chart is another one"],
            ] as const) {
                write(change);
                expect(await refusal(rotated("redis"))).to.contain(reason);
            }
            write(auth);
            cluster.hashes = [hashOf("another")];
            expect(await refusal(rotated("redis")))
                .to.contain("reads when it starts")
                .and.to.contain("WRONGPASS");
            expect([updates(), written()]).to.deep.equal([[], auth]);
        });
    });

    describe("of the superuser's password", () => {
        const key = "tradestream:postgresPassword";
        /** Passwords that PostgreSQL was given, of those that are meant. */
        const given = (...passwords: string[]): (string | undefined)[] =>
            cluster.asked.map((statement) => passwords.find((each) => statement.includes(scramVerifier(each))));

        it("tells PostgreSQL before the Secret has it", async () => {
            cluster.password = () => (updates()[0]![key] as { secure: string }).secure;
            expect((await rotated("postgres")).code).to.equal(0);
            const { secure } = written()[key] as { secure: string };
            expect(updates()).to.deep.equal([{ [key]: { secure } }]);
            expect(given(secure)).to.deep.equal([secure, secure]);
        });

        it("goes on after an interruption with the password of the stack file", async () => {
            const begun = { [key]: { secure: "begun-and-not-lost" } };
            write(begun);
            cluster.password = () => "begun-and-not-lost";
            expect((await rotated("postgres")).code).to.equal(0);
            expect([updates(), written()]).to.deep.equal([[begun], begun]);
            expect(given("begun-and-not-lost")).to.deep.equal(["begun-and-not-lost", "begun-and-not-lost"]);
        });

        it("that fails goes back, with the stack file and PostgreSQL", async () => {
            fail("^up.*postgresPassword");
            expect((await rotated("postgres")).code).to.equal(1);
            expect(written()).to.deep.equal({});
            expect(given("generated")).to.deep.equal([undefined, "generated"]);
        });

        it("says what is left to do where PostgreSQL cannot be asked", async () => {
            cluster.failing = new RegExp(scramVerifier("generated").replace(/[$+]/g, "\\$&"));
            const { code, said } = await rotated("postgres");
            expect(code, said).to.equal(3);
            expect(said).to.contain("another one may be valid: psql in the pod").and.to.contain("Run it again");
        });
    });

    it("of VAPID keys sets a pair of them", async () => {
        expect((await rotated("vapid")).code).to.equal(0);
        const [update] = updates() as Record<string, { secure: string }>[];
        const [privateKey, publicKey] = ["vapidPrivateKey", "vapidPublicKey"].map(
            (key) => update![`tradestream:${key}`]!.secure,
        );
        expect(vapidKeysMatch({ privateKey: privateKey!, publicKey: publicKey! })).to.equal(true);
    });

    it("of an OAuth client sets the value that is given, by standard input", async () => {
        expect((await rotated("oauth-github", "new-one")).code).to.equal(0);
        expect(updates()).to.deep.equal([{ "tradestream:githubClientSecret": { secure: "new-one" } }]);
    });

    it("that the preview refuses changes nothing", async () => {
        fail("^preview");
        expect(await refusal(rotated("oauth-google", "a b"))).to.match(/nothing was changed/);
        expect([written(), updates()]).to.deep.equal([{}, []]);
    });

    it("without a release to go back to is refused", async () => {
        site = { ...site, kubectl: new Cluster().kubectl };
        expect(await refusal(rotated("jwt"))).to.match(/no good release is known.*npm run deploy/);
        expect([written(), updates()]).to.deep.equal([{}, []]);
    });
});

describe("the command rotate", function () {
    this.timeout(60_000);
    for (const [args, message] of [
        [["--stack", "staging"], /missing required argument 'credential'/],
        [
            ["passwords", "--stack", "staging"],
            /Allowed choices are jwt, database, postgres, redis, vapid, oauth-google, oauth-github/,
        ],
        [["jwt"], /required option '-s, --stack <name>' not specified/],
        [["oauth-google", "secret", "--stack", "staging"], /too many arguments/],
        [["jwt", "--stack", "local"], /the stack local is thrown away/],
        [["jwt", "--stack", "nowhere"], /there is no stack nowhere/],
        [["oauth-google", "--stack", "staging"], /give --yes/],
    ] as const)
        it(`refuses ${args.join(" ")} with exit code 2`, () => {
            const run = ["scripts/platform/cli.ts", "rotate", ...args];
            const { status, stderr } = spawnSync(process.execPath, run, { cwd: root, encoding: "utf8", input: "" });
            expect(stderr).to.match(message);
            expect(status).to.equal(2);
        });
});
