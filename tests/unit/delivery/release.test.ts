/**
 * A release, step by step as the workflow makes it, in a copy of this repository: from a changelog fragment to a tag on a
 * server and a registry. Sigstore and npm cannot be reached from a test: here a key signs, and a registry on 127.0.0.1 takes
 * the packages.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect } from "chai";
import { execa } from "execa";
import semver from "semver";
import components from "../../../components/package.json" with { type: "json" };
import policyPack from "../../../policy-pack/package.json" with { type: "json" };
import { root } from "../../support/configuration.ts";
import { npmVariables, type Registry, startRegistry } from "../../support/registry.ts";
import { Repository } from "../../support/repository.ts";
import { run } from "../../support/packed.ts";
import { ran } from "./flow.ts";
import { callable, command, type Job, jobs, script, workflow } from "./workflows.ts";

const manifests = ["package.json", ...["release", "components", "policy-pack"].map((part) => `${part}/package.json`)];
const all = ["pack", "test", "sign", "draft", "publish"];

/** Releases that a script makes. */
class GitHub {
    readonly releases: Readonly<Record<string, unknown>>[] = [];
    readonly assets: string[] = [];
    readonly rest = {
        repos: {
            createRelease: (release: Readonly<Record<string, unknown>>) => {
                this.releases.push(release);
                return { data: { id: this.releases.length } };
            },
            uploadReleaseAsset: ({ name, data }: { name: string; data: Buffer }) => {
                if (data.length > 0) this.assets.push(name);
            },
        },
    };
}

describe("the jobs of a release", () => {
    const event = "workflow_dispatch";

    it("run one after the other, on main alone", () => {
        expect(ran("release", { event })).to.deep.equal(all);
        expect(ran("release", { event, ref: "refs/heads/x" })).to.deep.equal([]);
        expect(Object.keys(workflow("release").on)).to.deep.equal([event]);
    });

    for (const [index, job] of all.entries())
        it(`end with ${job} where that fails`, () =>
            expect(ran("release", { event, failing: [job] })).to.deep.equal(all.slice(0, index + 1)));

    it("test what they release with all tests, publish it where a person approves, and read no cache", () => {
        const { test, publish } = workflow("release").jobs;
        const commands = (job: Job | undefined) => job?.steps.flatMap((step) => step.run ?? []);
        expect(commands(test))
            .to.deep.equal(commands(workflow("pull-request").jobs["test"]))
            .and.include(".ci/run");
        expect(publish?.environment).to.equal("npm");
        const steps = jobs().flatMap(({ workflow: name, job }) => (name === "release" ? job.steps : []));
        expect(steps.filter(({ uses }) => uses?.startsWith("actions/cache@"))).to.deep.equal([]);
        const setups = steps.filter(({ uses }) => /^actions\/setup-/.test(uses ?? "")).map((step) => step.with);
        expect(setups).to.have.lengthOf(5);
        for (const each of setups) expect(each?.["cache"] ?? each?.["package-manager-cache"]).to.equal(false);
    });
});

