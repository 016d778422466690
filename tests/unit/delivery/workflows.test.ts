/** What the workflows may do: pinned actions, least rights, nothing for forks, one deployment at a time. */
import { expect } from "chai";
import { actionSteps, files, jobs, names, script, text, workflow } from "./workflows.ts";
import type { Job } from "./workflows.ts";

const sameRepository = "github.event.pull_request.head.repo.full_name == github.repository";

/** The rights of each job. Whoever adds one says here why: nothing else may have it. */
const rights: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    "pull-request/check": { contents: "read" },
    "pull-request/test": { contents: "read" },
    "pull-request/preview": { contents: "read", "id-token": "write" },
    "pull-request/comment": { "pull-requests": "write" },
    "policy/report": { contents: "read" },
    "policy/upload": { "security-events": "write" },
    "deploy/check": { contents: "read" },
    "deploy/staging": { contents: "read", "id-token": "write" },
    "deploy/production-preview": { contents: "read", "id-token": "write" },
    "deploy/production": { contents: "read", "id-token": "write" },
    "drift/compare": { contents: "read", "id-token": "write" },
    "drift/report": { issues: "write" },
    "release/pack": { contents: "read" },
    "release/test": { contents: "read" },
    "release/sign": { contents: "read", "id-token": "write" },
    "release/draft": { contents: "write" },
    "release/publish": { "id-token": "write" },
};

/** Whether a job touches anything that a fork must not reach. */
function isSensitive(job: Job): boolean {
    const writes = Object.values(job.permissions ?? {}).includes("write");
    return writes || job.environment !== undefined || /secrets\.|vars\./.test(JSON.stringify(job));
}

