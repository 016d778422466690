/** What `deploy` and `rollback` do in each case: real git, a CLI that notes what it is asked, a cluster in memory. */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import { parse, stringify } from "yaml";
import { deploy, type DeployOptions, type Outcome, rollBack, type Site } from "../../scripts/deploy/index.ts";
import { withMigration } from "../../scripts/deploy/migration.ts";
import { readReleases } from "../../scripts/deploy/releases.ts";
import { badRelease } from "../../scripts/drills/bad-release.ts";
import type { Fault } from "../../scripts/drills/drill.ts";
import type { Status } from "../../scripts/status/index.ts";
import { Repository } from "../support/repository.ts";
import { silent } from "../support/reports.ts";

const file = "Pulumi.trial.yaml";

/** Fails where the stack file says so, as the program of a bad release does. */
const cli = `#!/bin/sh
case "$1 $2" in
"whoami --json") echo '{"url":"s3://states"}' ;;
"stack ls") echo '[]' ;;
"stack export") echo '{"deployment":{}}' ;;
*)
    file=${file}
    for word; do [ "$last" = --config-file ] && file=$word; last=$word; done
    content="$(cat "$file")"
    echo "$1 $(git rev-parse HEAD)$(echo "$content" | grep -o ' sha256:0000*')" >> "$ASKED"
    [ "$1" = up ] && echo "$content" > "$ASKED.file"
    case "$content" in
    *"$1: locked"*) echo 'error: the stack is currently locked by 1 lock(s)' >&2; exit 255 ;;
    *"$1: fails"*) exit 1 ;;
    *"sha256:0000"*) [ "$1" != up ] || [ -e "$ASKED.lenient" ] || exit 1 ;;
    esac ;;
esac
`;

interface Secret {
    readonly metadata: { readonly resourceVersion: string };
    readonly data: { readonly releases: string };
}

/** A Secret and the Jobs of migrations. */
class Cluster {
    #secret: Secret | undefined;
    migrations: { name: string; succeeded: number }[] = [{ name: "migration-1", succeeded: 1 }];
    onRollout = (): void => undefined;