describe("a release", function () {
    this.timeout(180_000);
    let scratch: string;
    let release: string;
    let server: string;
    let clone: Repository;
    let version: string;

    before(async () => {
        scratch = mkdtempSync(path.join(os.tmpdir(), "tradestream-release-test-"));
        release = path.join(scratch, "release");
        server = path.join(scratch, "server", "o", "r.git");
        clone = await Repository.copy();
        mkdirSync(server, { recursive: true });
        await execa("git", ["init", "--quiet", "--bare"], { cwd: server });
        await keys("releaser");
        await keys("stranger");
        await clone.git("config", "gpg.format", "ssh");
        await clone.git("config", "user.signingkey", path.join(scratch, "releaser.pub"));
        await clone.git("config", "user.name", "releaser");
        await clone.git("config", "user.email", "releaser@example.com");
    });
    after(() => {
        rmSync(scratch, { recursive: true, force: true });
        clone.remove();
    });

    async function keys(name: string): Promise<void> {
        await execa("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", path.join(scratch, name)]);
        const key = readFileSync(path.join(scratch, `${name}.pub`), "utf8");
        writeFileSync(path.join(scratch, `${name}.signers`), `${name}@example.com ${key}`);
    }
    /** Runs the one step of a job that has a text, as GitHub does. */
    function step(job: string, part: string, variables: NodeJS.ProcessEnv = {}) {
        return bash(command("release", job, part), clone.directory, variables);
    }
    function bash(text: string, cwd: string, variables: NodeJS.ProcessEnv) {
        const { status, stdout, stderr } = spawnSync("bash", ["-e", "-c", text], {
            cwd,
            encoding: "utf8",
            env: {
                ...process.env,
                RUNNER_TEMP: scratch,
                GITHUB_SERVER_URL: "https://github.com",
                GITHUB_REPOSITORY: "o/r",
                ...variables,
            },
        });
        return { status, output: stdout + stderr };
    }
    const refusals = () => {
        const { status, output } = step("pack", "refuse()");
        return { status, errors: output.split("\n").filter((line) => line.startsWith("::error::")) };
    };
    const versions = () =>
        manifests.map(
            (file) =>
                (JSON.parse(readFileSync(path.join(clone.directory, file), "utf8")) as { version: string }).version,
        );
    const read = (file: string) => readFileSync(path.join(release, file), "utf8");
    /** Checks a tag against a list of those who may sign. */
    const verify = (directory: string, signers: string) =>
        execa("git", ["-c", `gpg.ssh.allowedSignersFile=${path.join(scratch, signers)}`, "verify-tag", `v${version}`], {
            cwd: directory,
            reject: false,
        });

    it("begins with fragments, which one command turns into a version and changelogs", async () => {
        const [before, ...others] = versions();
        expect(others).to.deep.equal([before, before, before]);
        // What waits for a release of this repository is not of this one.
        for (const file of readdirSync(path.join(clone.directory, ".changeset")).filter((name) => name.endsWith(".md")))
            rmSync(path.join(clone.directory, ".changeset", file));
        await clone.commit({
            ".changeset/one.md": '---\n"tradestream": minor\n---\n\nServices can be weighed.\n',
            ".changeset/two.md": '---\n"tradestream-policy-pack": patch\n---\n\nA rule about weight.\n',
        });
        expect(refusals()).to.deep.include({ status: 1 });
        expect(refusals().errors)
            .to.have.lengthOf(1)
            .and.property("0")
            .match(/fragments are left/);
        run("npm", ["run", "--silent", "release:version"], clone.directory);
        version = semver.inc(before!, "minor")!;
        expect(versions()).to.deep.equal([version, version, version, version]);
        const changed = (await clone.git("status", "--porcelain")).split("\n").map((line) => line.slice(3));
        expect(changed).to.include.members([...manifests, "package-lock.json", ".changeset/one.md"]);
        expect(
            changed.filter((file) => !/package(-lock)?\.json$|CHANGELOG\.md$|^\.changeset\//.test(file)),
        ).to.deep.equal([]);
    });

    it("is refused while anything is not committed", async () => {
        expect(refusals().errors)
            .to.have.lengthOf(1)
            .and.property("0")
            .match(/Files differ from the commit/);
        await clone.commit();
        expect(refusals()).to.deep.equal({ status: 0, errors: [] });
    });

    it("packs the packages with their origin, an SBOM, and notes of this version", () => {
        const { status, output } = step("pack", "npm sbom");
        expect(status, output).to.equal(0);
        const tarballs = ["components", "policy-pack"].map((part) => `tradestream-${part}-${version}.tgz`);
        expect(readdirSync(release)).to.have.members(["version", "notes.md", "sbom.cdx.json", ...tarballs]);
        expect(read("version")).to.equal(`${version}\n`);
        for (const tarball of tarballs) {
            const manifest = run("tar", ["-xOzf", path.join(release, tarball), "package/package.json"], scratch);
            expect(JSON.parse(manifest)).to.deep.include({
                version,
                repository: { url: "git+https://github.com/o/r.git" },
            });
        }
        const sbom = JSON.parse(read("sbom.cdx.json")) as {
            readonly metadata: { readonly component: { readonly purl: string } };
            readonly components: readonly { readonly purl: string }[];
        };
        expect(sbom.metadata.component.purl).to.equal(`pkg:npm/tradestream-pulumi@${version}`);
        const purls = sbom.components.map(({ purl }) => purl).join("\n");
        expect(purls)
            .to.contain("pkg:npm/%40pulumi/kubernetes@")
            .and.contain("pkg:npm/zod@")
            .and.not.contain("/mocha@");
        expect(read("notes.md")).to.match(
            /^## tradestream\n\n### Minor Changes\n\n- \w+: Services can be weighed\.\n\n## tradestream-components\n\nNo changes in this release\.\n\n## tradestream-policy-pack\n\n### Patch Changes\n\n- \w+: A rule about weight\.\n\n$/,
        );
    });

    it("is tagged with its version by who may sign, and by nobody else", async () => {
        await clone.git("checkout", "--quiet", "--", ".");
        await clone.git("push", "--quiet", server, "HEAD:refs/heads/main");
        const { status, output } = step("sign", "--sign");
        expect(status, output).to.equal(0);
        const verified = await verify(clone.directory, "releaser.signers");
        expect(verified.exitCode, verified.stderr).to.equal(0);
        expect((await verify(clone.directory, "stranger.signers")).exitCode).to.not.equal(0);
        expect(await clone.git("rev-parse", `v${version}^{commit}`)).to.equal(await clone.git("rev-parse", "HEAD"));
        expect(await clone.git("tag", "--list", "--format=%(contents:subject)")).to.equal("## tradestream");
    });

    describe("on the server", () => {
        const home = process.cwd();
        const github = new GitHub();
        beforeEach(() => {
            const place = mkdtempSync(path.join(scratch, "job-"));
            run("cp", ["-r", release, path.join(scratch, "tag.bundle"), place], scratch);
            run("mv", ["tag.bundle", "release/"], place);
            process.chdir(place);
        });
        afterEach(() => process.chdir(home));

        const publish = async () =>
            callable(script(workflow("release").jobs["draft"]))(
                github,
                {
                    serverUrl: `file://${path.join(scratch, "server")}`,
                    repo: { owner: "o", repo: "r" },
                    sha: await clone.git("rev-parse", "HEAD"),
                },
                { getInput: () => "token" },
                { exec: (file: string, args: string[], options: object) => execa(file, args, options) },
            );

        it("has the signed tag, and a draft with notes, packages and SBOM", async () => {
            await publish();
            expect((await verify(server, "releaser.signers")).exitCode).to.equal(0);
            const tagged = await execa("git", ["rev-parse", `v${version}^{commit}`], { cwd: server });
            expect(tagged.stdout).to.equal(await clone.git("rev-parse", "HEAD"));
            expect(github.releases).to.have.lengthOf(1);
            expect(github.releases[0]).to.include({ tag_name: `v${version}`, draft: true, body: read("notes.md") });
            expect(github.assets).to.have.members(
                readdirSync(release).filter((file) => !/^(version|notes\.md)$/.test(file)),
            );
        });

        it("keeps a tag that it has, whatever is pushed later, and drafts nothing more", async () => {
            const { stdout: kept } = await execa("git", ["rev-parse", `v${version}`], { cwd: server });
            await clone.git("tag", "--sign", "--force", "--message", "another", `v${version}`);
            await clone.git("bundle", "create", "--quiet", path.resolve("release/tag.bundle"), `v${version}`, "^HEAD");
            const refused = await publish().then(() => "pushed", String);
            expect(refused).to.match(/\[rejected\].*already exists/);
            const { stdout: now } = await execa("git", ["rev-parse", `v${version}`], { cwd: server });
            expect(now).to.equal(kept);
            expect(github.releases).to.have.lengthOf(1);
        });
    });

    it("is not made again", () => {
        expect(refusals().errors)
            .to.have.lengthOf(1)
            .and.property("0")
            .match(/is released: add a changelog fragment/);
    });

    it("publishes what was packed, with provenance", () => {
        const tools = path.join(scratch, "tools");
        mkdirSync(tools);
        writeFileSync(path.join(tools, "npm"), '#!/bin/sh\necho "$@"\n', { mode: 0o755 });
        const { status, output } = step("publish", "npm publish", { PATH: `${tools}:${process.env["PATH"]}` });
        expect(status).to.equal(0);
        expect(output.trim().split("\n")).to.deep.equal(
            ["components", "policy-pack"].map(
                (part) => `publish ${release}/tradestream-${part}-${version}.tgz --provenance --access public`,
            ),
        );
    });

    describe("on a registry", function () {
        const packages = [components.name, policyPack.name];
        let directory: string;
        let registry: Registry | undefined;

        before(async function () {
            // The first time, it is installed.
            this.timeout(300_000);
            directory = mkdtempSync(path.join(scratch, "npm-"));
            registry = await startRegistry(path.join(directory, "registry"));
        });
        after(() => registry?.stop());

        const signedIn = () => npmVariables(registry!, directory, registry!.token);
        /**
         * Runs the step as the job does, where no repository is, but without the provenance: a certificate for the identity
         * of a run of GitHub's signs it, and npm publishes nothing without that.
         */
        function publish(variables: NodeJS.ProcessEnv) {
            const text = command("release", "publish", "npm publish");
            expect(text).to.contain(" --provenance ");
            return bash(text.replace(" --provenance ", " "), directory, variables);
        }
        /** What npm says, not signed in. */
        const npm = (...args: string[]) =>
            execa("npm", args, { cwd: directory, env: npmVariables(registry!, directory), reject: false });
        const tarball = (name: string) => readFileSync(path.join(release, `${name}-${version}.tgz`));
        const integrity = (file: Buffer) => `sha512-${createHash("sha512").update(file).digest("base64")}`;

        it("gets nothing from who is not signed in, or with a token that is none of the registry's", async () => {
            const nobody = publish(npmVariables(registry!, directory));
            expect(nobody.output).to.contain("npm error code ENEEDAUTH");
            const stranger = publish(npmVariables(registry!, directory, "stranger"));
            expect(stranger.output).to.contain("npm error code E401");
            expect([nobody.status, stranger.status]).to.deep.equal([1, 1]);
            for (const name of packages) expect((await npm("view", name)).stderr).to.contain("npm error code E404");
        });

        it("gets nothing with provenance where no run of GitHub's can sign it", () => {
            const { status, output } = bash(command("release", "publish", "npm publish"), directory, signedIn());
            expect(status).to.equal(1);
            expect(output).to.match(/npm error code EUSAGE\n.*provenance/);
        });

        it("gets both packages, with this version, as they were packed", async () => {
            const { status, output } = publish(signedIn());
            expect(status, output).to.equal(0);
            for (const name of packages) {
                const view = await npm("view", "--json", name, "name", "version", "repository.url", "dist.integrity");
                expect(JSON.parse(view.stdout)).to.deep.equal({
                    name,
                    version,
                    "repository.url": "git+https://github.com/o/r.git",
                    "dist.integrity": integrity(tarball(name)),
                });
            }
        });

        it("gives them to an empty project that asks by name", async () => {
            const project = path.join(directory, "project");
            mkdirSync(project);
            writeFileSync(path.join(project, "package.json"), JSON.stringify({ private: true }));
            // What they need is not on this registry: it is linked to this repository's.
            const needed = Object.keys({ ...components.peerDependencies, ...policyPack.dependencies });
            const links = needed.map((name) => path.join(root, "node_modules", name));
            const named = packages.map((name) => `${name}@${version}`);
            const variables = npmVariables(registry!, directory);
            const install = ["install", "--ignore-scripts", "--install-links=false", ...named, ...links];
            const { exitCode, stderr } = await execa("npm", install, { cwd: project, env: variables, reject: false });
            expect(exitCode, stderr).to.equal(0);
            const lock = JSON.parse(readFileSync(path.join(project, "package-lock.json"), "utf8")) as {
                readonly packages: Readonly<Record<string, { readonly integrity?: string }>>;
            };
            for (const name of packages)
                expect(lock.packages[`node_modules/${name}`]).to.deep.include({
                    version,
                    integrity: integrity(tarball(name)),
                });
            const used = `import("${components.name}/Worker").then(({ Worker }) => console.log(Worker.name))`;
            expect(run(process.execPath, ["--eval", used], project)).to.equal("Worker\n");
            expect(run("node_modules/.bin/tradestream-policy", ["--help"], project)).to.contain("tradestream-policy");
        });

        it("keeps a version that it has, whatever is published later", async () => {
            const other = path.join(directory, "other");
            mkdirSync(path.join(other, "release"), { recursive: true });
            writeFileSync(path.join(other, "package.json"), JSON.stringify({ name: components.name, version }));
            run("npm", ["pack", "--silent", "--pack-destination", "release"], other);
            const variables = { ...signedIn(), RUNNER_TEMP: other };
            // Since version 11, npm asks first, and refuses by itself; with --force it leaves that to the registry.
            const asked = publish(variables);
            expect(asked.output).to.match(/cannot publish over the previously published versions|already present/);
            const forced = publish({ ...variables, npm_config_force: "true" });
            expect(forced.output).to.match(/npm error code E409\n.*this package is already present/);
            expect([asked.status, forced.status]).to.deep.equal([1, 1]);
            const kept = await npm("view", components.name, "dist.integrity");
            expect(kept.stdout).to.equal(integrity(tarball(components.name)));
        });
    });
});