describe("the workflows", () => {
    it("are the ones that these tests know", () => {
        const known = [...names.map((name) => `.github/workflows/${name}.yml`), ".github/actions/stack/action.yml"];
        expect(files()).to.have.members(known);
    });

    it("pin each action by its full hash, with the version beside it, the same everywhere", () => {
        const seen = new Map<string, string>();
        for (const file of files()) {
            const lines = text(file).split("\n");
            for (const line of lines.filter((each) => /^\s*(- )?uses:/.test(each))) {
                const used = line.replace(/^\s*(- )?uses:\s*/, "");
                if (used.startsWith("./")) continue;
                const [, action = "", pin = ""] = /^([^@]+)@(.*)$/.exec(used) ?? [];
                expect(pin, `${file}: ${line.trim()}`).to.match(/^[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
                expect(pin, `${file}: another ${action}`).to.equal(seen.get(action) ?? pin);
                seen.set(action, pin);
            }
        }
        expect([...seen.keys()]).to.include("pulumi/actions");
    });

    it("give nothing by default, and each job only what it needs", () => {
        for (const name of names) expect(workflow(name).permissions, name).to.deep.equal({});
        expect(
            Object.fromEntries(jobs().map(({ workflow: name, id, job }) => [`${name}/${id}`, job.permissions])),
        ).to.deep.equal(rights);
    });

    it("are never started by what a stranger controls with the repository's own rights", () => {
        for (const name of names) {
            expect(workflow(name).on).not.to.have.any.keys("pull_request_target", "workflow_run", "issue_comment");
        }
    });

    it("keep secrets, settings, environments and writing tokens away from forks", () => {
        const { jobs: all } = workflow("pull-request");
        const guarded = (job: Job): boolean => job.if?.includes(sameRepository) ?? false;
        const sensitive = Object.entries(all).filter(([, job]) => isSensitive(job));
        expect(sensitive.map(([id]) => id)).to.have.members(["preview", "comment"]);
        expect(guarded(all["preview"] as Job)).to.equal(true);
        // The comment follows the guarded job and nothing else.
        expect(all["comment"]?.needs).to.equal("preview");
        expect(all["comment"]?.if).to.contain("needs.preview.result != 'skipped'");
        for (const id of ["check", "test"]) expect(all[id]?.if, id).to.equal(undefined);
        const { report, upload } = workflow("policy").jobs;
        expect(report && isSensitive(report)).to.equal(false);
        expect(upload && guarded(upload)).to.equal(true);
        expect(upload?.if).to.match(/^github\.event_name == 'push' \|\| \(/);
    });

    it("run no code of the repository where a token may write", () => {
        for (const { workflow: name, id, job } of jobs()) {
            const writes = Object.entries(job.permissions ?? {}).some(
                ([right, level]) => level === "write" && right !== "id-token",
            );
            if (!writes) continue;
            for (const step of job.steps) {
                expect(step.run, `${name}/${id}`).to.equal(undefined);
                expect(step.uses, `${name}/${id}`).to.match(/^actions\/(download-artifact|github-script)@/);
            }
        }
    });

    it("put no expression into a script, where its value would become code", () => {
        const steps = [...jobs().flatMap(({ job }) => job.steps), ...actionSteps()];
        for (const { run, with: inputs } of steps) {
            expect(run ?? "").not.to.contain("${{");
            expect(inputs?.["script"] ?? "").not.to.contain("${{");
        }
        // The check above must have had something to look at.
        expect(script(workflow("drift").jobs["report"])).to.contain("await");
    });

    it("leave no credentials in the checkout, and let no job run for ever", () => {
        for (const { workflow: name, id, job } of jobs()) {
            expect(job["timeout-minutes"], `${name}/${id}`).to.be.within(1, 90);
            for (const step of job.steps.filter(({ uses }) => uses?.startsWith("actions/checkout@"))) {
                expect(step.with?.["persist-credentials"], `${name}/${id}`).to.equal(false);
            }
        }
    });

    it("read no cache next to credentials", () => {
        const withCredentials = jobs().filter(({ job }) => job.environment !== undefined);
        const steps = [...withCredentials.flatMap(({ job }) => job.steps), ...actionSteps()];
        expect(steps.filter(({ uses }) => uses?.startsWith("actions/cache@"))).to.deep.equal([]);
        const caching = steps.filter(({ uses }) => /^actions\/setup-/.test(uses ?? "")).map((step) => step.with);
        expect(caching).to.have.lengthOf(3);
        for (const each of caching) expect(each?.["cache"] ?? each?.["package-manager-cache"]).to.equal(false);
    });

    describe("deployments", () => {
        const { jobs: all, on } = workflow("deploy");

        it("start from main alone", () => {
            expect(on["push"]).to.deep.equal({ branches: ["main"] });
            expect(all["check"]?.if).to.equal("github.ref == 'refs/heads/main'");
            expect(all["staging"]?.needs).to.equal("check");
            expect(all["production-preview"]?.needs).to.deep.equal(["check", "staging"]);
            expect(all["production-preview"]?.if).to.contain("needs.check.result == 'success'");
        });

        it("reach production after staging and a preview, through the environment that asks a person", () => {
            expect(all["production-preview"]?.if).to.contain("needs.staging.result == 'success'");
            expect(all["production"]?.needs).to.equal("production-preview");
            expect(all["production"]?.if).to.contain("needs.production-preview.result == 'success'");
            expect(all["production"]?.environment).to.equal("production");
            expect(all["staging"]?.environment).to.equal("staging");
        });

        it("run one at a time per stack, and are never cut off", () => {
            for (const stack of ["staging", "production"]) {
                const concurrency = { group: `deploy-${stack}`, "cancel-in-progress": false };
                expect(all[stack]?.concurrency).to.deep.equal(concurrency);
            }
        });

        it("have every commit at hand, to go back to one", () => {
            for (const stack of ["staging", "production"]) {
                const checkout = all[stack]?.steps.find(({ uses }) => uses?.startsWith("actions/checkout@"));
                expect(checkout?.with?.["fetch-depth"], stack).to.equal(0);
            }
        });

        it("run in no job but these", () => {
            const up = jobs().filter(({ job }) => job.steps.some((step) => step.with?.["command"] === "up"));
            expect(up.map(({ workflow: name, id }) => `${name}/${id}`)).to.deep.equal([
                "deploy/staging",
                "deploy/production",
            ]);
        });
    });

    it("look without the environments that deploy", () => {
        for (const { job } of jobs()) {
            const commands = job.steps.map((step) => step.with?.["command"]).filter((each) => each !== undefined);
            if (commands.includes("preview") || commands.includes("drift"))
                expect(job.environment).to.match(/-preview$/);
        }
    });

    it("hand every input to the action that it declares, and no other", () => {
        const declared = [...text(".github/actions/stack/action.yml").matchAll(/^ {2}([a-z-]+):\n {4}description/gm)];
        const inputs = declared.map(([, input]) => input);
        expect(inputs).to.have.lengthOf(9);
        const uses = jobs().flatMap(({ job }) => job.steps.filter(({ uses }) => uses === "./.github/actions/stack"));
        expect(uses).to.have.lengthOf(5);
        for (const step of uses) expect(Object.keys(step.with ?? {})).to.have.members(inputs);
    });

    it("install the CLI of the SDK's version, and nothing else of Pulumi's action: its `up` skips the preview", () => {
        const { dependencies } = JSON.parse(text("package.json")) as { dependencies: Record<string, string> };
        const steps = actionSteps().filter(({ uses }) => uses?.startsWith("pulumi/actions@"));
        expect(steps.map((step) => step.with)).to.deep.equal([{ "pulumi-version": dependencies["@pulumi/pulumi"] }]);
    });

    it("call only commands that exist", () => {
        const { scripts } = JSON.parse(text("package.json")) as { scripts: Record<string, string> };
        const all = [...files(), ".github/actions/stack/run.sh"].map(text).join("\n");
        const make = [...all.matchAll(/run: make ([a-z]+)/g)].map(([, target]) => target ?? "");
        expect(make).to.include("check");
        for (const target of make) expect(text("Makefile"), target).to.match(new RegExp(`^${target}:`, "m"));
        const npm = [...all.matchAll(/npm run --silent ([a-z]+)/g)].map(([, name]) => name ?? "");
        expect(npm).to.have.members([
            ...["render", "compare", "policy", "digests", "tools", "diagnose", "status", "deploy"],
        ]);
        expect(scripts).to.include.keys(npm);
    });
});