    readonly kubectl = (args: readonly string[], input?: string): Promise<string> => {
        const [verb, what] = args;
        if (verb === "apply") return this.apply(JSON.parse(input!) as Secret);
        if (verb === "rollout") return Promise.resolve().then(() => (this.onRollout(), ""));
        if (what === "secret") return Promise.resolve(this.#secret === undefined ? "" : JSON.stringify(this.#secret));
        if (what === "deployments,statefulsets") return Promise.resolve("deployment.apps/gateway-api\n");
        if (what === "jobs" && args.includes("-l")) return Promise.resolve(JSON.stringify({ items: this.jobs() }));
        return Promise.resolve(JSON.stringify({ items: [] }));
    };

    /** Somebody else writes. */
    touch(): void {
        const { metadata, ...rest } = this.#secret!;
        this.#secret = { ...rest, metadata: { resourceVersion: `${metadata.resourceVersion}0` } };
    }

    private apply(given: Secret): Promise<string> {
        const found = this.#secret?.metadata.resourceVersion;
        if (given.metadata.resourceVersion !== undefined && given.metadata.resourceVersion !== found)
            return Promise.reject(new Error("the object has been modified"));
        this.#secret = { ...given, metadata: { resourceVersion: `${found ?? ""}1` } };
        return Promise.resolve("");
    }

    private jobs(): object[] {
        return this.migrations.map(({ name, succeeded }, index) => ({
            metadata: { name, creationTimestamp: `2026-11-29T00:00:0${index}Z` },
            spec: { template: { spec: { containers: [{ image: `example/${name}:v2` }] } } },
            status: { succeeded },
        }));
    }
}

describe("a deployment", function () {
    this.timeout(60_000);
    let repository: Repository;
    let cluster: Cluster;
    let site: Site;

    beforeEach(async () => {
        repository = await Repository.of({
            "package.json": "{}",
            "package-lock.json": "{}",
            [file]: stringify({ config: {} }),
        });
        const { directory } = repository;
        const env = { ASKED: path.join(directory, ".git/asked") };
        const command = { file: path.join(directory, "pulumi"), cwd: directory, env, stack: "org/trial", flags: [] };
        writeFileSync(path.join(directory, ".git/info/exclude"), "pulumi\n");
        writeFileSync(command.file, cli, { mode: 0o755 });
        cluster = new Cluster();
        site = {
            command: { ...command, project: "tradestream" },
            stackFile: path.join(directory, file),
            kubectl: cluster.kubectl,
            namespace: "trial",
            releaseName: "tradestream",
            output: "pipe",
        };
    });

    afterEach(() => repository.remove());

    /** Commits a release whose stack file says this, and deploys it. */
    async function release(
        config: object,
        options: Partial<DeployOptions> = {},
    ): Promise<Outcome & { commit: string }> {
        const commit = await repository.commit({ [file]: stringify({ config }) });
        return { commit, ...(await deploy(site, { rollback: true, policies: [], ...options }, silent)) };
    }

    const refusal = (work: Promise<unknown>): Promise<string> =>
        work.then(
            () => "none",
            (error: unknown) => (error as Error).message,
        );
    const calls = (): string[] => readFileSync(site.command.env["ASKED"]!, "utf8").trim().split("\n");
    const lastStackFile = (): unknown => parse(readFileSync(`${site.command.env["ASKED"]}.file`, "utf8"));
    const commits = async (): Promise<string[]> => (await readReleases(site)).good.map(({ commit }) => commit);

    it("that is good is remembered, with the one before it and no more", async () => {
        const made = [await release({ n: 1 }), await release({ n: 2 }), await release({ n: 3 })];
        expect(made.map(({ code }) => code)).to.deep.equal([0, 0, 0]);
        expect(await commits()).to.deep.equal([made[2]!.commit, made[1]!.commit]);
        expect(calls().slice(-2)).to.deep.equal([`preview ${made[2]!.commit}`, `up ${made[2]!.commit}`]);
    });

    it("that is repeated is remembered once", async () => {
        const [first, second] = [await release({ n: 1 }), await release({ n: 2 })];
        await deploy(site, { rollback: true, policies: [] }, silent);
        expect(await commits()).to.deep.equal([second.commit, first.commit]);
    });

    it("that fails brings back the last good commit and stack file, and leaves no work tree", async () => {
        const good = await release({ n: 1, "tradestream:key": { secure: "v1:abc=" } });
        const bad = await release({ up: "fails" });
        expect(bad.code).to.equal(1);
        expect(bad.said)
            .to.contain(bad.commit.slice(0, 10))
            .and.contain(`${good.commit.slice(0, 10)} of`);
        expect(calls().slice(-2)).to.deep.equal([`up ${bad.commit}`, `up ${good.commit}`]);
        expect(lastStackFile()).to.deep.equal({ config: { n: 1, "tradestream:key": { secure: "v1:abc=" } } });
        expect(await commits()).to.deep.equal([good.commit]);
        expect((await readReleases(site)).unfinished).to.equal(undefined);
        expect((await repository.git("worktree", "list")).split("\n")).to.have.length(1);
    });

    it("whose pods do not become ready goes back as well", async () => {
        const good = await release({ n: 1 });
        cluster.onRollout = () => {
            cluster.onRollout = () => undefined;
            throw new Error("exceeded its progress deadline");
        };
        const bad = await release({ n: 2 });
        expect([bad.code, calls().at(-1)]).to.deep.equal([1, `up ${good.commit}`]);
        expect(bad.said).to.contain("its pods do not become ready");
    });

    it("that fails stays where there is nothing to go back to, and with --no-rollback", async () => {
        expect((await release({ up: "fails" })).code).to.equal(3);
        const good = await release({ n: 1 });
        const bad = await release({ up: "fails" }, { rollback: false });
        expect([bad.code, calls().at(-1)]).to.deep.equal([3, `up ${bad.commit}`]);
        expect(await commits()).to.deep.equal([good.commit]);
    });

    it("that is interrupted stays", async () => {
        await release({ n: 1 });
        cluster.onRollout = () => {
            process.emit("SIGTERM");
            throw new Error("signal: terminated");
        };
        const ended = await release({ n: 2 });
        expect([ended.code, calls().at(-1)]).to.deep.equal([3, `up ${ended.commit}`]);
        expect(ended.said).to.contain("interrupted");
    });

    it("that cannot be taken back says both reasons, and is still to be taken back", async () => {
        const good = await release({ n: 1 });
        cluster.onRollout = () => {
            throw new Error("the cluster is away");
        };
        const bad = await release({ n: 2 });
        expect(bad.code).to.equal(3);
        expect(bad.said).to.match(/has failed: .* Going back to .* has failed too: /);
        expect((await readReleases(site)).unfinished).to.equal(bad.commit);
        cluster.onRollout = () => undefined;
        expect((await rollBack(site, silent)).code).to.equal(0);
        expect(calls().at(-1)).to.equal(`up ${good.commit}`);
    });

    it("by hand goes back from a good release to the one before it, and then no further", async () => {
        const good = await release({ n: 1 });
        await release({ n: 2 });
        expect((await rollBack(site, silent)).code).to.equal(0);
        expect(calls().at(-1)).to.equal(`up ${good.commit}`);
        expect(await commits()).to.deep.equal([good.commit]);
        expect(await refusal(rollBack(site, silent))).to.contain("no earlier release");
    });

    describe("with a migration that has run", () => {
        const bad = (irreversible: boolean, key = "tradestream:databaseMigration") => ({
            up: "fails",
            [key]: { image: { tag: "v2" }, ...(irreversible && { irreversible }) },
        });

        it("goes back with its image, not with the older one, and names it", async () => {
            const older = { image: { tag: "v1", digest: "sha256:1" }, backoffLimit: 1 };
            await release({ "tradestream:databaseMigration": older });
            cluster.migrations.push({ name: "migration-2", succeeded: 1 });
            const { code, said } = await release(bad(false));
            expect(code).to.equal(1);
            expect(said).to.contain("keeps what the migration migration-2 (example/migration-2:v2) has done");
            const image = { repository: "example/migration-2", tag: "v2" };
            const config = { "tradestream:databaseMigration": { ...older, image } };
            expect(lastStackFile()).to.deep.equal({ config });
        });

        it("takes references with ports, tags and digests apart", () => {
            const image = (reference: string): unknown => {
                const migration = { name: "migration-2", image: reference };
                const text = withMigration("config: {}\n", "tradestream", migration);
                const { config } = parse(text) as { config: Record<string, { image: unknown }> };
                return config["tradestream:databaseMigration"]!.image;
            };
            const repository = "registry.example.com:5000/team/migration";
            expect(image(repository)).to.deep.equal({ repository });
            expect(image(`${repository}:v2`)).to.deep.equal({ repository, tag: "v2" });
            expect(image(`${repository}:v2@sha256:ab`)).to.deep.equal({ repository, tag: "v2", digest: "sha256:ab" });
        });

        for (const key of ["tradestream:databaseMigration", "databaseMigration"])
            it(`stays where that is irreversible, and names it: ${key}`, async () => {
                await release({ n: 1 });
                cluster.migrations.push({ name: "migration-2", succeeded: 1 });
                const { code, said, commit } = await release(bad(true, key));
                expect([code, calls().at(-1)]).to.deep.equal([3, `up ${commit}`]);
                expect(said).to.contain("migration-2 (example/migration-2:v2)").and.contain("irreversible");
                expect((await rollBack(site, silent)).code, "by hand").to.equal(3);
            });

        it("goes back where that has not succeeded, or ran before the last good release", async () => {
            await release({ n: 1 });
            cluster.migrations.push({ name: "migration-2", succeeded: 0 });
            expect((await release(bad(true))).code).to.equal(1);
            cluster.migrations[1]!.succeeded = 1;
            await release({ n: 2 });
            expect((await release(bad(true))).code).to.equal(1);
        });
    });

    describe("in the drill bad-release", () => {
        const workloads = [{ name: "tradestream-gateway-api", wanted: 2 }];

        /** The fault, as `npm run drill` prepares it. */
        const prepare = () => {
            const place = { ...site, stack: "trial", site: () => Promise.resolve(site) };
            return badRelease.prepare(place, { workloads } as unknown as Status, silent);
        };

        for (const key of ["tradestream:gatewayApi", "gatewayApi"])
            it(`fails by its image and gives way to the last good release, and no file of the work tree changes: ${key}`, async () => {
                const gatewayApi = { image: { repository: "example/api", tag: "v1" } };
                const good = await release({ [key]: gatewayApi });
                const before = readFileSync(site.stackFile, "utf8");
                const fault = await prepare();
                expect(calls().at(-1), "nothing yet").to.equal(`up ${good.commit}`);
                await fault.cause();
                expect(await fault.recovered()).to.equal(true);
                await fault.end!();
                expect(calls().slice(-3)).to.deep.equal([
                    `preview ${good.commit} ${"sha256:".padEnd(71, "0")}`,
                    `up ${good.commit} ${"sha256:".padEnd(71, "0")}`,
                    `up ${good.commit}`,
                ]);
                expect(lastStackFile()).to.deep.equal({ config: { [key]: gatewayApi } });
                expect(readFileSync(site.stackFile, "utf8")).to.equal(before);
            });

        it("has not recovered where it stays, or is found good; then it is taken back", async () => {
            const good = await release({ "tradestream:gatewayApi": {} });
            const recovered = (fault: Fault) => refusal(Promise.resolve().then(() => fault.recovered()));
            const [stays, found] = [await prepare(), await prepare()];
            cluster.onRollout = () => {
                throw new Error("the cluster is away");
            };
            await stays.cause();
            expect(await recovered(stays)).to.contain("Going back");
            cluster.onRollout = () => undefined;
            await stays.end!();
            expect((await readReleases(site)).unfinished).to.equal(undefined);
            expect(calls().at(-1)).to.equal(`up ${good.commit}`);
            writeFileSync(`${site.command.env["ASKED"]}.lenient`, "");
            await found.cause();
            expect(await recovered(found)).to.contain("Deployed");
            await found.end!();
            expect(calls().at(-1)).to.equal(`up ${good.commit}`);
        });

        it("is refused where another commit is checked out, and after a deployment that is not finished", async () => {
            const good = await release({ n: 1 });
            await repository.commit({ "other.txt": "" });
            expect(await refusal(prepare())).to.contain(`git checkout ${good.commit}`);
            const stays = await release({ up: "fails" }, { rollback: false });
            expect(await refusal(prepare())).to.contain(`the deployment of ${stays.commit} is not finished`);
        });
    });

    describe("is refused before it changes anything", () => {
        it("where files are not committed, but for the stack file", async () => {
            repository.write({ [file]: stringify({ config: { n: 2 } }) });
            expect((await deploy(site, { rollback: true, policies: [] }, silent)).code).to.equal(0);
            const before = calls();
            repository.write({ "template.yaml": "a: b" });
            const error = await refusal(deploy(site, { rollback: true, policies: [] }, silent));
            expect(error).to.contain("?? template.yaml").and.not.contain(file);
            expect(calls()).to.deep.equal(before);
        });

        it("where the preview fails", async () => {
            await release({ n: 1 });
            expect(await refusal(release({ preview: "fails" }))).to.contain("the preview has failed");
            expect(calls().at(-1)).to.contain("preview");
            expect((await readReleases(site)).unfinished).to.equal(undefined);
        });

        it("where another update has the stack, which is not taken back", async () => {
            await release({ n: 1 });
            expect(await refusal(release({ up: "locked" }))).to.contain("another update of this stack is in progress");
            expect(calls().filter((call) => call.startsWith("up"))).to.have.length(2);
        });

        it("where somebody else has deployed meanwhile", async () => {
            await release({ n: 1 });
            const { kubectl } = site;
            const racing: Site = {
                ...site,
                kubectl: async (args, input) => {
                    const answer = await kubectl(args, input);
                    if (args[1] === "secret") cluster.touch();
                    return answer;
                },
            };
            const before = calls().filter((call) => call.startsWith("up"));
            expect(await refusal(deploy(racing, { rollback: true, policies: [] }, silent))).to.contain("modified");
            expect(calls().filter((call) => call.startsWith("up"))).to.deep.equal(before);
        });

        it("where the release to go back to is not in the clone", async () => {
            await release({ n: 1 });
            const readUnknown: Site = {
                ...site,
                kubectl: async (args, input) => {
                    const answer = await site.kubectl(args, input);
                    if (args[1] !== "secret") return answer;
                    const { data, ...rest } = JSON.parse(answer) as { data: { releases: string } };
                    const text = Buffer.from(data.releases, "base64").toString();
                    const releases = text.replace(/"commit":"[0-9a-f]+"/, `"commit":"${"0".repeat(40)}"`);
                    return JSON.stringify({ ...rest, data: { releases: Buffer.from(releases).toString("base64") } });
                },
            };
            const error = await refusal(deploy(readUnknown, { rollback: true, policies: [] }, silent));
            expect(error).to.contain("0000000000 of").and.contain("--no-rollback");
        });
    });
});
